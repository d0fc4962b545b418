"""The one place where the parts are put together: this host, this transport, this incident."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from playbook.engine import catalog, runbook, saved_plan
from playbook.engine.entry import Entry
from playbook.engine.person import Agreed
from playbook.engine.preflight import Preflight, preflight
from playbook.engine.runner import Runner
from playbook.errors import (
    ExitCode,
    Interrupted,
    JournalError,
    RespondError,
    ServerRefused,
    StoppedByPerson,
)
from playbook.incident import store
from playbook.incident.incident import Incident
from playbook.incident.journal import Journal
from playbook.incident.manifest.mail_list import ManifestMailList
from playbook.incident.manifest.store import Manifest
from playbook.incident.receiver import IncidentReceiver, RehearsingReceiver
from playbook.incident.records import (
    BrokenOff,
    Leased,
    Opened,
    Owed,
    Reopened,
    RunEnded,
    UndoEnded,
    Unreleased,
)
from playbook.incident.report import files
from playbook.mail import lease
from playbook.mail.foreseen import Foreseen
from playbook.mail.server import HeldServer
from playbook.mail.survey import Survey
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
    server = Foreseen(reading.reader(accounts))
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
    looking = desk.reader(accounts)
    seen = looking.survey()
    desk.surveyed(seen)
    if options.plan:
        saved_plan.check(saved_plan.load(options.plan), desk.host.name, accounts, seen)
    checked = _checked(desk, seen)
    lease.may_take(seen.holder, lease.Lease(name, "", ""), options.take_over)
    case = store.create(name, desk.host.name, desk.home)
    case.journal.append(Opened(options.runbook, accounts, who(), options.adopted))
    if checked.owes:
        case.journal.append(Owed(checked.owes))
    return _run(desk, case, options, seen, checked)


def resume(desk: Desk, case: Incident, options: Options) -> Ended:
    """Take an incident up again: at the first step that is not closed, or at `options.first`."""
    looking = desk.reader(accounts_of(case))
    seen = looking.survey()
    desk.surveyed(seen)
    checked = _checked(desk, seen)
    options = _as_opened(case, options)
    _reopen(case, options)
    return _run(desk, case, options, seen, checked)


def close(desk: Desk, case: Incident, options: Options) -> Ended:
    """Remove what is settled of an incident from the server, and leave it."""
    looking = desk.reader(accounts_of(case))
    seen = looking.survey()
    options = replace(options, runbook="close-incident")
    case.journal.append(Reopened(tuple(each.name for each in _entries(options))))
    return _run(desk, case, options, seen, preflight(seen, elevate=desk.host.elevate))


def _as_opened(case: Incident, options: Options) -> Options:
    """The options of a later call, for the runbook that the incident was opened with."""
    return replace(options, runbook=case.opening.runbook, adopted=case.opening.adopted)


def fetch(desk: Desk, name: str) -> Incident | None:
    """The incident as the mail server's copy of its journal tells it, or None without one."""
    found, lines = desk.reader().journal_copy(name)
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
    with closing(manifest_of(case)) as manifest:
        server = desk.server(case.journal, accounts, ManifestMailList(manifest))
        server.begin_with(seen)
        command = options.runbook
        with under_lease(server, case, command, options.take_over):
            receiver = IncidentReceiver(case, server, manifest, desk.review, accounts)
            runner = Runner(case, server, receiver, desk.person, desk.observer, desk.interrupted)
            outcomes: dict[str, Outcome] = {}
            stopped = ""
            try:
                inputs = _inputs(desk, case, accounts, options, manifest)
                outcomes = runner.run(_entries(options), inputs)
            except StoppedByPerson as stop:
                stopped = str(stop)
            case.journal.append(RunEnded(outcomes, stopped))
        written = files.write(case, manifest)
    code = ExitCode.PERSON if stopped else _code(case, outcomes)
    return Ended(case, outcomes, code, checked, written, stopped)


@contextmanager
def under_lease(server: HeldServer, case: Incident, command: str, take_over: str) -> Iterator[None]:
    """The lease on the server, taken for a command, and given up whatever happens.

    What tears the command out of its work is written down first: a run that was broken off is
    never one that ended. A journal that cannot be written hides no other fault.
    """
    wanted = lease.lease(case.name, who())
    because = lease.may_take(server.survey().holder, wanted, take_over)
    case.journal.append(Leased(command, wanted.who, because))
    try:
        server.take(wanted, over=bool(because))
        yield
    except BaseException as error:
        if not isinstance(error, StoppedByPerson):
            with suppress(JournalError):
                case.journal.append(BrokenOff(_in_words(error)))
        _release(server, case)
        raise
    _release(server, case)


def _release(server: HeldServer, case: Incident) -> None:
    try:
        server.release()
    except RespondError as error:
        with suppress(JournalError):
            case.journal.append(Unreleased(str(error)))


def _in_words(error: BaseException) -> str:
    """What broke a command off; a fault that nobody foresaw keeps the name of its class."""
    if isinstance(error, RespondError | Interrupted):
        return str(error)
    if isinstance(error, KeyboardInterrupt):
        return "a person interrupted it"
    return f"{type(error).__name__} {error}".strip()


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
        case.journal.append(Reopened(tuple(names[names.index(options.first) :])))


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
def held(desk: Desk, case: Incident, take_over: str) -> Iterator[HeldServer]:
    """The mail server with the lease held for an undo, which ends with the report written anew."""
    with store.held_here(case), closing(manifest_of(case)) as manifest:
        server = desk.server(case.journal, accounts_of(case))
        with under_lease(server, case, "undo", take_over):
            try:
                yield server
            except StoppedByPerson as stop:
                case.journal.append(UndoEnded(str(stop)))
                raise
            case.journal.append(UndoEnded())
        files.write(case, manifest)
