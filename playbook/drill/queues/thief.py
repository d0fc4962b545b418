"""The thief's run: campaigns, forged senders, probes, bounces, and at level 4 his disguises."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from playbook.drill.queues import owner, wording
from playbook.drill.queues.scene import (
    DAY_S,
    FREEMAIL,
    HOUR_S,
    LOOPBACK,
    SECOND,
    SERVER,
    STOLEN,
    Campaign,
    Mail,
    Scene,
    Wrapping,
    address,
    between,
    outside,
    server_mail,
)
from playbook.drill.queues.wording import Body

_NETWORKS = ("41.202", "77.224", "59.88", "197.210", "154.120", "185.222", "45.134", "94.102")
_CLIENTS = ("User", "mailer", "orange.example", "WIN-4TTI4DH7SGH", "[192.168.1.49]")
_MODES = ("exact", "personal", "link", "bust", "synonyms", "attached")
_DISGUISES = ("own", "thread")


def run(scene: Scene, count: int, *, with_second: bool) -> None:
    """Put the thief's mails into the scene, about `count` of them still queued."""
    campaigns = scene.campaigns = _campaigns(scene, with_second=with_second)
    shares = [
        0.03 if campaign.webmail_share == 1.0 else 1 / (number + 1)
        for number, campaign in enumerate(campaigns)
    ]
    reports = round(count * (0, 0.006, 0.009, 0.012)[scene.level - 1])
    if scene.disguise:
        reports = 0
    for campaign, share in zip(campaigns, shares, strict=True):
        for _ in range(round((count - reports) * share / sum(shares))):
            scene.queued.append(spam(scene, campaign))
    scene.queued += _probes(scene)
    forged = [m for m in scene.queued if m.kind == "campaign" and m.sender != m.login]
    for _ in range(reports):
        scene.queued.append(_backscatter(scene, scene.rng.choice(forged)))
    spams = [mail for mail in scene.queued if mail.kind == "campaign"]
    scene.passed += scene.rng.sample(spams, len(spams) // 2)
    waiting = scene.rng.sample(range(len(scene.queued)), 4) if scene.level > 1 else []
    for number in waiting:
        mail = scene.queued[number]
        if mail.kind == "campaign":
            scene.queued[number] = replace(mail, is_incoming=True, kind="submitted_spam")


def _campaigns(scene: Scene, *, with_second: bool) -> list[Campaign]:
    rng = scene.rng
    modes = (
        _MODES[:1] if scene.level == 1 else tuple(rng.sample(_MODES, (3, 6, 6)[scene.level - 2]))
    )
    campaigns = [_campaign(scene, f"C{n}", mode, STOLEN) for n, mode in enumerate(modes, 1)]
    if scene.level >= 4:
        campaigns += _disguises(scene, campaigns)
    if with_second:
        campaigns.append(_second(scene, campaigns))
    return [owner.disguised(scene, campaign) for campaign in campaigns]


def _disguises(scene: Scene, campaigns: list[Campaign]) -> Iterator[Campaign]:
    """Campaigns in which the thief writes as the victim, partly through webmail."""
    rng = scene.rng
    known = list(campaigns)
    host = f"www.{wording.token(rng)}.example"
    for mode in _DISGUISES:
        shared = rng.choice(known) if rng.random() < 0.5 else None
        disguised = _campaign(scene, f"C{len(known) + 1}", mode, STOLEN)
        if shared is not None:
            disguised = replace(disguised, addresses=shared.addresses, host=shared.host)
        webmail_share = rng.choice((0.1, 0.15, 1.0 if mode == "own" else 0.2))
        disguised = replace(disguised, sender=STOLEN, webmail_share=webmail_share)
        known.append(disguised if webmail_share == 1.0 else replace(disguised, host=host))
        yield known[-1]


def _second(scene: Scene, campaigns: list[Campaign]) -> Campaign:
    """A campaign through the second account, from addresses of which the first may know some."""
    rng = scene.rng
    second = _campaign(scene, f"C{len(campaigns) + 1}", rng.choice(_MODES), SECOND)
    if rng.random() < 0.5:
        second = replace(second, addresses=second.addresses[:4] + campaigns[0].addresses[:3])
    return replace(second, sender=SECOND) if rng.random() < 0.4 else second


def _campaign(scene: Scene, name: str, mode: str, account: str) -> Campaign:
    rng = scene.rng
    low, high = ((1, 3), (3, 12), (6, 20), (6, 24))[scene.level - 1]
    places = [
        (address(rng, _NETWORKS), rng.choice(_CLIENTS)) for _ in range(rng.randint(low, high))
    ]
    text = scene.texts.spam(rng)
    is_constant = scene.level == 1 or rng.random() < 0.2
    return Campaign(
        name=name,
        mode=mode,
        text=text,
        subject=wording.sentence(rng, text.split()[:40], 5),
        host=f"www.{wording.token(rng)}.example",
        account=account,
        addresses=tuple(places),
        sender=outside(rng) if is_constant else "",
        is_html=rng.random() < 0.5,
        encoding=rng.choice(("8bit", "quoted-printable", "base64")),
        attachment=b"PK" + rng.randbytes(4000),
    )


def spam(scene: Scene, campaign: Campaign) -> Mail:
    """One mail of a campaign, at some time of the run."""
    rng = scene.rng
    where, client = rng.choice(campaign.addresses)
    is_disguised = campaign.mode in _DISGUISES
    many = 1 if scene.level == 1 or is_disguised else rng.choice((1, 1, 10, 30))
    if scene.disguise and scene.disguise.per_mail:
        many = scene.disguise.per_mail
    through_webmail = rng.random() < campaign.webmail_share
    if through_webmail:
        where, client = LOOPBACK, "localhost"
    sender = campaign.sender or f"{wording.token(rng)}@{rng.choice(FREEMAIL)}"
    known = scene.victim.correspondents
    return Mail(
        at_s=between(scene, 0, 26 * HOUR_S),
        login=campaign.account,
        address=where,
        sender=sender,
        recipients=(rng.choice(known),)
        if is_disguised
        else tuple(outside(rng) for _ in range(many)),
        subject=("Re: " if campaign.mode == "thread" else "") + campaign.subject,
        body=_spam_body(scene, campaign),
        label="spam",
        kind="campaign",
        client=client,
        from_name=scene.victim.name if is_disguised or scene.disguise else "Service",
        headers=("X-Mailer: IceWarp Mailer 10.4.5",) if where == LOOPBACK else (),
        campaign=campaign.name,
        is_ambiguous=through_webmail,
    )


def _spam_body(scene: Scene, campaign: Campaign) -> Body:
    rng = scene.rng
    name = wording.person(rng)[0].title()
    link = (
        campaign.host
        and f"http://{campaign.host}/{wording.token(rng) if campaign.mode != 'exact' else 'a'}"
    )
    text = f"{campaign.text}\n{link}"
    if campaign.mode == "thread":
        quoted = "\n".join(f"> {line}" for line in scene.texts.good(rng).split("\n"))
        text = f"{scene.texts.good(rng)[:120]}\n{link}\n\n{scene.victim.name}\n\n{quoted}"
    elif campaign.mode != "exact":
        text = f"Bonjour {name},\n{text}"
    if campaign.mode == "bust":
        text += "\n" + " ".join(wording.token(rng, 6) for _ in range(rng.randint(4, 20)))
    if campaign.mode == "synonyms":
        text = wording.with_synonyms(rng, text)
    if campaign.mode == "own":
        text += f"\n\n{scene.victim.name}"
    if campaign.mode == "attached":
        return wording.attached_body(
            rng, text, campaign.attachment, "document.docx", "application/octet-stream"
        )
    wrapping = scene.disguise.wrapping if scene.disguise else Wrapping.NOTHING
    if wrapping is not Wrapping.NOTHING:
        return owner.wrapped(rng, text, wrapping, campaign.encoding)
    return wording.text_body(rng, text, is_html=campaign.is_html, encoding=campaign.encoding)


def _probes(scene: Scene) -> Iterator[Mail]:
    rng = scene.rng
    for _ in range(0 if scene.disguise else rng.randint(1, 2)):
        yield Mail(
            at_s=between(scene, -2 * DAY_S, -HOUR_S),
            login=STOLEN,
            address=address(rng, _NETWORKS),
            sender=STOLEN,
            recipients=(f"{wording.token(rng)}@gmail.example",),
            subject=wording.token(rng),
            body=Body((), f"{SERVER}|{STOLEN}\n".encode()),
            label="spam",
            kind="probe",
            client="win-4v8oitb4lk6",
        )


def _backscatter(scene: Scene, spam: Mail) -> Mail:
    rng: Random = scene.rng
    failed = outside(rng)
    body = wording.report_body(rng, failed, (spam.sender, failed, spam.subject))
    subject = f"Undeliverable: {spam.subject}"
    return server_mail(scene, spam.sender, subject, body, "spam", "backscatter")
