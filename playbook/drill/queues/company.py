"""The company's own mail: letters, newsletters, invoices, reports, and questions about the spam."""

from collections.abc import Iterator
from dataclasses import replace

from playbook.drill.queues import wording
from playbook.drill.queues.scene import (
    DAY_S,
    DOMAINS,
    HOUR_S,
    Mail,
    Person,
    Scene,
    address,
    between,
    outside,
    server_mail,
    written,
)


def write_history(scene: Scene) -> None:
    """A week of ordinary mail that has left: only the log remembers it."""
    for person in scene.people:
        for day in range(-7, 1):
            for _ in range(scene.rng.choice((0, 1, 2, 4))):
                at_s = between(scene, day * DAY_S, (day + 1) * DAY_S)
                scene.passed.append(written(scene, person, at_s, "passed", "bonjour"))


def write_company(scene: Scene, count: int) -> None:
    """What the company's people and machines had sent: about `count` mails still queued."""
    makers = _ORDINARY if scene.level == 1 else (*_ORDINARY, *_BULK, *_OWN)
    if scene.level >= 4:
        makers = (*makers, _on_the_road, _size_twins)
    fixed = [mail for maker in makers[1:] for mail in maker(scene)]
    scene.queued += fixed
    for _ in range(max(count - len(fixed), 5)):
        scene.queued += _personal(scene)


def _personal(scene: Scene) -> Iterator[Mail]:
    person = scene.rng.choice(scene.people[1:])
    at_s = between(scene, -3 * DAY_S, 26 * HOUR_S)
    yield written(scene, person, at_s, "personal", scene.texts.good(scene.rng))


def _devices(scene: Scene) -> Iterator[Mail]:
    rng = scene.rng
    where = address(rng, ("193.251",))
    for _ in range(rng.randint(1, 3)):
        pdf = b"%PDF-1.4" + rng.randbytes(3000)
        yield Mail(
            at_s=between(scene, -DAY_S, 26 * HOUR_S),
            login="",
            address=where,
            sender=f"erp@{DOMAINS[1]}",
            recipients=(outside(rng),),
            subject="Avis 99200",
            body=wording.attached_body(rng, "Avis", pdf, "avis.pdf", "application/pdf"),
            label="good",
            kind="trusted",
            client="erp01",
            headers=("X-Mailer: SAPconnect",),
        )


def _reports(scene: Scene) -> Iterator[Mail]:
    rng = scene.rng
    for _ in range(rng.randint(2, 6)):
        writer, gone = outside(rng), f"ancien.salarie@{rng.choice(DOMAINS)}"
        body = wording.report_body(rng, gone, (writer, gone, "Re: chantier"))
        yield server_mail(scene, writer, "Undeliverable: Re: chantier", body, "good", "dsn_good")


def _inbound(scene: Scene) -> Iterator[Mail]:
    rng = scene.rng
    for _ in range(rng.randint(3, 8)):
        sender = outside(rng)
        yield Mail(
            at_s=between(scene, 25 * HOUR_S, 26 * HOUR_S),
            login="",
            address=address(rng, ("212.27", "193.252")),
            sender=sender,
            recipients=(rng.choice(scene.people).account,),
            subject="Bonjour",
            body=wording.text_body(rng, scene.texts.good(rng)),
            label="good",
            kind="inbound",
            client="mx.example",
            is_incoming=True,
        )


def _bulk(scene: Scene, person: Person, kind: str, count: int, at_s: int) -> Iterator[Mail]:
    """Newsletters, invoices, apologies: many alike, from where the person usually is."""
    rng = scene.rng
    text = scene.texts.good(rng)
    domain = person.account.partition("@")[2]
    first = written(scene, person, at_s, kind, text)
    for number in range(count):
        recipient = outside(rng)
        body = wording.text_body(
            rng, f"Bonjour {recipient.partition('.')[0]}\n{text}\nhttp://www.{domain}/lettre"
        )
        if kind.startswith("invoice"):
            pdf = b"%PDF-1.4" + rng.randbytes(2000)
            words = f"Veuillez trouver ci-joint la facture F{number} de ce mois. {text[:80]}"
            body = wording.attached_body(rng, words, pdf, "F.pdf", "application/pdf")
        yield replace(first, at_s=at_s + number * 7, recipients=(recipient,), body=body)


