"""Those who write while the drill runs: what each of them hands over next, and from where."""

from random import Random
from typing import Protocol

from playbook.drill.mails import Post, from_office, from_thief, good, spam
from playbook.drill.scenario import ORDINARY_ACCOUNTS, VICTIM


class Writers(Protocol):
    """The company and the thief. Every message has a `Message-ID` of its own."""

    def good(self, random: Random, at: float, *, local: bool = False) -> Post:
        """The next message of somebody who works there, to the outside or to a colleague."""

    def spam(self, random: Random, at: float, account: str) -> Post:
        """The thief's next message through a stolen account."""


class PlainWriters:
    """Level 1: everybody writes from the office, the thief from one address."""

    def good(self, random: Random, at: float, *, local: bool = False) -> Post:
        """An ordinary message; the victim writes, too."""
        account = random.choice((VICTIM, *ORDINARY_ACCOUNTS))
        recipient = random.choice(ORDINARY_ACCOUNTS) if local else None
        return from_office(account, good(random, at, account, recipient))

    def spam(self, random: Random, at: float, account: str) -> Post:
        """One more of the campaign."""
        return from_thief(account, spam(random, at))
