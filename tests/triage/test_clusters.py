"""Keys of clusters: equal by their fields, named the same everywhere."""

import pytest

from playbook.triage.clusters import ClusterKey

KEYS = (
    ClusterKey("in work"),
    ClusterKey("", "in work"),
    ClusterKey("", None, "192.0.2.1"),
    ClusterKey("", "", "192.0.2.1"),
    ClusterKey("a", "b"),
    ClusterKey("a, b"),
    ClusterKey("unusual address", "info@b.example", "192.0.2.1", "the link x.example"),
)


def test_keys_of_different_fields_have_different_ids() -> None:
    assert len({each.id for each in KEYS}) == len(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_an_id_is_the_same_on_every_machine_and_no_words_of_a_mail(key: ClusterKey) -> None:
    again = ClusterKey(key.kind, key.account, key.address, key.family)
    assert again.id == key.id
    assert key.id.startswith("c-")
    assert key.id.removeprefix("c-").isalnum()


@pytest.mark.parametrize(
    ("key", "title"),
    [
        (ClusterKey("in work"), "in work"),
        (ClusterKey("", None, "192.0.2.1"), "an account that nothing names, 192.0.2.1"),
        (ClusterKey("nobody logged in", "", "192.0.2.1"), "nobody logged in, 192.0.2.1"),
        (ClusterKey("new", "a@b", "::1", "the text"), "new, a@b, ::1, the text"),
    ],
)
def test_a_title_names_what_is_told(key: ClusterKey, title: str) -> None:
    assert key.title == title
