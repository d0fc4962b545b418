"""What the doubtful files of one cluster have in common: the key of one decision."""

import hashlib
from dataclasses import dataclass
from typing import Final

UNNAMED: Final = "an account that nothing names"


@dataclass(frozen=True, slots=True)
class ClusterKey:
    """Why files are doubtful, and what they share; files of equal keys are decided together.

    `kind` says in a few words of our own why, "" where account and address say it. `account` is
    None where nothing names it, and "" where the cluster is not of one account, as `address` is.
    `family` is what their mails have in common: a link, a file or a text.
    """

    kind: str = ""
    account: str | None = ""
    address: str = ""
    family: str = ""

    @property
    def id(self) -> str:
        """A short name of the key, the same on every machine: `c-` and 16 hexadecimal digits."""
        account = "\1" if self.account is None else self.account
        whole = "\0".join((self.kind, account, self.address, self.family))
        digest = hashlib.sha256(whole.encode("utf-8", "surrogateescape"))
        return f"c-{digest.hexdigest()[:16]}"

    @property
    def title(self) -> str:
        """The key in words for a person; what an attacker wrote in it is not made harmless yet."""
        account = UNNAMED if self.account is None else self.account
        return ", ".join(filter(None, (self.kind, account, self.address, self.family)))
