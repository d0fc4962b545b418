"""An attack as a whole: the ordinary week, the thief's run, the company's mail, and the gaps."""

from dataclasses import replace
from random import Random

from playbook.drill.queues import owner, thief
from playbook.drill.queues.company import write_company, write_history
from playbook.drill.queues.scene import HOUR_S, Mail, Scene, Texts, Twist, make_people

RUN_S = 26 * HOUR_S
_JULY_2013_S = 1_373_870_000
_PLAIN = Twist()


def build_scene(
    seed: int,
    level: int,
    size: int,
    texts: Texts,
    *,
    ended_at_s: int | None = None,
    twist: Twist = _PLAIN,
) -> Scene:
    """A scene of about `size` queued mails, all held in memory; level 4 is the adversarial one.

    The run ends at a Unix time, or some day in July 2013.
    """
    began_at_s = _JULY_2013_S + seed * HOUR_S if ended_at_s is None else ended_at_s - RUN_S
    scene = Scene(Random(seed), level, began_at_s, texts, disguise=twist.disguise)  # noqa: S311
    scene.people = make_people(scene.rng)
    owner.settle(scene)
    write_history(scene)
    share = (0.05, 0.07, 0.08, 0.15)[level - 1] if twist.good_share is None else twist.good_share
    spam = size - round(size * share)
    thief.run(scene, spam, with_second=twist.with_second or level >= 4)
    write_company(scene, size - spam)
    scene.queued = [_with_gaps(scene, mail) for mail in scene.queued]
    return scene


def _with_gaps(scene: Scene, mail: Mail) -> Mail:
    """Not every file has its block, not every session is in the log."""
    rng = scene.rng
    unlogged = (0.0, 0.05, 0.2, 0.7)[scene.level - 1]
    blockless = (0.0, 0.0, 0.03, 0.1)[scene.level - 1]
    reserved = (0.0, 0.0, 0.02, 0.02)[scene.level - 1]
    return replace(
        mail,
        is_logged=rng.random() >= unlogged,
        has_block=rng.random() >= blockless and not mail.is_incoming,
        is_reserved=rng.random() < reserved and not mail.is_incoming,
    )
