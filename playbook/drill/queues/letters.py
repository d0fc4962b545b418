"""A mail as a client hands it over, and as it lies in a queue."""

from random import Random

from playbook.drill.queues import wording
from playbook.drill.queues.scene import SERVER, Mail
from playbook.drill.queues.style import BlockStyle, Style


def letter(rng: Random, mail: Mail, date: str) -> tuple[str, bytes]:
    """The `Message-ID`, one of its own for each letter, and the message with it."""
    identity = f"<{wording.token(rng, 20)}@{wording.token(rng, 9)}>"
    lines = [
        f"From: {mail.from_name} <{mail.from_address or mail.sender}>",
        f"To: {mail.recipients[0]}",
        f"Subject: {mail.subject}",
        f"Date: {date}",
        f"Message-ID: {identity}",
        *mail.headers,
        *mail.body.headers,
        "",
        "",
    ]
    return identity, "\n".join(lines).encode() + mail.body.payload


def queue_file(style: Style, mail: Mail, message_id: str, content: bytes) -> bytes:
    """A letter below the trace line and, where the file has one, the envelope block."""
    server = f"{SERVER} (IceWarp 10.4.5) with {'ASMTP' if mail.login else 'ESMTP'}"
    client = f"{mail.client} ([{mail.address}])"
    trace = f"Received: from {client} by {server} id {message_id}; {style.date(mail.at_s)}\n"
    block = _block(style.block, mail, message_id) if mail.has_block else ""
    return (block + trace).encode() + content


def envelope(mail: Mail) -> bytes:
    """What lies beside a letter in the incoming queue."""
    lines = ["[Envelope]", f"From={mail.sender}", f"Auth={mail.login}", f"IP={mail.address}"]
    lines += [f"To{number}={recipient}" for number, recipient in enumerate(mail.recipients)]
    return "\r\n".join([*lines, ""]).encode()


def _block(style: BlockStyle, mail: Mail, message_id: str) -> str:
    if style is BlockStyle.NONE:
        return ""
    pairs = [("original sender", mail.login), ("sender", f"<{mail.sender}>")]
    pairs += [("recipient", f"<{recipient}>") for recipient in mail.recipients]
    pairs.append(("message id", message_id))
    separator = "=" if style is BlockStyle.EQUALS else ": "
    block = "".join(f"{key}{separator}{value}\n" for key, value in pairs)
    return block + ("\n" if style is BlockStyle.BLANK else "")
