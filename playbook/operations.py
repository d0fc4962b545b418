"""The one place where the parts are put together: this host, this transport, this incident."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from playbook.engine import catalog, runbook, saved_plan
from playbook.engine.person import Agreed
from playbook.engine.preflight import Preflight, preflight
from playbook.engine.runner import Entry, Runner
from playbook.errors import ExitCode, RespondError, ServerRefused, StoppedByPerson
from playbook.incident import store
from playbook.incident.incident import Incident
from playbook.incident.journal import Journal
from playbook.incident.manifest.mail_list import ManifestMailList
from playbook.incident.manifest.store import Manifest
from playbook.incident.receiver import IncidentReceiver, RehearsingReceiver
from playbook.incident.report import files
from playbook.mail import lease
from playbook.mail.foreseen import Foreseen
from playbook.mail.icewarp.adapter import IceWarp
from playbook.mail.survey import Role, SetAside, Survey
from playbook.outcome import Outcome
from playbook.plan import Hindrance
from playbook.transports.base import ReadOnly
from playbook.wiring import Desk, Options, _inputs, accounts_of, manifest_of, who

PLACEHOLDER = "INCIDENT"


@dataclass(frozen=True)
class Ended:
    """How a run ended: each step's outcome, what is owed, and the code for the shell.

    `stopped` says where a person stopped it, and how to go on; "" where it came to its end.
    """

    incident: Incident
    outcomes: dict[str, Outcome]
    code: ExitCode
    preflight: Preflight
    report: Path | None = None
    stopped: str = ""


def rehearse(desk: Desk, accounts: tuple[str, ...], options: Options) -> Ended:
    """The dry run: the same loop, on a server that is only read, where plans count as done."""
    reading = replace(desk, transport=ReadOnly(desk.transport))
    case = Incident(PLACEHOLDER, Journal(desk.host.name))
    server = Foreseen(reading.server(case.journal, accounts))
    desk.surveyed(server.survey())
    checked = preflight(server.survey(), elevate=desk.host.elevate)
    manifest = Manifest()
    receiver = RehearsingReceiver(server, manifest, accounts)
    runner = Runner(case, server, receiver, Agreed("rehearsed"), desk.observer)
    inputs = _inputs(desk, case, accounts, options, manifest)
    outcomes = runner.run(_entries(options), inputs)
    return Ended(case, outcomes, _code(case, outcomes), checked)


def respond(desk: Desk, accounts: tuple[str, ...], options: Options) -> Ended:
    """Open an incident and run its runbook; raises a `RespondError` before the first change."""
    name = store.new_name()
    looking = desk.server(Journal(desk.host.name), accounts)
    seen = looking.survey()
    desk.surveyed(seen)
    if options.plan:
        saved_plan.check(saved_plan.load(options.plan), desk.host.name, accounts, seen)
    checked = _checked(desk, seen)
    lease.may_take(seen.holder, lease.Lease(name, "", ""), options.take_over)
    case = store.create(name, desk.host.name, desk.home)
    opened = {"runbook": options.runbook, "accounts": list(accounts), "who": who()}
    adopted = [options.adopted.role, options.adopted.path] if options.adopted else []
    case.journal.append("opened", "", {**opened, "adopted": adopted})
    if checked.owes:
        owes = [{"key": d.key, "text": d.text, "pay": d.pay} for d in checked.owes]
        case.journal.append("owes", "", {"owes": owes})
    return _run(desk, case, options, seen, checked)


def resume(desk: Desk, case: Incident, options: Options) -> Ended:
    """Take an incident up again: at the first step that is not closed, or at `options.first`."""
    looking = desk.server(case.journal, accounts_of(case))
    seen = looking.survey()
    desk.surveyed(seen)
    checked = _checked(desk, seen)
    options = _as_opened(case, options)
    _reopen(case, options)
    return _run(desk, case, options, seen, checked)


def close(desk: Desk, case: Incident, options: Options) -> Ended:
    """Remove what is settled of an incident from the server, and leave it."""
    looking = desk.server(case.journal, accounts_of(case))
    seen = looking.survey()
    options = replace(options, runbook="close-incident")
    steps = [each.name for each in _entries(options)]
    case.journal.append("reopened", "", {"steps": steps})
    return _run(desk, case, options, seen, preflight(seen, elevate=desk.host.elevate))


def _as_opened(case: Incident, options: Options) -> Options:
    """The options of a later call, for the runbook that the incident was opened with."""
    found = case.opening.get("adopted")
    adopted = SetAside(Role(found[0]), found[1]) if isinstance(found, list) and found else None
    return replace(options, runbook=str(case.opening["runbook"]), adopted=adopted)


def fetch(desk: Desk, name: str) -> Incident | None:
    """The incident as the mail server's copy of its journal tells it, or None without one."""
    server = desk.server(Journal(desk.host.name), ())
    found, lines = server.journal_copy(name)
    return store.adopt(found, lines, desk.home) if found and lines else None


