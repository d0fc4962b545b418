"""`respond review`: the screen, the spreadsheet, or the list of what waits."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from tabulate import tabulate

from playbook import wiring
from playbook.cli.desk import AtPrompt
from playbook.cli.options import HostOption, IncidentArgument, InventoryOption, JsonOption
from playbook.cli.output import note, out, result
from playbook.cli.sheets import export_sheet, import_sheet
from playbook.errors import (
    AuthenticationRefused,
    BadInput,
    ExitCode,
    RespondError,
    ServerRefused,
)
from playbook.hosts import inventory
from playbook.incident import store
from playbook.incident.incident import Incident
from playbook.incident.manifest.store import MANIFEST, Manifest
from playbook.incident.manifest.values import Cluster, QueuedFile
from playbook.mail import products
from playbook.mail.server import Samples
from playbook.review import review as open_screen
from playbook.review import told
from playbook.review.facts import reasons, rows
from playbook.review.samples import NoSamples
from playbook.review.session import ReviewSession
from playbook.review.titles import title
from playbook.secret import Secret

ExportOption = Annotated[
    Path | None, typer.Option("--export", help="Write a spreadsheet to fill in (CSV).")
]
ImportOption = Annotated[
    Path | None, typer.Option("--import", help="Take the decisions of a filled-in one.")
]


def review(
    incident: IncidentArgument = "",
    host: HostOption = "",
    inventory: InventoryOption = None,
    export: ExportOption = None,
    imported: ImportOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decide the doubtful mail of an incident, cluster by cluster.

    On a screen at a terminal, in a spreadsheet with --export and --import, or listed elsewhere.
    """
    run(Call(incident, host, inventory, export, imported, as_json))


@dataclass(frozen=True)
class Call:
    """What the command line asks for."""

    incident: str
    host: str
    inventory: Path | None
    export: Path | None
    imported: Path | None
    as_json: bool


def run(call: Call) -> NoReturn:
    """Do one of the four, settle what is settled, and end with the code that says how it stands."""
    if call.export and call.imported:
        raise BadInput("--export and --import are two calls")
    with _alone(call.incident) as case:
        session = ReviewSession(case, _manifest(case), wiring.who())
        if call.export:
            export_sheet(session, call.export)
        elif call.imported:
            import_sheet(session, call.imported)
        elif not call.as_json and all(os.isatty(stream) for stream in (0, 1, 2)):
            with _samples(call, case, session) as samples:
                open_screen(session, samples)
        elif not call.as_json:
            _list(session)
        session.settle()
        if call.as_json:
            result(json.dumps(_as_json(session)) + "\n")
        else:
            note(f"{case.name}: {told(session.progress())}")
    raise typer.Exit(ExitCode.OWED if case.obligations() else ExitCode.GREEN)


@contextmanager
def _alone(name: str) -> Iterator[Incident]:
    """The incident, with nobody else on this machine who reviews it and writes its journal.

    Raises `LeaseHeld` where somebody does.
    """
    case = store.load(name, store.home())
    with store.held(case):
        yield case


@dataclass
class _BeforeTheScreen:
    """A login's questions are asked on the terminal until the screen has it.

    A line that is lost later is opened again without a person, or not at all.
    """

    is_over: bool = False

    def passphrase(self, key_file: str) -> Secret:
        """The passphrase of a key file."""
        return self._asked().passphrase(key_file)

    def login_password(self, login: str) -> Secret:
        """The password of a login."""
        return self._asked().login_password(login)

    def sudo_password(self, login: str) -> Secret:
        """The sudo password of a login."""
        return self._asked().sudo_password(login)

    def _asked(self) -> AtPrompt:
        if self.is_over:
            raise AuthenticationRefused("The login has a question", "the screen has the terminal")
        return AtPrompt()


def _manifest(case: Incident) -> Manifest:
    path = (case.folder or Path()) / MANIFEST
    manifest = Manifest(path) if path.exists() else None
    if manifest is None or not manifest.is_sorted:
        raise BadInput(
            f"Nothing is to be reviewed in {case.name}",
            "its queue was not sorted to the end",
            "`respond resume` sorts it.",
        )
    return manifest


@contextmanager
def _samples(call: Call, case: Incident, session: ReviewSession) -> Iterator[Samples]:
    """Who reads sample mails: this machine where the folder lies here, the server, or nobody.

    Questions of the login are asked before the screen opens, by reading the first sample; a
    server that is not reached costs the samples, not the review.
    """
    first = next(iter(session.clusters()), None)
    files = session.examples(first, 1) if first else ()
    if not files or (not call.host and _reads(products.local_samples(), files[0])):
        yield products.local_samples()
        return
    known = inventory.load(inventory.find(call.inventory))
    host = known.host(call.host or case.host)
    questions = _BeforeTheScreen()
    transport = wiring.transport(host, questions)
    server = products.reader(host, transport)
    note(f"Reading a sample mail from {host.name} ...")
    try:
        because = _fault(server, files[0])
        questions.is_over = True
        yield NoSamples(because) if because else server
    finally:
        transport.close()


def _reads(samples: Samples, file: QueuedFile) -> bool:
    return not _fault(samples, file)


def _fault(samples: Samples, file: QueuedFile) -> str:
    """Why a sample cannot be read, or "" where it can, or where only this file is at fault."""
    try:
        samples.sample(file.folder, file.path)
    except ServerRefused:
        return ""
    except RespondError as error:
        return f"{error.what} ({error.because})" if error.because else error.what
    return ""


def _list(session: ReviewSession) -> None:
    rows = [
        (_state(each), each.files, title(each), "\n".join(reasons(session.facts(each))))
        for each in session.clusters()
    ]
    headers = ("decided", "files", "cluster", "why it is doubtful")
    table = [(a, b, c, d) for a, b, c, d in rows]
    widths = [None, None, 40, 60]
    text = tabulate(table, headers, maxcolwidths=widths, disable_numparse=True)
    out(text)
    note("Decide at a terminal with `respond review`, or in a spreadsheet with --export FILE.")


def _state(cluster: Cluster) -> str:
    return cluster.decided.value if cluster.decided else "open"


def _as_json(session: ReviewSession) -> dict[str, object]:
    def row(cluster: Cluster) -> dict[str, object]:
        found = session.facts(cluster)
        decided = cluster.decided.value if cluster.decided else None
        return {
            "cluster": cluster.id,
            "title": title(cluster),
            "files": cluster.files,
            "size_bytes": cluster.size_bytes,
            "decided": decided,
            "reasons": list(reasons(found)),
            "facts": dict(rows(found)),
        }

    return {
        "incident": session.case.name,
        "progress": asdict(session.progress()),
        "clusters": [row(each) for each in session.clusters()],
    }
