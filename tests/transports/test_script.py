"""A script as it crosses the line."""

from playbook.mail.icewarp.pack import LINUX
from playbook.transports.base import Script
from playbook.transports.dialects.posix import stripped


def test_lines_of_comment_stay_here() -> None:
    text = "# What it does.\nmain() {\n\t# why\n\techo '#' # said\n}\n"
    assert stripped(Script("read/test", text)) == "main() {\n\techo '#' # said\n}\n"


def test_what_is_left_of_the_longest_script_fits_a_first_window() -> None:
    # Ten segments of 1448 bytes (RFC 6928), less what its values and the journal's lines take.
    assert len(stripped(LINUX.script("read/survey"))) < 12_000
    assert len(stripped(LINUX.script("change/set_aside"))) < 10_000
