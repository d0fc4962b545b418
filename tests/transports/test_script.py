"""A script as it crosses the line."""

import pytest

from playbook.mail.icewarp.pack import LINUX
from playbook.transports.base import Script
from playbook.transports.dialects.posix import stripped


def test_lines_of_comment_and_their_tabs_stay_here() -> None:
    text = "# What it does.\nmain() {\n\t# why\n\techo '#' # said\n}\n"
    assert stripped(Script("read/test", text)) == "main() {\necho '#' # said\n}\n"


@pytest.mark.parametrize("name", ["read/survey", "change/set_aside"])
def test_what_is_left_of_the_longest_scripts_fits_a_first_window(name: str) -> None:
    # Ten segments of 1448 bytes (RFC 6928), less what the values of a survey take.
    assert len(stripped(LINUX.script(name))) < 12_500
