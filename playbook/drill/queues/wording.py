"""Made-up mail texts: nothing in them was ever sent, and no two seeds write the same."""

import base64
import quopri
from dataclasses import dataclass
from random import Random

from playbook.drill.scenario import HOST


def _words(text: str) -> list[str]:
    return text.split()


_WORDS = {
    "fr": _words(
        """
        le la un une des nous vous avec pour dans sur par notre votre projet dossier devis
        facture chantier livraison plan commande rendez-vous lundi mardi jeudi réunion délai
        contrat pièce atelier client fournisseur merci bonjour demain matin ensemble
        toujours encore déjà stock semaine prochaine équipe budget relance échéance visite
        modèle mesure photo document réponse question retour avis accord proposition compte
        rendu train hôtel voyage enfants vacances maison jardin voiture téléphone numéro
        adresse bureau salle
        """
    ),
    "en": _words(
        """
        the a an and of to in for with on at by from our your project order invoice delivery
        meeting monday friday tomorrow morning schedule contract workshop customer supplier
        thanks please review attached document figures budget quote version draft question
        answer thought patch server release build list kernel driver package folder script
        archive holiday family garden train hotel travel phone number office room team plan
        week again already
        """
    ),
}
_PITCH = _words(
    """
    winner claim prize lottery transfer million account secure verify urgent offer cheap
    discount loan approved mortgage rate free trial exclusive member bonus reward click
    now limited guaranteed income profit investor crypto wallet parcel customs fee
    pending suspended password expire confirm identity billing refund miracle pills
    health weight
    """
)
_FIRST_NAMES = _words(
    """
    anne marc julie pierre sandra olivier lucie hugo emma paul claire jean sophie luc
    alice henri manon yves nina omar chen ivan maria thomas laura david sarah karim
    """
)
_LAST_NAMES = _words(
    """
    martin bernard petit durand leroy moreau simon laurent michel garcia roux fontaine
    chevalier robin masson girard andre mercier blanc guerin boyer silva kumar okafor
    smith miller
    """
)


@dataclass(frozen=True, slots=True)
class Body:
    """The lines of a message below its own header lines: MIME headers, blank line, payload."""

    headers: tuple[str, ...]
    payload: bytes


def sentence(rng: Random, words: list[str], length: int = 0) -> str:
    """Some words, a capital, a full stop."""
    count = length or rng.randint(6, 16)
    return " ".join(rng.choice(words) for _ in range(count)).capitalize() + "."


def good_text(rng: Random) -> str:
    """A text as people write them at work."""
    words = _WORDS[rng.choice(("fr", "en"))]
    lines = [
        " ".join(sentence(rng, words) for _ in range(rng.randint(1, 4)))
        for _ in range(rng.randint(1, 6))
    ]
    return "\n".join(lines)


def spam_text(rng: Random) -> str:
    """A pitch, to be sent with small changes to very many."""
    words = _PITCH + rng.sample(_WORDS["en"], 20)
    return "\n".join(
        " ".join(sentence(rng, words) for _ in range(3)) for _ in range(rng.randint(3, 8))
    )


def person(rng: Random) -> tuple[str, str]:
    """A first and a last name."""
    return rng.choice(_FIRST_NAMES), rng.choice(_LAST_NAMES)


def token(rng: Random, length: int = 8) -> str:
    """A piece of a random name."""
    return "".join(rng.choices("abcdefghijkmnpqrstuvwxyz23456789", k=length))


def with_synonyms(rng: Random, text: str, share: float = 0.08) -> str:
    """The text with some words exchanged."""
    return " ".join(rng.choice(_PITCH) if rng.random() < share else w for w in text.split(" "))


def text_body(rng: Random, text: str, *, is_html: bool = False, encoding: str = "") -> Body:
    """A message of one part in one of the usual encodings."""
    if is_html:
        lines = "".join(f"<p>{line}</p>\n" for line in text.split("\n"))
        html = f"<html><head><style>p {{ margin: 0 }}</style></head><body>\n{lines}</body></html>"
        return html_body(rng, html, encoding=encoding)
    return _encoded(rng, text, "plain", encoding)


def html_body(rng: Random, html: str, *, encoding: str = "") -> Body:
    """A message of one part that is HTML."""
    return _encoded(rng, html, "html", encoding)


def _encoded(rng: Random, text: str, subtype: str, encoding: str) -> Body:
    kind = encoding or rng.choice(("8bit", "quoted-printable", "base64"))
    payload = text.encode() + b"\n"
    if kind == "base64":
        payload = base64.encodebytes(payload)
    elif kind == "quoted-printable":
        payload = quopri.encodestring(payload)
    headers = (
        "MIME-Version: 1.0",
        f"Content-Type: text/{subtype}; charset=utf-8",
        f"Content-Transfer-Encoding: {kind}",
    )
    return Body(headers, payload)


def attached_body(rng: Random, text: str, attachment: bytes, name: str, kind: str) -> Body:
    """A text with one attachment."""
    boundary = f"----=_Part_{token(rng, 20)}"
    parts = (
        f"--{boundary}\nContent-Type: text/plain; charset=utf-8\n"
        f"Content-Transfer-Encoding: 8bit\n\n{text}\n"
        f'--{boundary}\nContent-Type: {kind}; name="{name}"\n'
        f"Content-Transfer-Encoding: base64\n\n"
    )
    payload = parts.encode() + base64.encodebytes(attachment) + f"--{boundary}--\n".encode()
    return Body(_multipart("mixed", boundary), payload)


def report_body(rng: Random, failed: str, returned: tuple[str, str, str]) -> Body:
    """A delivery status notification; `returned` is From, To and Subject of the mail."""
    boundary = f"REPORT{token(rng, 10)}"
    sender, recipient, subject = returned
    payload = (
        f"--{boundary}\nContent-Type: text/plain\n\n"
        f"Your message did not reach the following recipient(s):\n\n<{failed}>: 550 unknown\n\n"
        f"--{boundary}\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; {HOST}\n\nFinal-Recipient: rfc822; {failed}\n"
        f"Action: failed\nStatus: 5.1.1\n\n"
        f"--{boundary}\nContent-Type: text/rfc822-headers\n\n"
        f"From: <{sender}>\nTo: <{recipient}>\nSubject: {subject}\n\n--{boundary}--\n"
    )
    headers = ("Auto-Submitted: auto-replied", *_multipart("report", boundary))
    return Body(headers, payload.encode())


def _multipart(subtype: str, boundary: str) -> tuple[str, ...]:
    return ("MIME-Version: 1.0", f'Content-Type: multipart/{subtype};\n\tboundary="{boundary}"')
