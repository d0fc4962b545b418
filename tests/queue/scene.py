"""A made-up company with its mail server, the ordinary week before, and the thief's run."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from random import Random

from tests.queue import wording
from tests.queue.wording import Body

LOOPBACK = "127.0.0.1"
SERVER = "mail.serveur.example"
DOMAINS = ("domaine.example", "atelier-lumen.example", "gite-des-pins.example")
FREEMAIL = ("gmail.example", "orange.example", "free.example", "yahoo.example", "aol.example")
STOLEN = "info@domaine.example"
SECOND = "compta@atelier-lumen.example"
DAY_S, HOUR_S = 86_400, 3_600


@dataclass(frozen=True, slots=True)
class Texts:
    """Where the words come from."""

    good: Callable[[Random], str] = wording.good_text
    spam: Callable[[Random], str] = wording.spam_text


@dataclass(frozen=True, slots=True)
class Mail:
    """One submitted message, and what is true of it."""

    at_s: int
    login: str
    address: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    body: Body
    label: str
    kind: str
    client: str = "PC"
    from_name: str = ""
    from_address: str = ""
    headers: tuple[str, ...] = ()
    campaign: str = ""
    is_ambiguous: bool = False
    is_logged: bool = True
    has_block: bool = True
    is_incoming: bool = False
    is_reserved: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account, the addresses he works from, and those he writes to."""

    account: str
    name: str
    addresses: tuple[tuple[str, str], ...]
    correspondents: tuple[str, ...]


@dataclass(slots=True)
class Scene:
    """Everything that happened: mails still queued, and mails that only the log knows."""

    rng: Random
    level: int
    began_at_s: int
    texts: Texts
    people: list[Person] = field(default_factory=list)
    queued: list[Mail] = field(default_factory=list)
    passed: list[Mail] = field(default_factory=list)

    @property
    def ended_at_s(self) -> int:
        """When the queue was set aside."""
        return self.began_at_s + 26 * HOUR_S

    @property
    def victim(self) -> Person:
        """Who owns the stolen account."""
        return self.people[0]


def build_scene(seed: int, level: int, size: int, texts: Texts) -> Scene:
    """A scene of about ``size`` queued mails; level 4 is the adversarial one."""
    from tests.queue import thief  # noqa: PLC0415 - the thief needs the scene's words

    scene = Scene(Random(seed), level, 1_373_870_000 + seed * 3600, texts)
    scene.people = _people(scene.rng)
    _history(scene)
    spam = round(size * (0.95, 0.93, 0.92, 0.85)[level - 1])
    thief.run(scene, spam)
    _company(scene, size - spam)
    scene.queued = [_with_gaps(scene, mail) for mail in scene.queued]
    return scene


def outside(rng: Random) -> str:
    """A mail address at some other server."""
    first, last = wording.person(rng)
    domain = rng.choice((*FREEMAIL, f"{last}-{rng.choice(('conseil', 'fils', 'bois'))}.example"))
    return f"{first}.{last}{rng.randint(1, 9999)}@{domain}"


def address(rng: Random, networks: tuple[str, ...]) -> str:
    """An address in one of some networks."""
    return f"{rng.choice(networks)}.{rng.randint(1, 254)}.{rng.randint(1, 254)}"


def between(scene: Scene, first_s: int, last_s: int) -> int:
    """Some second, counted from the beginning of the run."""
    return scene.began_at_s + scene.rng.randint(first_s, last_s)


def written(scene: Scene, person: Person, at_s: int, kind: str, text: str) -> Mail:
    """A mail that a person writes where he usually works."""
    rng = scene.rng
    where, client = rng.choice(person.addresses)
    body = wording.text_body(rng, f"{text}\n\n{person.name}", is_html=rng.random() < 0.2)
    return Mail(
        at_s=at_s,
        login=person.account,
        address=where,
        sender=person.account,
        recipients=(rng.choice(person.correspondents),),
        subject=wording.sentence(rng, text.split()[:40] or ["note"], 4),
        body=body,
        label="good",
        kind=kind,
        client=client,
        from_name=person.name,
        headers=("X-Mailer: IceWarp Mailer 10.4.5",) if where == LOOPBACK else (),
    )


def _people(rng: Random) -> list[Person]:
    offices = {domain: f"90.12.{rng.randint(1, 250)}.{rng.randint(1, 250)}" for domain in DOMAINS}
    accounts = [STOLEN, SECOND]
    while len(accounts) < 36:
        first, last = wording.person(rng)
        account = f"{first[0]}.{last}@{rng.choice(DOMAINS)}"
        accounts += [account] if account not in accounts else []
    return [_person(rng, account, offices[account.partition("@")[2]]) for account in accounts]


def _person(rng: Random, account: str, office: str) -> Person:
    first, last = wording.person(rng)
    machine = f"PC-{wording.token(rng, 6).upper()}"
    places = [(office, machine), (LOOPBACK, "localhost")]
    if rng.random() < 0.4:
        places.append((address(rng, ("86.193", "109.190", "82.64")), machine))
    places = rng.sample(places, rng.randint(1, len(places)))
    correspondents = tuple(outside(rng) for _ in range(rng.randint(8, 20)))
    return Person(account, f"{first} {last}".title(), tuple(places), correspondents)


def _history(scene: Scene) -> None:
    """A week of ordinary mail that has left: only the log remembers it."""
    for person in scene.people:
        for day in range(-7, 1):
            for _ in range(scene.rng.choice((0, 1, 2, 4))):
                at_s = between(scene, day * DAY_S, (day + 1) * DAY_S)
                scene.passed.append(written(scene, person, at_s, "passed", "bonjour"))


def _company(scene: Scene, count: int) -> None:
    makers = _ORDINARY if scene.level == 1 else (*_ORDINARY, *_BULK, *_OWN)
    if scene.level >= 4:
        makers = (*makers, _on_the_road)
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


def server_mail(
    scene: Scene, recipient: str, subject: str, body: Body, label: str, kind: str
) -> Mail:
    """A mail that the server writes itself, with an empty sender."""
    return Mail(
        at_s=between(scene, HOUR_S, 26 * HOUR_S),
        login="",
        address=LOOPBACK,
        sender="",
        recipients=(recipient,),
        subject=subject,
        body=body,
        label=label,
        kind=kind,
        client="localhost",
        from_name="Mail Delivery Subsystem",
        from_address=f"MAILER-DAEMON@{SERVER}",
    )


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


_ORDINARY = (_personal, _devices, _reports, _inbound)
_BULK = (_others_bulk, _automatic, _forwards)
_OWN = (_own, _own_bulk)


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
