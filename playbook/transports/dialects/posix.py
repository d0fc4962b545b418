"""How a script and its values are written for a POSIX shell.

The remote command line is a constant, `COMMAND`: a loop of shell built-ins that reads the
script from standard input up to a mark and evaluates it whole. What follows the mark stays on
standard input as data, and a script that was cut on the way is never begun. (`sh -s` would do
neither: a shell may read ahead into the values, and runs a script line by line as it comes.)
"""

from typing import Final

from playbook.errors import BadInput
from playbook.secret import Secret
from playbook.transports.base import Request, Script, Value

_LOOP: Final = (
    'while IFS= read -r l; do [ "$l" = "# begin" ] && break; done; s=; '
    'while IFS= read -r l; do [ "$l" = "# end" ] && { eval "$s"; exit; }; s="$s$l\n"; done; exit 90'
)
COMMAND: Final = ("sh", "-c", _LOOP)


def encode(request: Request) -> bytes:
    """What is written to standard input: the script, its values by name, then lines of data.

    Raises `BadInput` for a value with a line end or a NUL, which no script could read back.
    """
    pairs = [f"{name}={_written(name, value)}" for name, value in request.values.items()]
    script = stripped(request.script).rstrip("\n")
    parts = ["# begin", script, "# end", *pairs, ".", *request.lines, "."]
    return ("\n".join(parts) + "\n").encode("utf-8", "surrogateescape")


def stripped(script: Script) -> str:
    """A script's text without its lines of comment and their tabs: almost half of it.

    A script and its values then fit into what TCP sends before a first acknowledgement
    (ten segments, RFC 6928), which saves a round trip.
    """
    lines = script.text.split("\n")
    return "\n".join(line.lstrip("\t") for line in lines if not line.lstrip().startswith("#"))


def _written(name: str, value: Value) -> str:
    """A value as a line; bytes as the escapes that `printf %b` turns back into them."""
    if isinstance(value, bytes):
        return "".join(f"\\0{byte:03o}" for byte in value)
    text = value.reveal() if isinstance(value, Secret) else str(value)
    if any(character in text for character in "\n\r\0"):
        raise BadInput(f"The value of {name} cannot be sent", "it holds a line end or a NUL")
    return text
