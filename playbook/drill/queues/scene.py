"""A made-up company with its mail server, and what is known of each mail."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from random import Random

from playbook.drill.queues import wording
from playbook.drill.queues.wording import Body
from playbook.drill.scenario import HOST

LOOPBACK = "127.0.0.1"
SERVER = HOST
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
    """One submitted message, and what is true of it.

    `as_long_as` names a mail whose file has as many bytes: this one's text is padded with blanks.
    """

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
    as_long_as: "Mail | None" = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account, the addresses he works from, and those he writes to."""

    account: str
    name: str
    addresses: tuple[tuple[str, str], ...]
    correspondents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Campaign:
    """One mail in many variants, the addresses it comes from, and the forged sender if constant."""

    name: str
    mode: str
    text: str
    subject: str
    host: str
    account: str
    addresses: tuple[tuple[str, str], ...]
    sender: str
    is_html: bool
    encoding: str
    attachment: bytes
    webmail_share: float = 0.0


class Place(Enum):
    """From where a run that looks like its owner is sent."""

    WEBMAIL = "webmail"
    COMPUTER = "her own computer"
    OFFICE = "the office's address"


class Wrapping(Enum):
    """What a run is wrapped in, so that a reader sees its text and a program may not."""

    NOTHING = "nothing"
    QUOTE_BLOCK = "a quote block"
    EMPTY_BLOCK = "text after an empty quote block"
    QUOTE_LINES = "lines that begin with >"
    ORIGINAL = "below the line Original Message"
    OPEN_HEAD = "a head that never ends"


@dataclass(frozen=True, slots=True)
class Disguise:
    """How a run looks like its owner: her place, her sender, and what its mails look like.

    `mode` is that of every campaign, `""` for those of the level; `per_mail` is how many
    recipients a mail has, 0 for as many as the level's.
    """

    place: Place
    mode: str = ""
    wrapping: Wrapping = Wrapping.NOTHING
    has_links: bool = True
    per_mail: int = 0


@dataclass(frozen=True, slots=True)
class Twist:
    """What an attack has besides its level.

    `with_second` gives the attacker the second account at every level, as he has it at level 4;
    with a `disguise` the run looks like its owner; `good_share` says how much of the queue is good
    mail, else the level does.
    """

    with_second: bool = False
    disguise: Disguise | None = None
    good_share: float | None = None


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
    campaigns: list[Campaign] = field(default_factory=list)
    disguise: Disguise | None = None

    @property
    def ended_at_s(self) -> int:
        """When the queue was set aside."""
        return self.began_at_s + 26 * HOUR_S

    @property
    def victim(self) -> Person:
        """Who owns the stolen account."""
        return self.people[0]


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


def make_people(rng: Random) -> list[Person]:
    """The owners of all accounts: first who owns the stolen one, then who owns the second."""
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
