"""Which refusals are about our address, and what the log says of them."""

import pytest

from playbook.mail.icewarp.ledger import (
    read_deliveries,
    read_ledger,
    refused_for_our_address,
    reinjected,
)
from playbook.mail.survey import Role
from playbook.smtplog.refusals import names_our_address

STEM = "200910012119584388"


@pytest.mark.parametrize(
    "text",
    [
        "554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org",
        "550 5.7.606 Access denied, banned sending IP [192.0.2.7]",
        "550-5.7.1 [192.0.2.7 15] An unusual rate of unsolicited mail from your IP address.",
        "421 4.7.0 [TSS04] Messages from 192.0.2.7 temporarily deferred due to user complaints",
        "550 SC-001 Mail rejected: part of their network is on our block list (S3140).",
        "554 Your access has been rejected due to the sending MTA's poor reputation.",
        "550 5.7.1 192.0.2.7 is listed at bl.example.org",
        "550-5.7.1 [192.0.2.7] this message is blocked due to the low reputation of its domain",
        "451 4.7.650 temporarily rate limited",
        "550-5.7.1 [192.0.2.7 11] The IP you're using to send mail is not authorized",
        "421 4.7.0 Too many concurrent SMTP connections from you",
        "550 Ip frequency limited",
        "554 Transaction failed: IP blocked",
        "421 4.7.1 (DYN:T1)",
        "421 4.7.1 Intrusion prevention active for [192.0.2.7]",
        "550 5.7.1 Mail from IPs without PTR is not taken",
        "550 Votre adresse IP est bloquee",
        "421 OFR_999 [999]",
        "554 5.7.1 impin001 AUP#In-1000",
        "421 4.7.0 Too many connections, slow down",
        "554 Blocked - see https://lookup.example/?ip=192.0.2.7",
        "450 4.7.1 <b@example.org>: Recipient address rejected: ask to get removed from DNSBLs",
    ],
)
def test_it_is_about_us(text: str) -> None:
    assert names_our_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "550 5.1.1 <x@example.org>: Recipient address rejected: User unknown",
        "450 4.2.0 <x@example.org>: Recipient address rejected: Greylisted, see http://192.0.2.1/",
        "451 4.7.1 Greylisting in action, please come back later (192.0.2.7)",
        "552 5.2.2 Mailbox full",
        "550 5.7.1 relaying denied from 192.0.2.7",
        "554 5.6.0 message content rejected",
        "421 4.3.2 Service shutting down",
        "550 user not listed in directory",
        "550-5.7.1 [192.0.2.7] this message is likely suspicious by its contents; blocked",
        "552 5.7.0 [192.0.2.7] rejected: it contains an attachment of a forbidden kind",
        "550 5.7.1 rejected per DMARC policy of example.net (from 192.0.2.7)",
        "550 5.7.23 SPF fail: 192.0.2.7 is not allowed to send, see http://w.example/?ip=192.0.2.7",
        "550 5.7.1 Recipient rejected [192.0.2.7]",
        "552 5.3.4 Message size exceeds the limit, rejected [192.0.2.7]",
        "554 5.7.1 A URL in this mail is on a blacklist, 192.0.2.7 refused",
        "550 5.7.1 Your address x@example.net is on a blocked senders list",
        "450 4.1.8 <x@example.net>: Sender address rejected: Domain not found [192.0.2.7]",
        "421 4.7.0 TLS is required, closing connection [192.0.2.7]",
        "450-4.2.1 The user you are trying to contact is receiving mail at a high rate",
        "554 5.7.1 192.0.2.7 refused: the message scored 9.1",
        "550 the link is 5.7.606.1, 192.0.2.70",
        "554 DT:SPM see http://mail.example/help?ip=192.0.2.7",
        "550 5.7.1 Sender rejected [192.0.2.7]",
        "550 Denied by our policy, 192.0.2.7",
        "550 5.7.0 Need to authenticate via SMTP-AUTH [192.0.2.7] rejected",
        "550 5.7.20 the DKIM signature is not valid, 192.0.2.7 rejected",
        "550 5.1.1 The account that you tried to reach does not exist [192.0.2.7]",
        "554 message refuse: contenu interdit, 192.0.2.7 rejected",
        "",
    ],
)
def test_it_is_about_something_else(text: str) -> None:
    assert not names_our_address(text)


