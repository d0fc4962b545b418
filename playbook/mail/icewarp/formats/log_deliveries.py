"""Deliveries to remote servers out of the lines of IceWarp's SMTP log."""

import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from playbook.mail.icewarp.formats.log_lines import LineKind, LogLine
from playbook.smtplog.deliveries import Delivery, DeliveryOutcome

MAX_OPEN_SESSIONS = 16_384
MAX_REFUSAL_CHARS = 600
_MAX_REFUSALS = 8
SUMMARY = re.compile(
    rb"<([^>]{0,320})>\s{1,4}(?:<[^>]{0,320}>|\S{1,320})?\s{1,4}(\d{1,9})\s{1,4}(\d{1,15})\s{1,4}"
    rb"\S{1,16}\s{1,4}([A-Za-z-]{2,40})(?:\s{1,4}\[?([0-9A-Za-z]{4,32})\]?)?"
)
_ITEM = re.compile(rb"Message id ([0-9A-Za-z]{4,32})(?: item ([0-9A-Za-z]{4,40}))?")
_REFUSED = re.compile(rb"[45]\d\d(?:[ -]|$)")
_DATA_SENT = re.compile(rb"\d{1,15} bytes")


@dataclass(slots=True)
class OpenDelivery:
    """A delivery whose end was not read yet."""

    message_id: str
    stem: str
    address: str = ""
    has_sent_data: bool = False
    outcome: DeliveryOutcome = DeliveryOutcome.UNKNOWN
    refusals: list[str] = field(default_factory=list)
    is_refusal_open: bool = False

    def closed(self, at_s: int | None) -> Delivery:
        """The delivery as far as it was read."""
        return Delivery(
            at_s, self.message_id, self.stem, self.address, self.outcome, tuple(self.refusals)
        )


def delivery_line(deliveries: OrderedDict[str, OpenDelivery], line: LogLine) -> Iterator[Delivery]:
    """The deliveries that this line ends; `deliveries` holds those that are open, by thread."""
    delivery = deliveries.get(line.thread)
    item = _ITEM.match(line.text) if line.kind is LineKind.NOTE else None
    if item is not None:
        if delivery is not None:
            yield deliveries.pop(line.thread).closed(line.at_s)
        message_id, stem = (part.decode("ascii") if part else "" for part in item.groups())
        delivery = deliveries[line.thread] = OpenDelivery(message_id, stem)
    elif delivery is None:
        delivery = deliveries[line.thread] = OpenDelivery("", "")
    if len(deliveries) > MAX_OPEN_SESSIONS:
        yield deliveries.popitem(last=False)[1].closed(line.at_s)
    if line.address != "SYSTEM":
        delivery.address = line.address
    if line.kind is LineKind.DISCONNECTED:
        yield deliveries.pop(line.thread).closed(line.at_s)
        return
    if line.kind is LineKind.RECEIVED:
        _note_refusal(delivery, line.text)
    _note_outcome(delivery, line)


def _note_refusal(delivery: OpenDelivery, text: bytes) -> None:
    """Keep a reply of 4xx or 5xx, the lines of one reply joined."""
    if not _REFUSED.match(text):
        return
    words = text.decode("latin-1")
    if delivery.is_refusal_open and delivery.refusals:
        words = f"{delivery.refusals.pop()} {words[4:]}"
    if len(delivery.refusals) < _MAX_REFUSALS:
        delivery.refusals.append(words[:MAX_REFUSAL_CHARS])
    delivery.is_refusal_open = text[3:4] == b"-"


def _note_outcome(delivery: OpenDelivery, line: LogLine) -> None:
    if line.kind is LineKind.SUMMARY:
        found = SUMMARY.match(line.text)
        if found is None:
            return
        delivery.message_id = delivery.message_id or (found.group(5) or b"").decode("ascii")
        is_ok = found.group(4).upper() == b"OK"
        _settle(delivery, accepted=is_ok)
    elif line.kind is LineKind.SENT:
        if _DATA_SENT.match(line.text):
            delivery.has_sent_data = True
    elif line.kind is LineKind.RECEIVED and delivery.has_sent_data and line.text[3:4] != b"-":
        _settle(delivery, accepted=line.text[:1] == b"2")
        delivery.has_sent_data = False


def _settle(delivery: OpenDelivery, *, accepted: bool) -> None:
    if accepted:
        delivery.outcome = DeliveryOutcome.ACCEPTED
    elif delivery.outcome is not DeliveryOutcome.ACCEPTED:
        delivery.outcome = DeliveryOutcome.NOT_ACCEPTED
