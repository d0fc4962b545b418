"""A run that looks like its owner: her place, her sender, and mails that hide what they say."""

from dataclasses import replace
from random import Random

from playbook.drill.queues import wording
from playbook.drill.queues.scene import (
    LOOPBACK,
    Campaign,
    Disguise,
    Person,
    Place,
    Scene,
    Wrapping,
    address,
)
from playbook.drill.queues.wording import Body

_OFFICES = "90.12."


def settle(scene: Scene) -> None:
    """Give the owners of the accounts the places that the run will be sent from."""
    if scene.disguise is None:
        return
    for number, person in enumerate(scene.people[:2]):
        places = (*person.addresses, _place(scene, person, scene.disguise))
        scene.people[number] = replace(person, addresses=tuple(dict.fromkeys(places)))


def disguised(scene: Scene, campaign: Campaign) -> Campaign:
    """The campaign as its owner would send it, where the scene's run looks like her."""
    if scene.disguise is None:
        return campaign
    person = next(each for each in scene.people if each.account == campaign.account)
    return replace(
        campaign,
        mode=scene.disguise.mode or campaign.mode,
        addresses=(_place(scene, person, scene.disguise),),
        sender=campaign.account,
        host=campaign.host if scene.disguise.has_links else "",
        webmail_share=0.0,
    )


def wrapped(rng: Random, text: str, wrapping: Wrapping, encoding: str) -> Body:
    """A text in a shape of which a reader sees all and a program may see nothing."""
    lines = "".join(f"<p>{line}</p>\n" for line in text.split("\n"))
    match wrapping:
        case Wrapping.QUOTE_BLOCK:
            html = f"<html><body><blockquote>\n{lines}</blockquote></body></html>"
        case Wrapping.EMPTY_BLOCK:
            html = f"<html><body><blockquote></blockquote>\n{lines}</body></html>"
        case Wrapping.OPEN_HEAD:
            html = f"<html><head><meta charset=utf-8>\n{lines}"
        case Wrapping.QUOTE_LINES:
            quoted = "\n".join(f"> {line}" for line in text.split("\n"))
            return wording.text_body(rng, quoted, encoding=encoding)
        case Wrapping.ORIGINAL | Wrapping.NOTHING:
            quoted = f"-----Original Message-----\n{text}"
            return wording.text_body(rng, quoted, encoding=encoding)
    return wording.html_body(rng, html, encoding=encoding)


def _place(scene: Scene, person: Person, disguise: Disguise) -> tuple[str, str]:
    """Address and computer; where she has no such place yet, one is made for her."""
    outside = [each for each in person.addresses if each[0] != LOOPBACK]
    offices = [each for each in outside if each[0].startswith(_OFFICES)]
    match disguise.place:
        case Place.WEBMAIL:
            return LOOPBACK, "localhost"
        case Place.OFFICE if offices:
            return offices[0]
        case Place.COMPUTER if outside:
            return outside[-1]
    machine = f"PC-{wording.token(scene.rng, 6).upper()}"
    return address(scene.rng, ("90.12" if disguise.place is Place.OFFICE else "86.193",)), machine
