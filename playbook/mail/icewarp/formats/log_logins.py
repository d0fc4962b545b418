"""One try to log in, as the lines of a log show it step by step."""

from dataclasses import dataclass

from playbook.smtplog.logins import Mechanism, account_in_answer, asks_for_name, mechanism_of


@dataclass(slots=True)
class Attempt:
    """An AUTH command and its answers up to now.

    Lines may be missing from a log. An answer is read as the name only where the server asked
    for it just before, and with LOGIN it counts only once the server asked for the password: what
    may be a password is never decoded.
    """

    mechanism: Mechanism
    account: str = ""
    awaits_name: bool = False
    unproved: str = ""

    def prompt(self, words: bytes) -> None:
        """The server answered 334, perhaps with a question."""
        if self.unproved:
            self.account, self.unproved = self.unproved, ""
            self.awaits_name = False
            return
        self.awaits_name = not self.account and asks_for_name(self.mechanism, words)

    def answer(self, text: bytes) -> None:
        """The client answered."""
        if not self.awaits_name:
            return
        self.awaits_name = False
        name = account_in_answer(self.mechanism, text)
        if self.mechanism is Mechanism.LOGIN:
            self.unproved = name
        else:
            self.account = name


def begun_login(text: bytes) -> Attempt:
    """The try that an AUTH command begins; its first answer may stand in the same line."""
    words = text.split(None, 2)
    mechanism = mechanism_of(words[1]) if len(words) > 1 else Mechanism.OTHER
    account = account_in_answer(mechanism, words[2]) if len(words) > 2 else ""
    return Attempt(mechanism, account)
