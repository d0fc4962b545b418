"""What the levels of a drill are: who works there, what is stolen, and how hard the queue is."""

from random import Random

from playbook.drill.faults import Fault
from playbook.drill.queues.attack import build_scene
from playbook.drill.queues.live import SceneWriters
from playbook.drill.queues.scene import SECOND, Disguise, Place, Scene, Texts, Twist, make_people
from playbook.drill.scenario import ACCOUNTS, SECOND_VICTIM, VICTIM, Scenario
from playbook.drill.writers import PlainWriters, Writers

LEVELS = (1, 2, 3, 4, 5)
IN_WEBMAIL = 5
SCENE_ENDED_S = 10


def accounts(level: int, seed: int) -> tuple[str, ...]:
    """Every account of the server, the stolen one first."""
    if level == 1:
        return ACCOUNTS
    return tuple(person.account for person in make_people(Random(seed)))  # noqa: S311


def stolen(level: int, faults: frozenset[Fault]) -> tuple[str, ...]:
    """The accounts whose passwords the thief has: two of them at level 4, or with the fault."""
    if level != 4 and Fault.SECOND_ACCOUNT not in faults:
        return (VICTIM,)
    return VICTIM, SECOND_VICTIM if level == 1 else SECOND


def scene(scenario: Scenario, now: float) -> Scene | None:
    """The hard queue of the levels above 1; what its log says last lies before now."""
    if scenario.level == 1:
        return None
    in_webmail = scenario.level == IN_WEBMAIL
    return build_scene(
        scenario.seed,
        3 if in_webmail else scenario.level,
        scenario.size,
        Texts(),
        ended_at_s=int(now) - SCENE_ENDED_S,
        twist=Twist(
            with_second=len(scenario.stolen) > 1,
            disguise=Disguise(Place.WEBMAIL, has_links=False) if in_webmail else None,
        ),
    )


def writers(attack: Scene | None) -> Writers:
    """Who goes on writing while the drill runs."""
    return PlainWriters() if attack is None else SceneWriters(attack)
