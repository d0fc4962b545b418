"""What people do at night besides the straight way does no harm."""

import json

import pytest
from typer.testing import CliRunner

from playbook.cli.app import app
from playbook.cli.trials import Trial
from playbook.errors import BadInput


@pytest.mark.slow
@pytest.mark.parametrize("trial", Trial, ids=lambda each: each.value)
def test_a_trial_is_mastered(trial: Trial) -> None:
    told = CliRunner().invoke(app, ["drill", "--size", "60", "--trial", trial.value, "--json"])
    score = json.loads(told.stdout)
    assert score["mails_sent_twice"] == score["mails_lost"] == score["spam_reinjected"] == 0
    assert score["mastered"]


def test_a_trial_that_is_not_known_names_those_that_are() -> None:
    told = CliRunner().invoke(app, ["drill", "--trial", "nonsense"])
    assert isinstance(told.exception, BadInput)
    assert "two-responders" in str(told.exception)
