"""A secret that cannot be printed by accident."""

import hmac
import secrets
from dataclasses import dataclass
from typing import Final, NoReturn

# Without the letters and digits that are mistaken for one another when read aloud.
_SMALL: Final = "abcdefghijkmnopqrstuvwxyz"
_CAPITAL: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_DIGIT: Final = "23456789"
_SIGN: Final = "-_."


class Secret:
    """A password as a value that shows itself as `***` wherever it is printed.

    It is not a `str`: it cannot be joined, formatted, pickled or written as JSON. Only a
    transport calls `reveal`, and whoever was asked by a person to show or store it.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself, for the one place that must send it."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(
            self._text.encode(), other._text.encode()
        )

    def __hash__(self) -> int:
        return hash(Secret)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not copied into a file")


@dataclass(frozen=True)
class PasswordShape:
    """How many characters a new password has, and how many of which kind at the least."""

    length: int = 20
    digits: int = 2
    capitals: int = 2
    signs: int = 1


def mint(shape: PasswordShape) -> Secret:
    """A new random password of the shape asked for.

    It holds only letters, digits and `-_.`: no character that a shell, cmd.exe or the
    product is known to refuse. It begins and ends with a letter, because a sign in those
    places is what products trip over.
    """
    kinds = _DIGIT, _CAPITAL, _SIGN
    counts = shape.digits, shape.capitals, shape.signs
    middle = [
        secrets.choice(kind)
        for kind, count in zip(kinds, counts, strict=True)
        for _ in range(count)
    ]
    missing = max(shape.length - len(middle) - 2, 4)
    middle += [secrets.choice(_SMALL + _CAPITAL + _DIGIT) for _ in range(missing)]
    secrets.SystemRandom().shuffle(middle)
    return Secret(secrets.choice(_SMALL) + "".join(middle) + secrets.choice(_SMALL))
