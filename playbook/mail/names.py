"""Names of folders and programs on a mail server, as whoever controls the mail may choose them."""

import re
from typing import Final

# Control characters of both sets, what ends a line, and marks that turn the direction of writing;
# the upper set also as single bytes that are not UTF-8.
_CONTROLS: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\udc80-\udc9f]"
)


def holds_controls(name: str) -> bool:
    """Whether a terminal or a shell might obey a part of the name instead of showing it."""
    return bool(_CONTROLS.search(name))
