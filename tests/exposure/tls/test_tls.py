"""Looking at TLS: certificates of every kind, old protocols, STARTTLS, and what is no TLS."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from playbook.exposure.finding import Finding, State
from playbook.exposure.tls import secured
from playbook.exposure.tls.handshake import Endpoint, Version
from playbook.exposure.tls.judgement import protocols
from tests.support.certificates import server_context
from tests.support.smtp_server import Manners, serving

NOW = datetime.now(UTC)


def silent(command: str) -> str:
    return ""


def look(
    context: ssl.SSLContext | None, roots: Path, name: str = "127.0.0.1"
) -> dict[str, Finding]:
    with serving(Manners(silent), context) as port:
        found = secured([Endpoint(name, port, "127.0.0.1", 3.0)], NOW, roots)
    return {each.topic: each for each in found}


def test_a_server_in_order(tmp_path: Path) -> None:
    context, roots = server_context(tmp_path)
    found = look(context, roots)
    assert found["certificate"].state is State.HOLDS
    assert found["dates"].state is State.HOLDS
    assert "(89 days)" in found["dates"].what or "(90 days)" in found["dates"].what
    assert found["TLS 1.2 or 1.3"].state is State.HOLDS
    assert found["TLS 1.0"].state is State.HOLDS


@pytest.mark.parametrize(
    ("days", "name", "trusted", "topic", "words"),
    [
        (-3, "127.0.0.1", True, "dates", "expired"),
        (-3, "127.0.0.1", True, "certificate", "expired"),
        (5, "127.0.0.1", True, "dates", "days"),
        (90, "mail.corp.org", True, "certificate", "mismatch"),
        (90, "127.0.0.1", False, "certificate", "self"),
    ],
)
def test_a_certificate_that_does_not_hold(
    tmp_path: Path, days: int, name: str, trusted: bool, topic: str, words: str
) -> None:
    context, roots = server_context(tmp_path, ends_in_days=days)
    if not trusted:
        (tmp_path / "other").mkdir()
        _, roots = server_context(tmp_path / "other")
    found = look(context, roots, name)[topic]
    assert found.state is State.DIFFERS
    assert words in found.what
    assert found.next


@pytest.mark.parametrize("version", [Version.TLS_1_0, Version.TLS_1_1])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_old_protocol_that_is_spoken_is_told(tmp_path: Path, version: Version) -> None:
    if not version.is_spoken_here():
        pytest.skip(f"{version.value} is not spoken by the OpenSSL of this machine")
    context, roots = server_context(tmp_path)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    assert look(context, roots)[version.value].state is State.DIFFERS


def test_what_this_machine_cannot_speak_is_not_off() -> None:
    spoken = {Version.TLS_1_0: None, Version.TLS_1_1: False, Version.TLS_1_2: True}
    found = {each.topic: each.state for each in protocols("x", spoken)}
    assert found["TLS 1.0"] is State.UNKNOWN
    assert found["TLS 1.1"] is State.HOLDS
    assert found["TLS 1.2 or 1.3"] is State.HOLDS


def polite(extensions: str) -> Callable[[str], str]:
    def said(command: str) -> str:
        if command.upper().startswith("EHLO"):
            return f"250-mail\r\n250 {extensions}\r\n"
        return "220 go on\r\n" if command == "STARTTLS" else "250 ok\r\n"

    return said


def smtp(manners: Manners, roots: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Finding]:
    with serving(manners) as port:
        monkeypatch.setattr("playbook.exposure.tls.handshake._MAIL_PORTS", frozenset({port}))
        found = secured([Endpoint("127.0.0.1", port, deadline_s=3.0)], NOW, roots)
    return {each.topic: each for each in found}


def test_tls_after_starttls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, roots = server_context(tmp_path)
    found = smtp(Manners(polite("STARTTLS"), tls=context), roots, monkeypatch)
    assert found["certificate"].state is State.HOLDS
    assert "STARTTLS" not in found


def test_starttls_that_is_not_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = smtp(Manners(polite("SIZE")), server_context(tmp_path)[1], monkeypatch)
    assert found["TLS"].state is State.DIFFERS
    assert "STARTTLS" in found["TLS"].what


def test_words_before_tls_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, roots = server_context(tmp_path)

    def said(command: str) -> str:
        early = "220 go on\r\n250 injected\r\n"
        return early if command == "STARTTLS" else polite("STARTTLS")(command)

    found = smtp(Manners(said, tls=context), roots, monkeypatch)
    assert found["STARTTLS"].state is State.DIFFERS


@pytest.mark.parametrize("banner", ["", "220 no tls here\r\n", "x" * 100_000])
def test_what_is_no_tls_is_said_in_time(tmp_path: Path, banner: str) -> None:
    with serving(Manners(silent, banner=banner)) as port:
        found = secured([Endpoint("127.0.0.1", port, deadline_s=0.5)], NOW)
    assert [each.topic for each in found] == ["TLS"]
    assert found[0].state is not State.HOLDS


def test_a_closed_port_is_unknown() -> None:
    found = secured([Endpoint("127.0.0.1", 1, deadline_s=0.5)], NOW)
    assert found[0].state is State.UNKNOWN
