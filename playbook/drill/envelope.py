"""Envelopes: whose message goes where, as a queue file or the file beside it tells."""

import re
from dataclasses import dataclass
from pathlib import Path

HEAD_BYTES = 8_192
UNREACHABLE = "injoignable.example"
_LINE_OF_BLOCK = re.compile(r"^(sender|recipient|message id): <?([^<>\s]*)>?\r?$", re.MULTILINE)
_TRACE_ID = re.compile(r".{0,400} id (\w{4,32})")
_HEADER = re.compile(r"^(From|To): [^\r\n]*?([^<>\s\"]+@[^<>\s\"]+)", re.MULTILINE)


@dataclass(frozen=True)
class Envelope:
    """Whose message goes where; `message_id` is the server's own."""

    sender: str
    recipients: tuple[str, ...]
    message_id: str

    @classmethod
    def of(cls, file: Path) -> "Envelope":
        """The envelope at the top of a queue file, or what the message itself says of it.

        Without recipients where the file is no message. Raises `OSError` where it cannot be read.
        """
        with file.open("rb") as opened:
            head = opened.read(HEAD_BYTES).decode("latin-1")
        top, _, rest = head.partition("Received: ")
        headers = rest.replace("\r", "").partition("\n\n")[0]
        block = [(found[1], found[2]) for found in _LINE_OF_BLOCK.finditer(top)]
        told = block or [(found[1], found[2]) for found in _HEADER.finditer(headers)]
        senders = [value for name, value in told if name in {"sender", "From"}]
        recipients = tuple(value for name, value in told if name in {"recipient", "To"})
        trace = _TRACE_ID.match(rest)
        ids = [value for name, value in block if name == "message id"]
        return cls("".join(senders[:1]), recipients, (ids or [trace[1] if trace else ""])[0])

    @classmethod
    def of_pair(cls, message: Path) -> "Envelope":
        """The envelope beside a message of the incoming queue.

        Raises `OSError` where there is none.
        """
        lines = message.with_suffix(".dat").read_text("latin-1").splitlines()
        told = dict(line.split("=", 1) for line in lines if "=" in line)
        recipients = tuple(value for name, value in told.items() if name.startswith("To"))
        return cls(told.get("From", ""), recipients, message.stem)

    @property
    def domains(self) -> tuple[str, ...]:
        """Where it goes: the server has one session for each."""
        return tuple(dict.fromkeys(each.partition("@")[2] for each in self.recipients))

    @property
    def is_undeliverable(self) -> bool:
        """Whether nobody answers where it goes, or it goes nowhere."""
        return self.domains in {(), (UNREACHABLE,)}
