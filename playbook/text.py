"""Text that an attacker wrote, as characters that no terminal obeys and no reader is misled by.

Control characters of both sets (ISO 6429), marks that turn the direction of writing, characters
without width, surrogates and unassigned ones are shown by their names, as one would type them.
"""

import re
import unicodedata
from typing import Final

# Letters by their class, but without ink.
_BLANK_LETTERS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
# Marks stand on the character before them; no language piles up more.
_MOST_MARKS: Final = 3
_TAB: Final = "    "
_BREAKS: Final = re.compile(r"[\t\r\n]+")


def counted(number: int, one: str, many: str = "") -> str:
    """So many of something: `counted(1, "file")` is "1 file", and of two they are "2 files"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def printable(text: str) -> str:
    """A text of several lines; line ends and tabs stay what they look like."""
    lines = text.replace("\r\n", "\n").expandtabs(len(_TAB)).split("\n")
    return "\n".join(map(_line, lines))


def one_line(text: str, most: int = 200) -> str:
    """A text as one line of so many characters at the most, with a mark where it was cut.

    Line ends and tabs are blanks: a reader is shown where the words were apart, and no more.
    """
    shown = _line(_BREAKS.sub(" ", text[: 4 * most].strip("\r\n")))
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def _line(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    shown, marks = [], 0
    for character in text:
        marks = marks + 1 if _is_mark(character) else 0
        is_plain = (
            character.isprintable() and character not in _BLANK_LETTERS and marks <= _MOST_MARKS
        )
        shown.append(character if is_plain else _name(character))
    return "".join(shown)


def _is_mark(character: str) -> bool:
    return not character.isascii() and unicodedata.category(character)[0] == "M"


def _name(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return f"<{code - 0xDC00:02X}>"
    return f"<{code:02X}>" if code < 0x100 else f"<U+{code:04X}>"
