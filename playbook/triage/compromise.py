"""When an account is held to be compromised: one judgement for whoever asks it.

The sorting asks it of a queue and the logs of days, the identification of an excerpt; both must
come to the same answer where they saw the same.
"""

from typing import Final

# A web shop sends some mail under its customers' addresses; an attacker sends by the dozen.
MANY_FORGED: Final = 20


def is_compromised(forged: int, networks: int, *, is_foremost: bool) -> bool:
    """Whether mail with senders of other domains tells that an attacker writes as the account.

    `forged` counts such messages and `networks` where they came from. It takes many, and either
    more than one network or the account that sent the most of all (`is_foremost`).
    """
    return forged >= MANY_FORGED and (is_foremost or networks > 1)
