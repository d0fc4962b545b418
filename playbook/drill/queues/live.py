"""The people and the thief of a scene, writing on while the drill runs."""

from dataclasses import replace
from random import Random

from playbook.drill.mails import Post, Text
from playbook.drill.queues import thief
from playbook.drill.queues.letters import letter
from playbook.drill.queues.scene import Mail, Scene, written
from playbook.drill.smtplog import smtp_date


class SceneWriters:
    """Everybody writes from where he usually does, the thief goes on with his campaigns."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def good(self, random: Random, at: float, *, local: bool = False) -> Post:
        """An ordinary message; the owners of stolen accounts write, too."""
        scene = replace(self._scene, rng=random)
        person, colleague = random.sample(scene.people, 2)
        mail = written(scene, person, int(at), "live", scene.texts.good(random))
        if local:
            mail = replace(mail, recipients=(colleague.account,))
        return _post(random, mail, at)

    def spam(self, random: Random, at: float, account: str) -> Post:
        """One more of a campaign that goes through this account."""
        scene = replace(self._scene, rng=random)
        campaign = random.choice([each for each in scene.campaigns if each.account == account])
        return _post(random, thief.spam(scene, campaign), at)


def _post(random: Random, mail: Mail, at: float) -> Post:
    identity, content = letter(random, mail, smtp_date(at))
    text = Text(identity, mail.label == "good", mail.sender, mail.recipients, content)
    return Post(mail.login, mail.address, mail.client, text)
