"""What a domain publishes, as tables of records and of what is to be found in them."""

import base64
from collections.abc import Iterable, Mapping

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from playbook.dns.questions import Answer, Question, Said
from playbook.exposure.finding import Finding, State
from playbook.exposure.published import Wanted, published
from playbook.exposure.published.policies import tags
from playbook.exposure.published.spf import BrokenRecordError, parsed

D = "corp.org"
SERVER = "8.8.4.4"


class Zone:
    """A resolver with records by name and kind; what it does not know is not there."""

    def __init__(self, records: Mapping[str, str | tuple[str, ...] | Answer]) -> None:
        self.records = records
        self.rounds: list[set[Question]] = []

    def ask(self, questions: Iterable[Question]) -> Mapping[Question, Answer]:
        asked = set(questions)
        self.rounds.append(asked)
        return {each: self._answer(each) for each in asked}

    def _answer(self, question: Question) -> Answer:
        found = self.records.get(f"{question.record} {question.name.rstrip('.')}")
        if isinstance(found, Answer):
            return found
        if found is None:
            return Answer(Said.NOTHING)
        return Answer(Said.RECORDS, (found,) if isinstance(found, str) else found)


GOOD: dict[str, str | tuple[str, ...] | Answer] = {
    f"MX {D}": f"10 mail.{D}.",
    f"A mail.{D}": SERVER,
    f"TXT {D}": ("v=spf1 mx -all", "google-site-verification=x"),
    f"TXT _dmarc.{D}": f"v=DMARC1; p=reject; rua=mailto:d@{D}",
    f"TXT _mta-sts.{D}": "v=STSv1; id=20260101",
    f"TXT _smtp._tls.{D}": f"v=TLSRPTv1; rua=mailto:t@{D}",
    "PTR 4.4.8.8.in-addr.arpa": f"mail.{D}.",
}


def found(
    changes: Mapping[str, str | tuple[str, ...] | Answer | None], wanted: Wanted | None = None
) -> tuple[Finding, ...]:
    records = {name: each for name, each in {**GOOD, **changes}.items() if each is not None}
    return published(wanted or Wanted((D,), (SERVER,)), Zone(records))


def state(findings: Iterable[Finding], topic: str) -> tuple[State, str]:
    each = next(each for each in findings if each.topic.startswith(topic))
    return each.state, each.what


def test_a_domain_in_order_holds_everywhere() -> None:
    everywhere = found({}, Wanted((D,), (SERVER,), helo=f"mail.{D}"))
    assert {each.state for each in everywhere} == {State.HOLDS}
    assert len(everywhere) == 9
    assert all(each.next == "" for each in everywhere)


