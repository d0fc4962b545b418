"""The messages of a drill: spam and good mail, the same for the same seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from playbook.drill.queuefile import Submission, stem_of
from playbook.drill.scenario import (
    DOMAIN,
    OFFICE_ADDRESS,
    ORDINARY_ACCOUNTS,
    THIEF_ADDRESS,
    VICTIM,
    Scenario,
)
from playbook.drill.smtplog import smtp_date

ATTACK_S = 8 * 3600
GOOD_SHARE = 0.08
_OUTSIDE = ("web-post.example", "courriel.example", "mairie-lac.example", "atelier.example")
_SUBJECTS = (
    "Facture {n}",
    "Rendez-vous du {n}",
    "Devis {n} pour le portail",
    "Re: votre commande {n}",
    "Compte rendu, point {n}",
    "Horaires de la semaine {n}",
)
_SENTENCES = (
    "Merci de me confirmer la date de livraison.",
    "Vous trouverez le document demande au bureau.",
    "Nous passons mardi pour le relevé des mesures.",
    "Le prix indique reste valable jusqu'a la fin du mois.",
    "Je reste a votre disposition par telephone.",
    "Pouvez-vous nous renvoyer le bon signe ?",
    "La reunion est deplacee a quinze heures.",
)
_PITCHES = (
    ("Your parcel is waiting", "Pay the customs fee of 1.99 now or it goes back"),
    ("Votre compte sera ferme", "Confirmez vos informations sous 24 heures"),
    ("Get PERFECT credit today", "We show you how, quickly and easily"),
)


@dataclass(frozen=True)
class Text:
    """A message to be handed over: who to, its bytes, and what it really is."""

    identity: str
    good: bool
    sender: str
    recipients: tuple[str, ...]
    content: bytes


@dataclass(frozen=True)
class Post:
    """A message, the account it is handed over with or "", and the client's address and name."""

    account: str
    address: str
    client: str
    text: Text

    def submitted(self, at: float) -> Submission:
        """As it lies in the queue when it was handed over at a Unix time."""
        return Submission(
            stem=stem_of(int(at * 10_000)),
            at=at,
            address=self.address,
            helo=self.client,
            account=self.account,
            sender=self.text.sender,
            recipients=self.text.recipients,
            content=self.text.content,
        )


@dataclass(frozen=True)
class Queued:
    """A message that lies in the queue when the drill begins."""

    text: Text
    mail: Submission
    folder: str


def seeded(*seed: object) -> Random:
    """A generator that says the same for the same seed; nothing secret comes of it."""
    return Random(" ".join(map(str, seed)))  # noqa: S311


def spam(random: Random, at: float) -> Text:
    """One message of the thief's campaign, under a forged sender, to some of his victims."""
    title, pitch = random.choice(_PITCHES)
    token = f"{random.getrandbits(64):016x}"
    sender = f"service{random.randrange(40)}@{random.choice(_OUTSIDE)}"
    recipients = tuple(
        f"user{random.randrange(1_000_000)}@{random.choice(_OUTSIDE)}"
        for _ in range(random.randint(1, 5))
    )
    body = (
        f"<p align=center>{pitch}.</p>\r\n"
        f'<p><a href="http://offre.example/{token}">Click here</a></p>\r\n'
    )
    return _text(random, at, sender, recipients, (title, "text/html", body), good=False)


def good(random: Random, at: float, sender: str, recipient: str | None = None) -> Text:
    """One ordinary message of an account, to a colleague or to somebody outside."""
    names = ("paul", "lucie", "contact", "achats", "n.blanc")
    outside = f"{random.choice(names)}{random.randrange(100)}@{random.choice(_OUTSIDE)}"
    subject = random.choice(_SUBJECTS).format(n=random.randrange(1, 5000))
    sentences = random.sample(_SENTENCES, random.randint(2, 5))
    body = "Bonjour,\r\n\r\n" + "\r\n".join(sentences) + f"\r\n\r\n{sender.partition('@')[0]}\r\n"
    return _text(
        random, at, sender, (recipient or outside,), (subject, "text/plain", body), good=True
    )


def bounce(random: Random, at: float) -> Text:
    """A bounce of the thief's spam, as other servers send them back to the stolen account."""
    lost = f"user{random.randrange(1_000_000)}@{random.choice(_OUTSIDE)}"
    body = f"<{lost}>: host mx.example said: 550 5.1.1 user unknown\r\n"
    subject = ("Undelivered Mail Returned to Sender", "text/plain", body)
    sender = f"MAILER-DAEMON@{random.choice(_OUTSIDE)}"
    return _text(random, at, sender, (VICTIM,), subject, good=True)


def queued(scenario: Scenario, now: float) -> Iterator[Queued]:
    """The outgoing queue as it is when the drill begins, oldest message first."""
    random = seeded(scenario.seed)
    step_s = ATTACK_S / max(scenario.size, 1)
    for number in range(scenario.size):
        at = now - ATTACK_S + (number + random.random() * 0.9) * step_s
        if random.random() < GOOD_SHARE:
            account = VICTIM if random.random() < 0.25 else random.choice(ORDINARY_ACCOUNTS)
            folder = random.choices(("", "priority_2", "retry"), (5, 3, 2))[0]
            post = from_office(account, good(random, at, account))
        else:
            account = random.choice(scenario.stolen)
            folder = random.choices(("", "priority_0", "retry"), (10, 10, 80))[0]
            post = from_thief(account, spam(random, at))
        yield Queued(post.text, post.submitted(at), folder)


def from_office(account: str, text: Text) -> Post:
    """A message that somebody hands over at his desk."""
    return Post(account, OFFICE_ADDRESS, "PC-0PFK9Z", text)


def from_thief(account: str, text: Text) -> Post:
    """A message that the thief hands over."""
    return Post(account, THIEF_ADDRESS, "User", text)


def _text(
    random: Random,
    at: float,
    sender: str,
    recipients: tuple[str, ...],
    told: tuple[str, str, str],
    *,
    good: bool,
) -> Text:
    subject, kind, body = told
    identity = f"<{random.getrandbits(96):024x}@{DOMAIN if good else 'dpurmwotc.example'}>"
    shown_to = recipients[0] if good else "undisclosed-recipients:;"
    content = (
        f"From: <{sender}>\r\nTo: {shown_to}\r\nSubject: {subject}\r\n"
        f"Date: {smtp_date(at)}\r\nMessage-ID: {identity}\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}"
    )
    return Text(identity, good, sender, recipients, content.encode("utf-8"))
