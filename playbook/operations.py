"""The life of an incident: rehearsed, responded to, taken up again, taken back, closed.

It is longer than other files, because each of these is told whole, over the same parts.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from playbook.engine import adopting, catalog, going_on, runbook, saved_plan
from playbook.engine import undo as undoing
from playbook.engine.entry import Entry
from playbook.engine.inputs import EarlierIncidents
from playbook.engine.leasing import under_lease
from playbook.engine.person import Agreed
from playbook.engine.preflight import Preflight, preflight
from playbook.engine.runner import Runner
from playbook.errors import (
    BadInput,
    ExitCode,
    RespondError,
    ServerRefused,
    StoppedByPerson,
)
from playbook.incident import copies, store
from playbook.incident.incident import Incident
from playbook.incident.journal import Journal
from playbook.incident.manifest.mail_list import ManifestMailList
from playbook.incident.manifest.store import Manifest
from playbook.incident.obligations import SMTP
from playbook.incident.receiver import IncidentReceiver, RehearsingReceiver
from playbook.incident.records import (
    Did,
    Opened,
    Overridden,
    Owed,
    Reopened,
    RunEnded,
    Settled,
    Undid,
    UndoEnded,
)
from playbook.incident.report import files
from playbook.incident.standing import CLOSING, UNDOING, watchdog_was_on
from playbook.mail import lease
from playbook.mail.actions import FolderRestored, SmtpStarted
from playbook.mail.foreseen import Foreseen
from playbook.mail.server import HeldServer, ServerReader
from playbook.mail.survey import Survey
from playbook.outcome import Outcome
from playbook.plan import Hindrance, QueueSorted
from playbook.transports.base import ReadOnly
from playbook.wiring import Desk, Options, _inputs, accounts_of, manifest_of, who

PLACEHOLDER = "INCIDENT"


@dataclass(frozen=True)
class Ended:
    """How a run ended: each step's outcome, what is owed, and the code for the shell.

    `seen` is the server as the run found it. `stopped` says where a person stopped it and why;
    "" where it came to its end.
    """

    incident: Incident
    outcomes: dict[str, Outcome]
    code: ExitCode
    seen: Survey
    report: Path | None = None
    stopped: str = ""


def rehearse(desk: Desk, accounts: tuple[str, ...], options: Options) -> Ended:
    """The dry run: the same loop, on a server that is only read, where plans count as done."""
    entries = _entries(options)
    reading = replace(desk, transport=ReadOnly(desk.transport))
    case = Incident(PLACEHOLDER, Journal(desk.host.name))
    looking = reading.reader(accounts)
    server = Foreseen(looking)
    seen = server.survey()
    if options.adopted:
        adopting.check(options.adopted, seen, store.kept(desk.home)[0], looking)
    checked = preflight(seen, elevate=desk.host.elevate)
    desk.operator.surveyed(looking, checked)
    manifest = Manifest()
    receiver = RehearsingReceiver(server, manifest, accounts)
    runner = Runner(case, server, receiver, Agreed("rehearsed"), desk.operator)
    inputs = _inputs(desk, case, accounts, options, manifest)
    outcomes = runner.run(entries, inputs)
    return Ended(case, outcomes, _code(case, outcomes), seen)


def respond(desk: Desk, accounts: tuple[str, ...], options: Options) -> Ended:
    """Open an incident and run its runbook; raises a `RespondError` before the first change.

    Whatever can be refused is refused before there is an incident. Where another one of the host
    is open, a person may go on with it instead.
    """
    _entries(options)
    looking = desk.reader(accounts)
    seen = looking.survey()
    if options.plan:
        saved_plan.check(options.plan, desk.host.name, accounts, seen)
    _known(accounts, seen)
    found = going_on.others(desk.home, desk.host.name, looking.journal_copy)
    if options.adopted:
        adopting.check(options.adopted, seen, found.here, looking)
    other, reason = going_on.another(found, accounts, desk.operator)
    if other:
        return resume(desk, _kept(desk, other), options)
    checked = _checked(desk, looking, *found.notes)
    name = store.new_name()
    lease.may_take(seen.holder, lease.Lease(name, "", ""), options.take_over)
    with store.held(store.create(name, desk.host.name, desk.home)) as case:
        case.journal.append(Opened(options.runbook, accounts, who(), options.adopted))
        if reason:
            case.journal.append(Overridden(f"{found.open[0].name} is open", reason))
        if checked.owes:
            case.journal.append(Owed(checked.owes))
        earlier = EarlierIncidents(watchdog_was_on(found.open))
        ended = _run(desk, case, options, looking, earlier)
    _settle(found.open, ended.incident)
    return ended


def _known(accounts: tuple[str, ...], seen: Survey) -> None:
    """Raise `BadInput` for an account that the server does not know, before anything is opened."""
    for each in seen.accounts:
        if each.named not in accounts or each.address:
            continue
        if each.candidates:
            names = ", ".join(each.candidates)
            raise BadInput(f"{each.named} may be {names}", "", "Name the whole address.")
        raise BadInput(f"{each.named} is no account of this server", "", "Check how it is written.")


def _settle(others: tuple[Incident, ...], ours: Incident) -> None:
    """What other incidents owed of SMTP is paid, where this one started it."""
    if not any(isinstance(each.do, SmtpStarted) for each in ours.all(Did)):
        return
    for other in others:
        if SMTP in {each.key for each in other.obligations()} and other.folder:
            with suppress(RespondError), store.held(other):
                other.journal.append(Settled((SMTP,)))


def resume(desk: Desk, case: Incident, options: Options) -> Ended:
    """Take an incident up again: at the first step that is not closed, or at `options.first`."""
    with store.held(case):
        looking, note = _looked(desk, case)
        going_on.may_resume(case, options.first)
        _checked(desk, looking, note)
        return _run(desk, case, _as_opened(case, options), looking)


def close(desk: Desk, case: Incident, options: Options) -> Ended:
    """Remove what is settled of an incident from the server, and leave it.

    Nothing of what preflight stops a run for is needed here: SMTP is not touched, no password is
    set, and a script that may not remove a file says so itself. It is shown, and no more.
    """
    with store.held(case):
        looking, note = _looked(desk, case)
        if reason := going_on.may_close(case, desk.operator):
            case.journal.append(Overridden("SMTP is stopped", reason))
        desk.operator.surveyed(looking, _foreseen(desk, looking, note, as_warnings=True))
        return _run(desk, case, replace(options, runbook=CLOSING), looking)


def _looked(desk: Desk, case: Incident) -> tuple[ServerReader, str]:
    """The server as it is, and what of the incident was taken from its copy of the journal."""
    looking = desk.reader(accounts_of(case))
    return looking, going_on.newest(case, looking.journal_copy, desk.operator)


def _foreseen(
    desk: Desk, looking: ServerReader, *notes: str, as_warnings: bool = False
) -> Preflight:
    room = store.free_bytes(desk.home)
    checked = preflight(looking.survey(), elevate=desk.host.elevate, room_here=room)
    stops = checked.stops if as_warnings else ()
    warnings = (*filter(None, notes), *stops, *checked.warnings)
    return replace(checked, warnings=warnings, stops=() if as_warnings else checked.stops)


def _as_opened(case: Incident, options: Options) -> Options:
    """The options of a later call, for the runbook that the incident was opened with."""
    return replace(options, runbook=case.opening.runbook, adopted=case.opening.adopted)


def fetch(desk: Desk, name: str) -> Incident | None:
    """The incident that the server keeps a copy of, kept here from now on; None without one."""
    found, lines = desk.reader().journal_copy(name)
    if not (found and lines):
        return None
    theirs = copies.read_copy(lines)
    sound, _ = store.kept(desk.home)
    here = [each for each in sound if each.name == store.checked_name(found)]
    return here[0] if here else copies.adopt(found, theirs, desk.home)


def _kept(desk: Desk, case: Incident) -> Incident:
    """An incident that only the server knew, kept here from now on."""
    return case if case.folder else copies.adopt(case.name, case.journal.records, desk.home)


def _checked(desk: Desk, looking: ServerReader, *notes: str) -> Preflight:
    """What can be foreseen, shown; raises `ServerRefused` where it keeps a run from its work."""
    checked = _foreseen(desk, looking, *notes)
    desk.operator.surveyed(looking, checked)
    for stop in checked.stops:
        hindrance = Hindrance(stop, "Mend it, or give a reason with --override.", overridable=True)
        if not desk.operator.overrides("preflight", hindrance):
            raise ServerRefused("preflight", "The run cannot begin", stop, hindrance.next)
    return checked


def _run(
    desk: Desk,
    case: Incident,
    options: Options,
    looking: ServerReader,
    earlier: EarlierIncidents | None = None,
) -> Ended:
    """Run a runbook in an incident that is held, with the lease on the server looked at."""
    accounts, seen = accounts_of(case), looking.survey()
    with _sorting(case) as manifest:
        server = desk.server(looking, case.journal, ManifestMailList(manifest))
        with under_lease(server, case, options.runbook, who(), options.take_over):
            _reopen(case, replace(options, first=_first(case, manifest, options)))
            receiver = IncidentReceiver(case, server, manifest, desk.operator.reviews, accounts)
            entries, operator = _entries(options), desk.operator
            operator.works_in(case, entries, server)
            runner = Runner(case, server, receiver, operator, operator, operator.interrupted)
            outcomes: dict[str, Outcome] = {}
            stopped = ""
            try:
                inputs = _inputs(desk, case, accounts, options, manifest)
                outcomes = runner.run(entries, (*inputs, *((earlier,) if earlier else ())))
            except StoppedByPerson as stop:
                stopped = stop.fact
            case.journal.append(RunEnded(outcomes, stopped))
        written = files.write(case, manifest)
    code = ExitCode.PERSON if stopped else _code(case, outcomes)
    return Ended(case, outcomes, code, seen, written, stopped)


def _entries(options: Options) -> tuple[Entry, ...]:
    entries = catalog.entries(runbook.load(options.runbook))
    names = [each.name for each in entries]
    last = "confirm_closed" if options.contain else options.last
    for name in filter(None, (options.first, last)):
        if name not in names:
            known = f"Its steps are: {', '.join(names)}."
            raise BadInput(f"{options.runbook} has no step {name}", "", known)
    end = names.index(last) + 1 if last else len(names)
    return entries[:end]


def _first(case: Incident, manifest: Manifest, options: Options) -> str:
    """The step to begin at: the sorting, where it was made but is not kept on this machine."""
    names = [each.name for each in _entries(options)]
    made = (
        record.step
        for record in case.journal.records
        if isinstance(record.said, Did) and isinstance(record.said.do, QueueSorted)
    )
    sorting = next(made, "")
    if manifest.is_sorted or sorting not in names:
        return options.first
    return min(filter(None, (options.first, sorting)), key=names.index)


def _reopen(case: Incident, options: Options) -> None:
    """Open the steps that are taken once more: from `options.first` on, or a whole closing."""
    names = [each.name for each in _entries(options)]
    if options.first:
        case.journal.append(Reopened(tuple(names[names.index(options.first) :])))
    elif options.runbook == CLOSING:
        case.journal.append(Reopened(tuple(names)))


def _code(case: Incident, outcomes: dict[str, Outcome]) -> ExitCode:
    ended = set(outcomes.values())
    if Outcome.UNKNOWN in ended:
        return ExitCode.UNKNOWN
    if Outcome.FAILED in ended:
        return ExitCode.RED
    if Outcome.REFUSED in ended:
        return ExitCode.REFUSED
    if Outcome.UNPROVEN in ended:
        return ExitCode.UNPROVEN
    if Outcome.SKIPPED in ended:
        return ExitCode.PERSON
    return ExitCode.OWED if case.obligations() else ExitCode.GREEN


def undo(
    desk: Desk,
    case: Incident,
    show: Callable[[undoing.Overview], None],
    *,
    step: str = "",
    with_spam: bool = False,
    take_over: str = "",
) -> undoing.Undone:
    """Take back what an incident did, once it was shown; the report is written anew afterwards."""
    with store.held(case), _sorting(case) as manifest:
        looking, _ = _looked(desk, case)
        found = undoing.overview(case, manifest, step, with_spam=with_spam)
        show(found)
        if not found.deeds:
            return undoing.Undone((), found.kept)
        with _held(desk, looking, case, manifest, take_over) as server:
            return undoing.undo(case, found, server, desk.operator, desk.operator.tells)


@contextmanager
def held(desk: Desk, case: Incident, take_over: str) -> Iterator[HeldServer]:
    """The mail server with the lease held for an incident that is held here too."""
    with (
        store.held(case),
        _sorting(case) as manifest,
        _held(desk, desk.reader(accounts_of(case)), case, manifest, take_over) as server,
    ):
        yield server


@contextmanager
def _sorting(case: Incident) -> Iterator[Manifest]:
    """The manifest of an incident, without the folders that were merged back."""
    with closing(manifest_of(case)) as manifest:
        _forget_merged(case, manifest)
        yield manifest


def _forget_merged(case: Incident, manifest: Manifest) -> None:
    for each in case.all(Undid):
        if isinstance(each.do, FolderRestored) and manifest.files_in(each.do.aside):
            manifest.forget(each.do.aside)


@contextmanager
def _held(
    desk: Desk, looking: ServerReader, case: Incident, manifest: Manifest, take_over: str
) -> Iterator[HeldServer]:
    server = desk.server(looking, case.journal)
    try:
        with under_lease(server, case, UNDOING, who(), take_over):
            try:
                yield server
            except StoppedByPerson as stop:
                case.journal.append(UndoEnded(stop.fact))
                raise
            case.journal.append(UndoEnded())
    finally:
        _forget_merged(case, manifest)
        files.write(case, manifest)