@pytest.mark.parametrize(
    ("changes", "topic", "expected", "words"),
    [
        ({f"MX {D}": None, f"A {D}": SERVER}, "mail ex", State.DIFFERS, "no MX"),
        ({f"MX {D}": None}, "mail ex", State.DIFFERS, "nobody can write"),
        ({f"MX {D}": "0 ."}, "mail ex", State.HOLDS, "takes no mail"),
        ({f"MX {D}": ("0 .", f"5 mail.{D}.")}, "mail ex", State.DIFFERS, "beside others"),
        ({f"MX {D}": "10 8.8.4.4."}, "mail ex", State.DIFFERS, "is an address"),
        ({f"CNAME mail.{D}": "x.org."}, "mail ex", State.DIFFERS, "alias"),
        ({f"A mail.{D}": None}, "mail ex", State.DIFFERS, "no address"),
        ({f"A mail.{D}": "10.0.0.1"}, "mail ex", State.DIFFERS, "not public"),
        (
            {f"MX {D}": (f"10 mail.{D}.", f"20 b.{D}."), f"A b.{D}": SERVER},
            "secondary",
            State.DIFFERS,
            f"b.{D}",
        ),
        ({f"TXT {D}": None}, "SPF", State.DIFFERS, "no record"),
        ({f"TXT {D}": ("v=spf1 -all", "v=spf1 mx")}, "SPF", State.DIFFERS, "2 records"),
        ({f"TXT {D}": "v=spf1 +all"}, "SPF", State.DIFFERS, "everybody"),
        ({f"TXT {D}": "v=spf1 mx ?all"}, "SPF", State.DIFFERS, "keeps nobody out"),
        ({f"TXT {D}": "v=spf1 mx"}, "SPF", State.DIFFERS, "keeps nobody out"),
        ({f"TXT {D}": "v=spf1 mx ~all"}, "SPF", State.HOLDS, "~all"),
        ({f"TXT {D}": "v=spf1 ip4:300.1.1.1 -all"}, "SPF", State.DIFFERS, "no network"),
        ({f"TXT {D}": "v=spf1 mxx -all"}, "SPF", State.DIFFERS, "no term"),
        ({f"TXT {D}": f"v=spf1 include:{D} -all"}, "SPF", State.DIFFERS, "includes itself"),
        ({f"TXT {D}": "v=spf1 include:n.org -all"}, "SPF", State.DIFFERS, "has no record"),
        ({f"TXT {D}": "v=spf1 -all"}, f"SPF, for {SERVER}", State.DIFFERS, "fail"),
        ({f"TXT {D}": "v=spf1 ip4:8.8.4.0/24 -all"}, "SPF, for", State.HOLDS, "pass"),
        ({f"TXT {D}": "v=spf1 a:mail.corp.org/30 -all"}, "SPF, for", State.HOLDS, "pass"),
        (
            {f"TXT {D}": "v=spf1 redirect=s.org", "TXT s.org": "v=spf1 ip4:8.8.4.4 -all"},
            "SPF, for",
            State.HOLDS,
            "pass",
        ),
        (
            {f"TXT {D}": "v=spf1 include:s.org -all", "TXT s.org": "v=spf1 -ip4:8.8.4.4 +all"},
            "SPF, for",
            State.DIFFERS,
            "fail",
        ),
        (
            {f"TXT {D}": "v=spf1 a:a.org a:b.org a:c.org mx -all"},
            "SPF, its cost",
            State.DIFFERS,
            "4 look-ups of 10, 3 of 2 void",
        ),
        ({f"TXT _dmarc.{D}": None}, "DMARC", State.DIFFERS, "no record"),
        ({f"TXT _dmarc.{D}": "v=DMARC1; p=none"}, "DMARC", State.DIFFERS, "let through"),
        ({f"TXT _dmarc.{D}": "v=DMARC1; rua=x"}, "DMARC", State.DIFFERS, "not understood"),
        ({f"TXT _dmarc.{D}": ("v=DMARC1; p=none",) * 2}, "DMARC", State.DIFFERS, "2 records"),
        ({f"TXT _mta-sts.{D}": None}, "MTA-STS", State.ABSENT, "strip"),
        ({f"TXT _mta-sts.{D}": "v=STSv1"}, "MTA-STS", State.DIFFERS, "id"),
        ({f"TXT _smtp._tls.{D}": None}, "TLS-RPT", State.ABSENT, "nobody"),
        ({"PTR 4.4.8.8.in-addr.arpa": None}, "reverse", State.DIFFERS, "no name"),
        ({"PTR 4.4.8.8.in-addr.arpa": "x.org."}, "reverse", State.DIFFERS, "does not lead back"),
    ],
)
def test_each_point(
    changes: Mapping[str, str | None], topic: str, expected: State, words: str
) -> None:
    how, what = state(found(changes), topic)
    assert how is expected
    assert words in what


@pytest.mark.parametrize("answer", [Answer(Said.REFUSED), Answer(Said.UNREACHABLE, why="late")])
def test_what_nobody_answers_is_unknown_and_hides_nothing_else(answer: Answer) -> None:
    findings = found({f"TXT {D}": answer})
    how, what = state(findings, "SPF")
    assert how is State.UNKNOWN
    assert D in what
    assert state(findings, "mail ex")[0] is State.HOLDS