def _others_bulk(scene: Scene) -> Iterator[Mail]:
    for kind in ("newsletter", "invoice"):
        person = scene.rng.choice(scene.people[2:])
        count = scene.rng.randint(6, 16)
        yield from _bulk(scene, person, kind, count, between(scene, -DAY_S, 20 * HOUR_S))


def _automatic(scene: Scene) -> Iterator[Mail]:
    for person in scene.rng.sample(scene.people, 4):
        body = wording.text_body(
            scene.rng, f"Bonjour,\nJe suis absent jusqu'au 29 juillet.\n{person.name}"
        )
        mail = server_mail(scene, outside(scene.rng), "Absence", body, "good", "autoreply")
        yield replace(mail, from_address=person.account, headers=("Auto-Submitted: auto-replied",))


def _forwards(scene: Scene) -> Iterator[Mail]:
    """Colleagues who ask about the spam that they got, quoting or attaching it."""
    spams = [mail for mail in scene.queued if mail.kind == "campaign"]
    for kind in ("quoting", "forward_spam"):
        person, spam = scene.rng.choice(scene.people[2:]), scene.rng.choice(spams)
        yield _about_spam(scene, person, spam, kind)


def _about_spam(scene: Scene, person: Person, spam: Mail, kind: str) -> Mail:
    rng = scene.rng
    text = "Ce message ne vient pas de nous, notre compte est victime de piratage. Ne cliquez pas."
    mail = written(scene, person, between(scene, 2 * HOUR_S, 26 * HOUR_S), kind, text)
    if kind == "quoting":
        quoted = "\n".join(f"> {line}" for line in scene.texts.spam(rng).split("\n"))
        return replace(mail, body=wording.text_body(rng, f"{text}\n\n{quoted}"))
    carried = b"Subject: " + spam.subject.encode() + b"\n\n" + spam.body.payload
    return replace(mail, body=wording.attached_body(rng, text, carried, "m.eml", "message/rfc822"))


def _own(scene: Scene) -> Iterator[Mail]:
    """What the victim writes herself, before and while the thief uses her account."""
    rng = scene.rng
    for first_s, last_s in ((-2 * DAY_S, -HOUR_S), (HOUR_S, 25 * HOUR_S)):
        for _ in range(rng.randint(1, 4)):
            text = scene.texts.good(rng)
            yield written(scene, scene.victim, between(scene, first_s, last_s), "own", text)


def _own_bulk(scene: Scene) -> Iterator[Mail]:
    if scene.level < 3:
        return
    for kind in ("newsletter_own", "invoice_own", "apology_own"):
        at_s = between(scene, 2 * HOUR_S, 24 * HOUR_S)
        yield from _bulk(scene, scene.victim, kind, scene.rng.randint(5, 12), at_s)
    spam = next(mail for mail in scene.queued if mail.kind == "campaign")
    for kind in ("quoting", "forward_spam"):
        yield replace(_about_spam(scene, scene.victim, spam, kind), kind=f"{kind}_own")


def _on_the_road(scene: Scene) -> Iterator[Mail]:
    """The victim at an address nobody knows; some of it speaks of the spam, or looks like it."""
    rng = scene.rng
    spam = rng.choice([mail for mail in scene.queued if mail.kind == "campaign"])
    for _ in range(rng.randint(1, 3)):
        where, client = address(rng, ("37.165", "92.184")), "iPhone"
        for number in range(rng.randint(1, 5)):
            at_s = between(scene, HOUR_S, 26 * HOUR_S)
            mail = written(scene, scene.victim, at_s, "own_new_ip", scene.texts.good(rng))
            if number == 1:
                mail = replace(mail, body=spam.body)
            yield replace(mail, address=where, client=client, is_ambiguous=True, headers=())


def _size_twins(scene: Scene) -> Iterator[Mail]:
    """Good mail whose files have exactly the size of a spam's."""
    spams = [mail for mail in scene.queued if mail.kind == "campaign"]
    for person in scene.rng.sample(scene.people, 3):
        at_s = between(scene, HOUR_S, 26 * HOUR_S)
        mail = written(scene, person, at_s, "size_twin", scene.texts.good(scene.rng))
        body = wording.text_body(scene.rng, scene.texts.good(scene.rng)[:200], encoding="8bit")
        yield replace(mail, body=body, as_long_as=scene.rng.choice(spams))


_ORDINARY = (_personal, _devices, _reports, _inbound)
_BULK = (_others_bulk, _automatic, _forwards)
_OWN = (_own, _own_bulk)
