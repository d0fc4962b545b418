"""What the log shows of a misuse: counted while it is read, by who handed it in."""

import pytest

from playbook.incident.manifest.store import Manifest
from playbook.incident.misuse import misuse_of, read_log
from playbook.smtplog.deliveries import Delivery, DeliveryOutcome
from playbook.smtplog.sessions import Login, Session, Submission
from playbook.triage.features import Features, FileKind
from playbook.triage.judgement import Judged, judge
from playbook.triage.verdicts import Verdict

AT_S = 1_700_000_000
THIEF = "198.51.100.9"
OWNER = "192.0.2.1"


def session(address: str, number: int, account: str = "info@b.example") -> Session:
    handed_in = Submission(AT_S, f"x{number}@forged.example", 40, f"ID{number}", "OK")
    refused = Submission(AT_S, "y@forged.example", 9, "", "550")
    return Session(address, "0A", AT_S, AT_S, account, Login.ACCEPTED, True, (handed_in, refused))


def delivery(number: int, outcome: DeliveryOutcome = DeliveryOutcome.ACCEPTED) -> Delivery:
    return Delivery(AT_S + 9, f"ID{number}", "", "203.0.113.1", outcome)


def spam(number: int, address: str = THIEF) -> tuple[Features, Judged]:
    path = b"%d.tmp" % number
    features = Features(path, FileKind.MESSAGE, 9, at_s=AT_S + number)
    return features, Judged(path, Verdict.SPAM, None, (), "info@b.example", address)


LOG = (
    session(THIEF, 1),
    session(THIEF, 2),
    session(OWNER, 3),
    delivery(1),
    delivery(3),
    delivery(2, DeliveryOutcome.NOT_ACCEPTED),
    delivery(77),
)


@pytest.mark.parametrize(
    ("entries", "pairs", "expected"),
    [
        (LOG, [spam(5), spam(8)], (AT_S + 5, AT_S + 8, (THIEF,), 2, 80, 1)),
        (LOG, [], (None, None, (), 0, 0, 0)),
        ((), [spam(5)], (AT_S + 5, AT_S + 5, (THIEF,), None, None, None)),
        (LOG, [spam(5, "127.0.0.1")], (AT_S + 5, AT_S + 5, ("127.0.0.1",), 0, 0, 0)),
    ],
)
def test_it_is_counted_by_who_sent_what_is_proven(
    entries: tuple[Session | Delivery, ...],
    pairs: list[tuple[Features, Judged]],
    expected: tuple[object, ...],
) -> None:
    log, tally = read_log(entries)
    manifest = Manifest()
    manifest.fill("outgoing", "/aside", pairs)
    found = misuse_of(manifest, judge((), log), tally)
    assert (
        found.began_at_s,
        found.last_at_s,
        found.addresses,
        found.messages,
        found.recipients,
        found.accepted,
    ) == expected
