"""The blacklists that are known: a data file, read strictly."""

import tomllib
from importlib.resources import files

import msgspec

from playbook.errors import BadInput
from playbook.exposure.blacklists import Blacklist


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    blacklist: tuple[Blacklist, ...]


def parse(text: str) -> tuple[Blacklist, ...]:
    """The lists of a data file, in its order; raises `BadInput` where a key is not understood."""
    try:
        return msgspec.convert(tomllib.loads(text), _File).blacklist
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadInput("The file of blacklists is not understood", str(error)) from error


def known() -> tuple[Blacklist, ...]:
    """The lists that come with the program."""
    file = files("playbook.exposure") / "blacklists.toml"
    return parse(file.read_text(encoding="utf-8"))
