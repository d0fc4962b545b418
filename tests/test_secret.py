"""A secret that cannot be printed by accident."""

import json
import pickle
import traceback

import pytest

from playbook.secret import PasswordShape, Secret, mint


def test_it_shows_itself_as_stars_everywhere() -> None:
    secret = Secret("hunter2")
    assert {repr(secret), str(secret), f"{secret}", f"{secret:>9}", f"{secret!r}"} == {"***"}
    assert "hunter2" not in "".join(traceback.format_exception(ValueError(secret)))


def test_it_is_not_written_anywhere() -> None:
    secret = Secret("hunter2")
    for write in (pickle.dumps, json.dumps):
        with pytest.raises(TypeError):
            write(secret)


@pytest.mark.parametrize(
    "shape", [PasswordShape(), PasswordShape(8), PasswordShape(30, 6, 6, 4)], ids=str
)
def test_a_new_password_has_the_shape_asked_for(shape: PasswordShape) -> None:
    text = mint(shape).reveal()
    assert len(text) >= max(shape.length, 8)
    assert sum(map(str.isdigit, text)) >= shape.digits
    assert sum(map(str.isupper, text)) >= shape.capitals
    assert sum(sign in "-_." for sign in text) >= shape.signs
    assert text[0].isalpha()
    assert text[-1].isalpha()
    assert mint(shape) != mint(shape)
