"""Small queues amid a run of spam, for tests of verdicts."""

from collections.abc import Iterable
from dataclasses import replace

from playbook.smtplog.deliveries import Delivery
from playbook.smtplog.sessions import Login, Session, Submission
from playbook.triage.features import Features, FileKind
from playbook.triage.history import LogHistory, learn
from playbook.triage.judgement import Judged, Judgement, judge
from playbook.triage.similarity import sketch_of
from playbook.triage.verdicts import Verdict

DAY_S = 86_400
BEGAN_S = 1_373_870_000
VICTIM, COLLEAGUE = "info@d.example", "paul@d.example"
OFFICE, HOME, THIEF, ROAD, WEBMAIL = "90.12.1.1", "86.1.1.1", "41.202.1.1", "37.1.1.1", "127.0.0.1"
PITCH = "winner claim the prize of the lottery and send the fee to our agent before monday noon"
OWN = "merci pour le devis du chantier nous passons jeudi matin avec les plans et les mesures"


def mail(
    number: int, account: str | None, address: str, text: str = OWN, **more: object
) -> Features:
    plain = Features(
        path=f"{number}.tmp".encode(),
        kind=FileKind.MESSAGE,
        size_bytes=900,
        stem=f"{number:018}",
        at_s=BEGAN_S + 60 + number,
        account=account,
        sender=account or "",
        from_address=account or "",
        recipient=f"r{number}@elsewhere.example",
        message_id=f"IDA{number:05}",
        client_address=address,
        is_authenticated=bool(account),
        sketch=sketch_of(text.encode()),
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def spam(number: int, address: str = THIEF, **more: object) -> Features:
    seen = mail(number, VICTIM, address, f"{PITCH} bonjour {number * 'x'}", leads=("evil.example",))
    return replace(seen, **{"sender": f"x{number}@gmail.example", "from_address": "", **more})  # type: ignore[arg-type]


def run_of_spam() -> list[Features]:
    return [spam(1000 + number) for number in range(40)]


def week() -> list[Session]:
    """The victim at the office and in webmail, a colleague at home, on five days before."""
    habits = ((VICTIM, OFFICE), (VICTIM, WEBMAIL), (COLLEAGUE, HOME))
    return [
        session(account, address, BEGAN_S - day * DAY_S, account, f"OLD{day}")
        for account, address in habits
        for day in range(1, 6)
    ]


def session(account: str, address: str, at_s: int, sender: str, message_id: str) -> Session:
    submission = Submission(at_s, sender, 1, message_id, "OK")
    login = Login.ACCEPTED if account else Login.NONE
    return Session(address, "0A", at_s, at_s, account, login, True, (submission,))


def verdicts(
    *files: Features,
    log: Iterable[Session | Delivery] | None = None,
    named: tuple[str, ...] = (VICTIM,),
) -> list[Judged]:
    """The verdicts of some files amid a run of spam, after an ordinary week."""
    judgement = judged([*files, *run_of_spam()], log, named)
    found = list(judgement)
    assert {each.verdict for each in found[len(files) :]} == {Verdict.SPAM}
    return found[: len(files)]


def judged(
    queue: list[Features],
    log: Iterable[Session | Delivery] | None = None,
    named: tuple[str, ...] = (VICTIM,),
) -> Judgement:
    history = LogHistory() if log is None else learn(log)
    return judge(queue, history, named)