def test_a_chain_of_includes_beyond_the_limit_is_counted() -> None:
    chain = {f"TXT s{n}.org": f"v=spf1 include:s{n + 1}.org -all" for n in range(13)}
    records = {f"TXT {D}": "v=spf1 include:s0.org -all", **chain, "TXT s13.org": "v=spf1 -all"}
    how, what = state(found(records), "SPF, its cost")
    assert how is State.DIFFERS
    assert what.startswith("14 look-ups of 10")


def test_a_chain_without_an_end_ends_unknown() -> None:
    chain = {f"TXT s{n}.org": f"v=spf1 include:s{n + 1}.org -all" for n in range(40)}
    how, what = state(found({f"TXT {D}": "v=spf1 include:s0.org -all", **chain}), "SPF")
    assert how is State.UNKNOWN
    assert "more questions" in what


def test_a_policy_of_the_domain_above_counts() -> None:
    wanted = Wanted((f"mail.{D}",), (SERVER,))
    records = {f"TXT _dmarc.{D}": "v=DMARC1; p=reject; sp=none"}
    how, what = state(found(records, wanted), "DMARC")
    assert how is State.DIFFERS
    assert D in what


def key_text(bits: int) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key()
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


@pytest.mark.parametrize(
    ("record", "expected", "words"),
    [
        (f"v=DKIM1; k=rsa; p={key_text(2048)}", State.HOLDS, "2048 bits"),
        (f"v=DKIM1; p={key_text(1024)}", State.DIFFERS, "1024 bits"),
        ("v=DKIM1; p=", State.DIFFERS, "withdrawn"),
        ("v=DKIM1; p=AAAA", State.DIFFERS, "cannot be read"),
        ("v=DKIM1; p=not base64!", State.DIFFERS, "cannot be read"),
        (None, State.DIFFERS, "no key"),
        ("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", State.HOLDS, "Ed"),
    ],
    ids=("long", "short", "withdrawn", "cut", "no-base64", "none", "ed25519"),
)
def test_the_key_of_a_selector(record: str | None, expected: State, words: str) -> None:
    wanted = Wanted((D,), (SERVER,), selectors=("s1",))
    how, what = state(found({f"TXT s1._domainkey.{D}": record}, wanted), "DKIM")
    assert how is expected
    assert words in what


def test_an_address_of_ipv6_has_its_name_looked_up() -> None:
    six = "2001:4860:4860::8888"
    name = "8.8.8.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.8.4.0.6.8.4.1.0.0.2.ip6.arpa"
    findings = found({f"PTR {name}": "m6.org.", "AAAA m6.org": six}, Wanted((D,), (six,)))
    assert state(findings, "reverse") == (State.HOLDS, "m6.org, and back")


def test_the_greeting_leads_to_another_machine() -> None:
    findings = found({"A x.org": "1.1.1.1"}, Wanted((D,), (SERVER,), helo="x.org"))
    assert state(findings, "HELO")[0] is State.DIFFERS


def test_the_checks_share_their_rounds() -> None:
    zone = Zone(GOOD)
    published(Wanted((D, "b.org", "c.org"), (SERVER,)), zone)
    assert len(zone.rounds) <= 4


@pytest.mark.parametrize(
    "text",
    ["v=spf1 ip4:1.1.1.1/33 -all", "v=spf1 include: -all", "v=spf1 -all/8 x", "v=spf1 ip6:1"],
)
def test_a_record_that_receivers_refuse_is_refused(text: str) -> None:
    with pytest.raises(BrokenRecordError):
        parsed(text)


def test_tags_are_read_as_they_are_written() -> None:
    assert tags(" v = DKIM1 ;p= a=b ;; X") == {"v": "DKIM1", "p": "a=b"}
