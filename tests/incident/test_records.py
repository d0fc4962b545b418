"""The grammar of the journal: every kind is written, read again, and said in the report."""

from typing import get_args

import msgspec
import pytest

from playbook.errors import JournalBroken
from playbook.incident import records
from playbook.incident.incident import Incident
from playbook.incident.journal import Journal, _hash, parse
from playbook.incident.records import Said
from playbook.incident.report.timeline import timeline
from playbook.mail.actions import SmtpStarted, SmtpStopped
from playbook.mail.survey import Role, SetAside
from playbook.outcome import Outcome
from playbook.plan import Irreversible, Obligation
from playbook.triage.verdicts import Verdict

_STOP, _OWED = SmtpStopped(), (Obligation("smtp", "SMTP is stopped"),)
EXAMPLES: tuple[Said, ...] = (
    records.Opened("adopted-queue", ("info@b.example",), "ada", SetAside(Role.OUTGOING, "/q.1")),
    records.Leased("undo", "ada", "it is stale"),
    records.Unreleased("the line was lost"),
    records.Untold("the terminal was closed"),
    records.Overridden("it is not root", "we have no other"),
    records.Owed(_OWED),
    records.Settled(("smtp",)),
    records.Discharged(("smtp",), "started by hand"),
    records.Saw({"running": True}),
    records.Declined(_STOP),
    records.Intended(_STOP, "nothing leaves", SmtpStarted(None), _OWED),
    records.Intended(_STOP, "nothing leaves", Irreversible("no way back")),
    records.Did(_STOP, "stopped", ("smtp",)),
    records.Failed(_STOP, "running", "A process stays", "it hangs", "Use --kill."),
    records.EvidenceKept("ab" * 32),
    records.Closed(Outcome.CHANGED, "it is down", {"watchdog": None}),
    records.Reopened(("stop_smtp",)),
    records.Undoing(3, SmtpStarted(None)),
    records.Undid(3, SmtpStarted(None), "started", ("smtp",)),
    records.Decided("c-1", "alpha", Verdict.GOOD, None, 4, "abc", "ada"),
    records.Undecided("c-1", "alpha", Verdict.GOOD, Verdict.SPAM, "ada"),
    records.Split("c-1", "alpha", "sender", ("a", "b"), "ada"),
    records.Joined("c-1", "alpha", ("a", "b"), "ada"),
    records.RunEnded({"stop_smtp": Outcome.CHANGED}),
    records.BrokenOff("a person interrupted it"),
    records.UndoEnded("stopped before stop_smtp"),
    records.TailCut(17),
    records.Taken(37, ("root@laptop2",), 3, "they are right"),
)
# What another record of the same change says already.
_SILENT = {records.Saw, records.Intended, records.Undoing}


def test_every_kind_has_an_example() -> None:
    assert {type(each) for each in EXAMPLES} == set(get_args(Said))


@pytest.mark.parametrize("said", EXAMPLES, ids=lambda each: type(each).__name__)
def test_every_kind_is_read_as_it_was_written(said: Said) -> None:
    written = Journal("mail1").append(said, "stop_smtp")
    assert parse(written.line) == written
    assert written.said == said


@pytest.mark.parametrize("said", EXAMPLES, ids=lambda each: type(each).__name__)
def test_no_kind_is_dropped_from_the_timeline(said: Said) -> None:
    journal = Journal("mail1")
    journal.append(said, "stop_smtp")
    moments = timeline(Incident("case", journal))
    assert bool(moments) is (type(said) not in _SILENT)


def line(**fields: object) -> str:
    """A line whose hash is right, whatever it says."""
    written = msgspec.json.decode(Journal("mail1").append(EXAMPLES[0]).line)
    assert isinstance(written, dict)
    written.pop("hash")
    journal = {**written, **fields}
    return msgspec.json.encode({**journal, "hash": _hash(journal)}).decode()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"version": records.VERSION + 1}, "version 2.*update this one"),
        ({"said": {"kind": "sang"}}, "not understood.*sang"),
        ({"said": {"kind": "settled", "pays": ["x"], "more": 1}}, "not understood.*more"),
        ({"said": {"kind": "settled"}}, "not understood.*pays"),
        ({"said": {"kind": "declined", "do": {"type": "SmtpSung"}}}, "not understood.*SmtpSung"),
        ({"number": "1"}, "not understood"),
        ({"at": "2026-01-01T00:00:00"}, "not understood"),
        ({"version": None}, "not understood"),
    ],
)
def test_what_is_outside_of_the_grammar_is_refused_in_words(
    fields: dict[str, object], words: str
) -> None:
    with pytest.raises(JournalBroken, match=words):
        parse(line(**fields))


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "1" * 10_000, "\ud800", "nan"])
def test_no_line_is_more_than_a_broken_one(text: str) -> None:
    with pytest.raises(JournalBroken):
        parse(text)
