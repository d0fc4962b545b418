"""Questions to a real name server on loopback, and every way in which it may not answer."""

import dns.message
import dns.rcode
import dns.rrset
import pytest

from playbook.dns.lookup import Lookup
from playbook.dns.nameserver import NameServer
from playbook.dns.questions import Answer, Question, Said
from playbook.exposure import lists
from playbook.exposure.blacklists import Blacklists, Result
from playbook.exposure.subjects import subjects
from tests.support.name_server import LISTED, NO_SUCH_NAME, Reply, World, serving

NAME = "147.24.202.41.list.test."
A, TXT = Question(NAME), Question(NAME, "TXT")
SOON_S = 0.4


def answer(reply: Reply, question: Question = A, deadline_s: float = 3.0) -> Answer:
    world = World()
    world.says(question.name, reply, question.record)
    with serving(world) as server:
        return Lookup((server,), deadline_s).ask([question])[question]


@pytest.mark.parametrize(
    ("reply", "said", "records"),
    [
        (LISTED, Said.RECORDS, ("127.0.0.2",)),
        (NO_SUCH_NAME, Said.NOTHING, ()),
        (Reply(), Said.NOTHING, ()),
        (Reply(("127.255.255.254",)), Said.RECORDS, ("127.255.255.254",)),
        (Reply(rcode=dns.rcode.REFUSED), Said.REFUSED, ()),
        (Reply(rcode=dns.rcode.SERVFAIL), Said.UNREACHABLE, ()),
        (Reply(rcode=dns.rcode.FORMERR), Said.UNREACHABLE, ()),
        (Reply(("127.0.0.2",), truncated=True), Said.RECORDS, ("127.0.0.2",)),
    ],
)
def test_what_a_server_answers(reply: Reply, said: Said, records: tuple[str, ...]) -> None:
    found = answer(reply)
    assert (found.said, found.records) == (said, records)


def test_a_failure_of_the_server_is_named() -> None:
    assert answer(Reply(rcode=dns.rcode.SERVFAIL)).why == "the resolver answers SERVFAIL"


@pytest.mark.parametrize(
    "raw",
    [b"", b"x", b"\x00" * 11, b"\xff" * 512, bytes(range(256)) * 8],
    ids=["empty", "one byte", "short", "ones", "long"],
)
def test_garbage_is_no_answer(raw: bytes) -> None:
    assert answer(Reply(raw=raw), deadline_s=SOON_S).said is Said.UNREACHABLE


def test_an_answer_to_another_question_is_not_heard() -> None:
    other = dns.message.make_response(dns.message.make_query(NAME, "A", id=1))
    other.answer.append(dns.rrset.from_text(NAME, 60, "IN", "A", "127.0.0.2"))
    found = answer(Reply(raw=other.to_wire()), Question("x.list.test."), deadline_s=SOON_S)
    assert found.said is Said.UNREACHABLE


def test_silence_is_no_answer() -> None:
    found = answer(Reply(silent=True), deadline_s=SOON_S)
    assert found == Answer(Said.UNREACHABLE, why="no answer in time")


def test_a_lost_datagram_is_asked_for_again() -> None:
    class Forgetful(World):
        def reply(self, wire: bytes, *, tcp: bool) -> bytes | None:
            first = not self.asked
            reply = super().reply(wire, tcp=tcp)
            return None if first else reply

    world = Forgetful()
    world.says(NAME, LISTED)
    with serving(world) as server:
        found = Lookup((server,), 2.0).ask([A])[A]
    assert found.said is Said.RECORDS
    assert len(world.asked) == 2


def test_nobody_listens() -> None:
    found = Lookup((NameServer("127.0.0.1", 1),)).ask([A])[A]
    assert found == Answer(Said.UNREACHABLE, why="connection refused")


def test_another_server_is_asked_where_one_is_not_there() -> None:
    world = World()
    world.says(NAME, LISTED)
    with serving(world) as server:
        lookup = Lookup((NameServer("127.0.0.1", 1), server))
        assert lookup.ask([A])[A].said is Said.RECORDS
        assert str(lookup) == f"127.0.0.1:1, 127.0.0.1:{server.port}"


