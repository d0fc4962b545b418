"""Text that an attacker wrote, as signs that no terminal obeys and no reader is misled by.

Control signs of both sets (ISO 6429), marks that turn the direction of writing, signs without
width, surrogates and unassigned signs are shown by their names, as the reader would type them.
"""

import unicodedata
from typing import Final

# Letters by their class, but without ink.
_BLANK_LETTERS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
# Marks stand on the sign before them; no language piles up more.
_MOST_MARKS: Final = 3
_TAB: Final = "    "


def neutral(text: str) -> str:
    """A text of several lines; line ends and tabs stay what they look like."""
    lines = text.replace("\r\n", "\n").expandtabs(len(_TAB)).split("\n")
    return "\n".join(map(_line, lines))


def line(text: str, most: int = 200) -> str:
    """A text as one line of so many signs at the most, with a mark where it was cut."""
    shown = _line(" ".join(text[: 4 * most].split(" ")).replace("\t", " "))
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def _line(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    shown, marks = [], 0
    for sign in text:
        marks = marks + 1 if _is_mark(sign) else 0
        is_plain = sign.isprintable() and sign not in _BLANK_LETTERS and marks <= _MOST_MARKS
        shown.append(sign if is_plain else _name(sign))
    return "".join(shown)


def _is_mark(sign: str) -> bool:
    return not sign.isascii() and unicodedata.category(sign)[0] == "M"


def _name(sign: str) -> str:
    code = ord(sign)
    if 0xDC80 <= code <= 0xDCFF:
        return f"<{code - 0xDC00:02X}>"
    return f"<{code:02X}>" if code < 0x100 else f"<U+{code:04X}>"
