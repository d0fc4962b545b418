"""What lists are asked about: the names of addresses and domains, and what is left out."""

import dns.name
import dns.reversename
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbook.exposure.subjects import Kind, NotAsked, Subject, reversed_address, subject, subjects

V4 = dns.name.from_text("list.example.")


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6))
def test_a_reversed_address_is_what_another_library_makes_of_it(address: object) -> None:
    expected = dns.reversename.from_address(str(address), V4, V4)
    # dnspython takes an IPv4 address that is written as IPv6 for what it means; a list does not.
    if not str(address).startswith("::ffff:"):
        assert f"{reversed_address(str(address))}.list.example." == expected.to_text()


def test_the_forms_of_the_standard() -> None:
    assert reversed_address("192.0.2.99") == "99.2.0.192"
    nibbles = "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2"
    assert reversed_address("2001:db8:1:2:3:4:567:89ab") == nibbles


@given(st.ip_addresses(v=6))
def test_an_ipv6_address_has_32_nibbles(address: object) -> None:
    parts = reversed_address(str(address)).split(".")
    assert len(parts) == 32
    assert "".join(reversed(parts)) == f"{int(address):032x}"  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("text", "kind", "written"),
    [
        ("41.202.24.147", Kind.IP4, "41.202.24.147"),
        (" 41.202.24.147\n", Kind.IP4, "41.202.24.147"),
        ("::ffff:41.202.24.147", Kind.IP4, "41.202.24.147"),
        ("2A01:E0A:0::25", Kind.IP6, "2a01:e0a::25"),
        ("Domaine.FR.", Kind.DOMAIN, "domaine.fr"),
        ("société.fr", Kind.DOMAIN, "xn--socit-esab.fr"),
        ("mail.domaine.fr", Kind.DOMAIN, "mail.domaine.fr"),
    ],
)
def test_each_subject_has_one_writing(text: str, kind: Kind, written: str) -> None:
    assert subject(text) == Subject(written, kind)


@pytest.mark.parametrize(
    "text",
    [
        "10.0.0.5",
        "127.0.0.1",
        "100.64.0.1",
        "169.254.1.1",
        "192.0.2.1",
        "224.0.0.1",
        "0.0.0.0",
        "fe80::1%eth0",
        "fd00::2",
        "::1",
        "::ffff:192.168.1.1",
        "2001:db8::1",
    ],
)
def test_an_address_that_is_not_public_is_left_out_with_why(text: str) -> None:
    found = subject(text)
    assert isinstance(found, NotAsked)
    assert "not a public address" in found.why


@pytest.mark.parametrize(
    "text",
    [
        *("", "localhost", "mail.domaine.example", "srv.lan", "1.2.3", "1.2.3.999", "a..fr"),
        *("-x.fr", "a b.fr", "a.b/../c", "evil\x1b[31m.fr", "x" * 64 + ".fr"),
        ".".join(["abcdefgh"] * 26),
    ],
)
def test_a_text_that_is_no_domain_of_the_internet_is_left_out(text: str) -> None:
    found = subject(text)
    assert isinstance(found, NotAsked)
    assert found.text.isprintable()


@given(st.text())
def test_any_text_is_sorted_and_its_writing_stays(text: str) -> None:
    found = subject(text)
    assert found.text.isprintable()
    assert len(found.text) <= 213
    if isinstance(found, Subject):
        assert subject(found.text) == found


def test_each_is_asked_about_once_and_not_without_bound() -> None:
    found = subjects(["8.8.8.8", "8.8.8.8", *(f"8.8.4.{n}" for n in range(40)), "10.0.0.1"])
    assert len(found.asked) == 32
    assert len(found.left_out) == 10
    assert found.has_address
    assert not subjects(["domaine.fr"]).has_address
