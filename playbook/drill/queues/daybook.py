"""The SMTP log of a scene: who handed what in, and what became of it at other servers."""

import base64
from collections.abc import Callable, Iterator
from random import Random

from playbook.drill.queues.scene import Mail
from playbook.drill.queues.style import Masking, Style


class Daybook:
    """Collects the lines of all days, in any order, and gives them out by day."""

    def __init__(self, style: Style, rng: Random) -> None:
        self._style = style
        self._rng = rng
        self._days: dict[str, list[tuple[int, str]]] = {}
        self._deliveries = 0

    def note(self, mail: Mail, stem: str, message_id: str, *, is_delivered: bool) -> None:
        """Log how a mail came in, and one attempt to hand it on."""
        if not (self._style.has_logs and mail.is_logged):
            return
        self._note_submission(mail, message_id)
        self._note_delivery(mail, stem, message_id, "OK" if is_delivered else "DELAYED")

    def files(self) -> Iterator[tuple[str, bytes]]:
        """The name of each day's file, and its lines in the order of their times."""
        for day, lines in self._days.items():
            lines.sort(key=lambda line: line[0])
            yield f"s{day}-00.log", "".join(text for _, text in lines).encode()

    def _note_submission(self, mail: Mail, message_id: str) -> None:
        say = self._teller(mail.at_s, mail.address, self._rng.randrange(0xFFFF))
        say("Connected")
        say(f"<<< EHLO {mail.client}")
        if mail.login:
            self._note_login(say, mail.login)
        say(f"<<< MAIL FROM:<{mail.sender}>")
        for recipient in mail.recipients[:3]:
            say(f"<<< RCPT TO:<{recipient}>")
            say(f">>> 250 2.1.5 <{recipient}>... Recipient ok; will forward")
        say("<<< DATA")
        total = f"{len(mail.recipients)} {len(mail.body.payload)} 00:00:01"
        say(f"*** <{mail.sender}> <{mail.recipients[0]}> {total} OK {message_id}")
        took = "250 2.6.0 1 bytes received in 00:00:01"
        say(f">>> {took}; Message id {message_id} accepted for delivery")
        say("Disconnected")

    def _note_login(self, say: Callable[[str], None], account: str) -> None:
        masking = self._style.masking
        name = base64.b64encode(account.encode()).decode()
        say("<<< AUTH LOGIN")
        say(">>> 334 VXNlcm5hbWU6")
        say(f"<<< {'*****' if masking is Masking.LOGIN else name}")
        say(">>> 334 UGFzc3dvcmQ6")
        say(f"<<< {'c2VjcmV0IQ==' if masking is Masking.NOTHING else '*****'}")
        say(">>> 235 2.0.0 Authentication successful")

    def _note_delivery(self, mail: Mail, stem: str, message_id: str, status: str) -> None:
        self._deliveries += 1
        local = self._teller(mail.at_s + 3, "SYSTEM", self._deliveries % 0xFFFF)
        remote = self._teller(mail.at_s + 3, "65.54.1.2", self._deliveries % 0xFFFF)
        local(f"Client session Message id {message_id} item {stem}.tm$")
        remote("Client session Connected")
        path = f"<{mail.sender}> <{mail.recipients[0]}>"
        remote(f"Client session *** {path} 1 9 00:00:02 {status} {message_id}")
        local("Client session Disconnected")

    def _teller(self, at_s: int, address: str, thread: int) -> Callable[[str], None]:
        time = self._style.clock(at_s, self._style.time.value)
        lines = self._days.setdefault(self._style.clock(at_s, "%Y%m%d"), [])
        return lambda text: lines.append((at_s, f"{address} [{thread:04X}] {time} {text}\r\n"))