def log(*said: str) -> bytes:
    lines = [
        f"SYSTEM [2028] 21:19:58 Client session Message id IDU60958 item {STEM}.tm$",
        "192.0.2.81 [2028] 21:19:58 Client session Connected",
        *(f"192.0.2.81 [2028] 21:20:00 Client session {each}" for each in said),
        "SYSTEM [2028] 21:20:14 Client session Disconnected",
    ]
    return "\r\n".join(lines).encode()


LEDGER = read_ledger(f"log 0 x .\nready outgoing 1 {STEM} 2f61 - .\n".encode())
TAKEN = log(">>> DATA", "<<< 354 go", ">>> 632 bytes (overall data", "<<< 250 2.6.0 ok")
REFUSED = log(
    ">>> RCPT To:<b@example.org>",
    "<<< 550-5.7.1 Client host [192.0.2.7]",
    "<<< 550 5.7.1 blocked using bl.example.org",
    ">>> QUIT",
)
CLOSED = log(
    "<<< 554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using bl.example.org",
    "<<< 421 4.7.0 closing the connection",
)
ELSEWHERE = TAKEN.replace(b"192.0.2.81", b"192.0.2.99")
PUT_OFF = log(">>> RCPT To:<b@example.org>", "<<< 450 4.2.0 Greylisted", ">>> QUIT")


@pytest.mark.parametrize(
    ("lines", "here", "became"),
    [
        (TAKEN, False, "accepted"),
        (b"", False, "accepted"),
        (b"", True, "untried"),
        (PUT_OFF, True, "deferred"),
        (REFUSED + b"\r\n" + PUT_OFF, True, "deferred"),
        (PUT_OFF + b"\r\n" + TAKEN, True, "leaving"),
        (REFUSED, True, "leaving"),
        (REFUSED, False, "refused"),
        (REFUSED + b"\r\n" + TAKEN, False, "accepted"),
        (CLOSED, False, "refused"),
    ],
)
def test_what_became_of_a_mail(lines: bytes, here: bool, became: str) -> None:
    published = LEDGER.published((), (Role.OUTGOING,))
    seen = reinjected(
        LEDGER, published, {STEM} if here else (), read_deliveries(lines), (Role.OUTGOING,)
    )
    names = ("accepted", "refused", "deferred", "leaving", "untried")
    counts = {name: getattr(seen, name) for name in names}
    assert counts == {**dict.fromkeys(counts, 0), became: 1}
    assert (seen.published, seen.in_queue) == (1, int(here))
    assert seen.unsettled == (became in ("leaving", "untried"))


def test_the_lines_of_a_refusal_are_one_text() -> None:
    published = LEDGER.published((), (Role.OUTGOING,))
    seen = reinjected(LEDGER, published, (), read_deliveries(REFUSED), (Role.OUTGOING,))
    (refusal,) = seen.refusals
    assert refusal.text == "550-5.7.1 Client host [192.0.2.7] 5.7.1 blocked using bl.example.org"
    assert (refusal.address, refusal.of_us) == ("192.0.2.81", True)
    assert seen.answered == 0


def test_what_was_refused_before_this_run_is_counted_apart() -> None:
    published = LEDGER.published((), (Role.OUTGOING,))
    deliveries = read_deliveries(REFUSED)
    before = refused_for_our_address(published, deliveries)
    assert before == {STEM}
    seen = reinjected(LEDGER, published, (), deliveries, (Role.OUTGOING,), before)
    assert (seen.refusals, seen.refused_before, seen.answered, seen.tried) == ((), 1, 0, 0)


def test_what_is_still_in_staging_was_not_published() -> None:
    assert LEDGER.published({1}, (Role.OUTGOING,)) == ()
    assert LEDGER.published((), (Role.INCOMING,)) == ()


@pytest.mark.parametrize(
    ("lines", "of_us"),
    [
        (CLOSED, True),
        (REFUSED + b"\r\n" + PUT_OFF, True),
        (PUT_OFF + b"\r\n" + REFUSED, True),
        (REFUSED + b"\r\n" + ELSEWHERE, True),
        (REFUSED + b"\r\n" + TAKEN, False),
        (PUT_OFF, False),
        (TAKEN, False),
    ],
)
def test_every_refusal_of_a_mail_counts_and_not_only_the_last(lines: bytes, of_us: bool) -> None:
    published = LEDGER.published((), (Role.OUTGOING,))
    assert bool(refused_for_our_address(published, read_deliveries(lines))) is of_us
