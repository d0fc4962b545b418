"""The step with a resolver that is never asked."""

from collections.abc import Iterable, Mapping

from playbook.dns.questions import Answer, Question
from playbook.engine.inputs import PublicAddresses
from playbook.exposure import lists
from playbook.exposure.blacklists import Blacklists
from steps.check_blacklists import CheckBlacklists


class Nobody:
    """A resolver for tests that ask nothing."""

    def ask(self, questions: Iterable[Question]) -> Mapping[Question, Answer]:
        raise AssertionError(f"asked: {tuple(questions)}")


def step() -> CheckBlacklists:
    return CheckBlacklists(Blacklists(lists.known(), Nobody()), PublicAddresses(()))
