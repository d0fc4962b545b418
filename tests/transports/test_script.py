"""A script as it crosses the line."""

from playbook.mail.scripts.pack import script
from playbook.transports.base import Script


def test_lines_of_comment_stay_here() -> None:
    text = "# What it does.\nmain() {\n\t# why\n\techo '#' # said\n}\n"
    assert Script("read/test", text).sent == "main() {\n\techo '#' # said\n}\n"


def test_what_is_left_of_the_longest_script_fits_a_first_window() -> None:
    # Ten segments of 1448 bytes (RFC 6928), less what its values and the journal's lines take.
    assert len(script("read/survey").sent) < 12_000
    assert len(script("change/set_aside").sent) < 10_000