def _checked(desk: Desk, seen: Survey) -> Preflight:
    checked = preflight(seen, elevate=desk.host.elevate)
    for stop in checked.stops:
        hindrance = Hindrance(stop, "Mend it, or give a reason with --override.", overridable=True)
        if not desk.person.overrides("preflight", hindrance):
            raise ServerRefused("preflight", "The run cannot begin", stop, hindrance.next)
    return checked


def _run(desk: Desk, case: Incident, options: Options, seen: Survey, checked: Preflight) -> Ended:
    with store.held_here(case):
        return _run_alone(desk, case, options, seen, checked)


def _run_alone(
    desk: Desk, case: Incident, options: Options, seen: Survey, checked: Preflight
) -> Ended:
    accounts = accounts_of(case)
    manifest = manifest_of(case)
    server = desk.server(case.journal, accounts, ManifestMailList(manifest))
    server.begin_with(seen)
    wanted = lease.lease(case.name, who())
    because = lease.may_take(seen.holder, wanted, options.take_over)
    case.journal.append("leased", "", {"who": wanted.who, "because": because})
    server.take(wanted, over=bool(because))
    receiver = IncidentReceiver(case, server, manifest, desk.review, accounts)
    runner = Runner(
        case,
        server,
        receiver,
        desk.person,
        desk.observer,
        desk.interrupted,
    )
    outcomes: dict[str, Outcome] = {}
    stopped = ""
    try:
        inputs = _inputs(desk, case, accounts, options, manifest)
        outcomes = runner.run(_entries(options), inputs)
    except StoppedByPerson as stop:
        stopped = str(stop)
    finally:
        written = _finish(case, server, outcomes, manifest, stopped)
        manifest.close()
    code = ExitCode.PERSON if stopped else _code(case, outcomes)
    return Ended(case, outcomes, code, checked, written, stopped)


def _finish(
    case: Incident,
    server: IceWarp,
    outcomes: dict[str, Outcome],
    manifest: Manifest | None = None,
    stopped: str = "",
) -> Path | None:
    """Whatever happened: write down how it stands, leave the journal there, free the lease."""
    ends = {"outcomes": {name: str(end) for name, end in outcomes.items()}, "stopped": stopped}
    case.journal.append("ended", "", ends)
    try:
        server.release()
    except RespondError as error:
        case.journal.append("unreleased", "", {"because": str(error)})
    return files.write(case, manifest)


def _entries(options: Options) -> tuple[Entry, ...]:
    entries = catalog.entries(runbook.load(options.runbook))
    names = [each.name for each in entries]
    last = "confirm_closed" if options.contain else options.last
    for name in filter(None, (options.first, last)):
        if name not in names:
            known = f"Its steps are: {', '.join(names)}."
            raise RespondError(f"{options.runbook} has no step {name}", "", known)
    end = names.index(last) + 1 if last else len(names)
    return entries[:end]


def _reopen(case: Incident, options: Options) -> None:
    """Open the steps from `options.first` on again, so that they are taken once more."""
    if options.first:
        names = [each.name for each in _entries(options)]
        steps = names[names.index(options.first) :]
        case.journal.append("reopened", "", {"steps": steps})


def _code(case: Incident, outcomes: dict[str, Outcome]) -> ExitCode:
    ended = set(outcomes.values())
    if Outcome.UNKNOWN in ended:
        return ExitCode.UNKNOWN
    if Outcome.FAILED in ended:
        return ExitCode.RED
    if Outcome.REFUSED in ended:
        return ExitCode.REFUSED
    if Outcome.SKIPPED in ended:
        return ExitCode.PERSON
    return ExitCode.OWED if case.obligations() else ExitCode.GREEN


@contextmanager
def held(desk: Desk, case: Incident, take_over: str) -> Iterator[IceWarp]:
    """The mail server with the lease held for the incident, and given up at the end."""
    server = desk.server(case.journal, accounts_of(case))
    wanted = lease.lease(case.name, who())
    because = lease.may_take(server.survey().holder, wanted, take_over)
    case.journal.append("leased", "", {"who": wanted.who, "because": because})
    server.take(wanted, over=bool(because))
    try:
        with store.held_here(case):
            yield server
    finally:
        _finish(case, server, {})
