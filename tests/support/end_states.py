"""How a run ends on the mail server, to be compared with an undisturbed one."""

from playbook import operations
from playbook.drill.server import AttackedServer
from playbook.errors import ExitCode, TransportError
from playbook.incident import store
from playbook.operations import Ended
from playbook.wiring import Desk, Options

# The account that is stolen has a forwarder and a second name, which a person has to look at.
PERSISTENCE = tuple(
    f"persistence:info@domaine.example:{setting}" for setting in ("u_forwardto", "u_alias")
)
CONTAIN = Options(contain=True)


def state(server: AttackedServer, name: str) -> dict[str, object]:
    """What is there in the end: folders, services, settings; of the mail, by the hidden truth."""
    folders = {
        str(path.relative_to(server.root)).replace(name, "INCIDENT")
        for place in ("icewarp/mail", "icewarp/temp")
        for path in (server.root / place).rglob("*")
        if path.is_dir()
    }
    score = server.score(0.0)
    return {
        "folders": folders,
        "up": score.smtp_answers,
        "watchdog": score.watchdog_as_before,
        "closed": score.stolen_passwords_refused,
        "lost": score.mails_lost,
        "twice": score.mails_sent_twice,
        "aside": score.good_still_aside,
        "spam": score.spam_left_after + score.spam_reinjected,
    }


def contained(server: AttackedServer, desk: Desk) -> Ended:
    """Contain; where that was disturbed, take it up again once, as a person would."""
    try:
        ended = operations.respond(desk, (server.account,), CONTAIN)
    except TransportError:
        if not store.names(desk.home):
            # Nothing was begun, so there is nothing to take up.
            return operations.respond(desk, (server.account,), CONTAIN)
    else:
        if ended.code is ExitCode.OWED:
            return ended
    return operations.resume(desk, store.load("", desk.home), CONTAIN)