def test_a_machine_without_a_resolver_says_so() -> None:
    found = Lookup(()).ask([A])[A]
    assert found.said is Said.UNREACHABLE
    assert "no resolver" in found.why
    assert str(Lookup(())) == "no resolver"
    assert Lookup(()).ask([]) == {}


def test_a_name_that_cannot_be_asked_is_no_fault_of_the_program() -> None:
    question = Question("x" * 64 + ".list.test.")
    assert Lookup((NameServer("127.0.0.1", 1),)).ask([question])[question].said is Said.UNREACHABLE


def test_a_text_is_put_together_and_bounded() -> None:
    hostile = '"see \\027[31m" "https://list.test/"'
    assert answer(Reply((hostile,)), TXT).records == ("see \x1b[31mhttps://list.test/",)
    long = " ".join(f'"{"x" * 250}"' for _ in range(20))
    assert [len(each) for each in answer(Reply((long,), truncated=True), TXT).records] == [4096]
    many = tuple(f"127.0.0.{n}" for n in range(2, 30))
    assert len(answer(Reply(many)).records) == 16
    assert answer(Reply(('"\\255\\254"',)), TXT).records == ("\ufffd\ufffd",)


def test_a_thousand_questions_end_with_the_deadline() -> None:
    world = World(otherwise=Reply(silent=True))
    questions = [Question(f"n{number}.list.test.") for number in range(1000)]
    with serving(world) as server:
        found = Lookup((server,), SOON_S).ask(questions)
    assert {each.said for each in found.values()} == {Said.UNREACHABLE}
    assert len(found) == 1000


KNOWN = lists.known()
SUBJECTS = subjects(["41.202.24.147", "2a01:e0a::25", "domaine.fr"]).asked


def results(world: World) -> dict[tuple[str, str], Result]:
    with serving(world) as server:
        found = Blacklists(KNOWN, Lookup((server,))).standings(SUBJECTS)
    return {(each.subject.text, each.blacklist): each.result for each in found}


def test_all_lists_at_once_over_the_wire() -> None:
    world = World()
    world.healthy(KNOWN, {"Spamhaus DBL": "127.0.1.2", "SURBL": "127.0.0.254"})
    assert set(results(world).values()) == {Result.NOT_LISTED}
    world.says("147.24.202.41.bl.spamcop.net.", LISTED)
    world.says("147.24.202.41.bl.spamcop.net.", Reply(('"blocked, \\027]0;x"',)), "TXT")
    world.says("domaine.fr.multi.surbl.org.", Reply(("127.0.0.64",)))
    world.says("domaine.fr.dbl.spamhaus.org.", Reply(rcode=dns.rcode.SERVFAIL))
    world.says("147.24.202.41.zen.spamhaus.org.", Reply(("127.255.255.254",)))
    assert results(world) == {
        ("41.202.24.147", "Spamhaus ZEN"): Result.REFUSED,
        ("41.202.24.147", "SpamCop"): Result.LISTED,
        ("41.202.24.147", "Barracuda"): Result.NOT_LISTED,
        ("41.202.24.147", "PSBL"): Result.NOT_LISTED,
        ("2a01:e0a::25", "Spamhaus ZEN"): Result.NOT_LISTED,
        ("domaine.fr", "Spamhaus DBL"): Result.UNREACHABLE,
        ("domaine.fr", "SURBL"): Result.LISTED,
    }


@pytest.mark.parametrize(
    "otherwise",
    [
        LISTED,
        NO_SUCH_NAME,
        Reply(),
        Reply(("192.0.2.80",)),
        Reply(("127.0.0.1",)),
        Reply(("127.255.255.254",)),
        Reply(("127.255.255.255",)),
        Reply(rcode=dns.rcode.REFUSED),
    ],
    ids=["wildcard", "empty", "blanked", "rewritten", "parked", "public", "too often", "refused"],
)
def test_a_world_that_answers_everything_alike_is_believed_in_nothing(otherwise: Reply) -> None:
    assert set(results(World(otherwise=otherwise)).values()) == {Result.REFUSED}
