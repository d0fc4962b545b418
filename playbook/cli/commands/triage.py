"""`respond triage`: sort a folder of queue files, here or on a mail server, and say why."""

import errno
import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from tabulate import tabulate

from playbook.cli.desk import Call, host_of, operator_of, set_up
from playbook.cli.options import AccountOption, InventoryOption
from playbook.cli.output import note, out, results
from playbook.errors import BadInput
from playbook.incident.triage import learn_from, told_by
from playbook.mail.products import LogReading, judge_queue, look_at, notices, read_folder
from playbook.text import one_line
from playbook.triage.clusters import ClusterKey
from playbook.triage.judgement import Judged, Judgement, judge
from playbook.triage.spool import SpooledFeatures
from playbook.triage.verdicts import Verdict

_SHOWN_CLUSTERS = 60

FolderArgument = Annotated[
    Path, typer.Argument(help="The folder of queue files, here or (with --host) there.")
]
LogsOption = Annotated[
    list[Path] | None, typer.Option("--logs", help="An SMTP log, or a folder of them.")
]
TheirHostOption = Annotated[
    str, typer.Option("--host", help="The mail server, with its own logs; else a copy here.")
]
LinesOption = Annotated[
    bool, typer.Option("--json", help="One line of JSON a file: path, verdict, reasons.")
]


def triage(
    folder: FolderArgument,
    account: AccountOption = None,
    logs: LogsOption = None,
    host: TheirHostOption = "",
    inventory: InventoryOption = None,
    as_json: LinesOption = False,
) -> None:
    """Sort a queue into spam, good and doubtful; nothing moves.

    Every verdict has its reasons, and what no evidence decides is left to a person.
    """
    if host:
        call = Call(host, inventory, yes=False, interactive=False, override="", as_json=as_json)
        triage_there(call, str(folder), tuple(account or ()))
    else:
        triage_here(folder, tuple(account or ()), tuple(logs or ()), as_json=as_json)


def triage_here(
    folder: Path, accounts: tuple[str, ...], logs: tuple[Path, ...], *, as_json: bool
) -> None:
    """Judge every file below a folder here; nothing is moved, and links are not followed."""
    for path in (folder, *logs):
        if not path.exists():
            raise BadInput(f"{path} is not there")
    if not folder.is_dir():
        raise BadInput(f"{folder} is not a folder", "", "Name the folder that holds the queue.")
    reading = LogReading()
    try:
        with SpooledFeatures(read_folder(folder)) as queue:
            judgement = judge_queue(queue, accounts, logs, reading)
            log = judgement.evidence.log
            for each in notices(look_at(queue), log, accounts, reading if logs else None):
                note(f"Note: {each}")
            _say(judgement, as_json=as_json)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BadInput(
                "What is read of the queue does not fit on the disk",
                f"{tempfile.gettempdir()} is full",
                "Make room there, or name another folder in TMPDIR.",
            ) from error
        raise BadInput(f"{error.filename or folder} cannot be read", str(error.strerror)) from error


def triage_there(call: Call, folder: str, accounts: tuple[str, ...]) -> None:
    """Judge every file below a folder of the mail server, with the server's own logs."""
    operator = operator_of(call)
    desk = set_up(call, host_of(call), operator)
    server = desk.reader(accounts)
    log = learn_from(server, operator.tells)
    with SpooledFeatures(server.queue_files(folder, operator.tells)) as queue:
        judgement = judge(queue, log, accounts, told=told_by(server))
        for each in notices(look_at(queue), log, accounts, None):
            note(f"Note: {each}")
        for each in log.gaps if call.as_json else ():
            note(f"Note: {each}")
        _say(judgement, as_json=call.as_json)


def _say(judgement: Judgement, *, as_json: bool) -> None:
    if as_json:
        _write_lines(judgement)
    else:
        _print_summary(judgement)


def _write_lines(judgement: Iterable[Judged]) -> None:
    """One line of JSON a file; a name that is not UTF-8 keeps its bytes as surrogates."""
    results(
        json.dumps(
            {
                "path": os.fsdecode(each.path),
                "verdict": each.verdict.value,
                "cluster": each.cluster.title if each.cluster else "",
                "reasons": each.reasons,
            }
        )
        + "\n"
        for each in judgement
    )


def _print_summary(judgement: Judgement) -> None:
    verdicts: Counter[Verdict] = Counter()
    clusters: Counter[ClusterKey] = Counter()
    reasons: dict[ClusterKey, tuple[str, ...]] = {}
    for each in judgement:
        verdicts[each.verdict] += 1
        if each.cluster:
            clusters[each.cluster] += 1
            reasons.setdefault(each.cluster, each.reasons)
    out(tabulate([(verdict.value, verdicts[verdict]) for verdict in Verdict], ("verdict", "files")))
    for caveat in judgement.caveats:
        out(f"Note: {one_line(caveat, 1_000)}")
    if clusters:
        out(f"\n{len(clusters)} decisions are asked of a person, the largest first:\n")
        rows = [
            (files, one_line(key.title, 400), one_line("; ".join(reasons[key]), 2_000))
            for key, files in clusters.most_common(_SHOWN_CLUSTERS)
        ]
        out(tabulate(rows, ("files", "cluster", "why it is doubtful"), maxcolwidths=[None, 40, 70]))
