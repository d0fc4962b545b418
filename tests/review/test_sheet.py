"""The spreadsheet: harmless on the way out, strict on the way in."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playbook.review import sheet
from playbook.review.session import ReviewSession
from playbook.review.titles import title
from playbook.triage.verdicts import Verdict
from tests.support.doubtful_incident import doubtful, in_memory, opened, undone

FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def filled(session: ReviewSession, delimiter: str = ",", **verdicts: str) -> bytes:
    """The exported sheet with some verdicts written in."""
    text = sheet.export(session, delimiter).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    for row in rows[1:]:
        row[2] = verdicts.get(row[4], row[2])
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter).writerows(rows)
    return written.getvalue().encode()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_is_filled_in_is_decided(tmp_path: Path, delimiter: str) -> None:
    session = opened(tmp_path)
    found = sheet.read(session, filled(session, delimiter, alpha=" GOOD ", beta="spam"))
    assert found.problems == ()
    assert sheet.apply(session, found.wishes) == 2
    decided = {title(each): each.decided for each in session.clusters()}
    assert decided == {"alpha": Verdict.GOOD, "beta": Verdict.SPAM, "gamma": None}
    found = sheet.read(session, filled(session, delimiter, alpha="later"))
    assert sheet.apply(session, found.wishes) == 1
    assert {title(each): each.decided for each in session.clusters()}["alpha"] is None
    assert undone(session) == ("beta", "spam taken back")


@settings(deadline=None)
@given(verdicts=st.lists(st.sampled_from(["good", "spam", ""]), min_size=3, max_size=3))
def test_what_goes_out_comes_back_as_it_was(
    verdicts: list[str],
) -> None:
    session = in_memory()
    for cluster, word in zip(session.clusters(), verdicts, strict=True):
        if word:
            session.decide(cluster, Verdict(word))
    found = sheet.read(session, sheet.export(session))
    wanted = {title(each.cluster): each.verdict for each in found.wishes}
    assert wanted == {title(each): each.decided for each in session.clusters() if each.decided}
    assert sheet.apply(session, found.wishes) == 0


HOSTILE = st.text(
    st.one_of(st.sampled_from("=+-@,;|\t\r\n\"' \x1b\x9b\u202e\u200b\uff1d"), st.characters()),
    max_size=30,
)


@settings(deadline=None)
@given(HOSTILE)
def test_no_cell_begins_a_formula_whatever_the_delimiter(text: str) -> None:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerow([sheet.harmless(text), "next"])
    for delimiter in ",;\t":
        for cell in csv.reader([written.getvalue()], delimiter=delimiter):
            for each in cell:
                assert not each.strip().startswith(FORMULA), (text, each)
    for piece in written.getvalue().replace(";", ",").replace("\t", ",").split(","):
        assert not piece.strip(' "').startswith(FORMULA), (text, piece)


def test_hostile_subjects_go_out_harmless(tmp_path: Path) -> None:
    subject = '=HYPERLINK("http://x.example";"a");=1+1,@SUM(A1)\r\n+2'
    session = opened(
        tmp_path, [doubtful(1, "-alpha", sender="=cmd|' /C calc'!A0", subject=subject)]
    )
    text = sheet.export(session, ";").decode("utf-8-sig")
    (row,) = list(csv.reader(io.StringIO(text), delimiter=";"))[1:]
    assert row[4] == "'-alpha"
    assert not [cell for cell in row if cell.startswith(FORMULA)]
    assert "\r" not in text.replace("\r\n", "")
    assert sheet.read(session, sheet.export(session, ";")).problems == ()


def test_every_fault_is_named_with_its_line_and_nothing_is_wished(tmp_path: Path) -> None:
    session = opened(tmp_path)
    lines = filled(session, alpha="good", beta="perhaps").decode().splitlines()
    lines[3] = lines[3].replace("d-", "d-0")
    lines += [lines[1], "c-nothing,d-1,good", ""]
    found = sheet.read(session, "\n".join(lines).encode())
    assert found.wishes == ()
    assert [each.partition(":")[0] for each in found.problems] == [
        "Line 3",
        "Line 4",
        "Line 5",
        "Line 6",
    ]
    assert "'perhaps' is none of good, spam, later" in found.problems[0]
    assert "are not those of the sheet" in found.problems[1]
    assert "stands in line 2" in found.problems[2]
    assert "no cluster" in found.problems[3]


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "does not name the columns"),
        (b"cluster,verdict\nc-1,good\n", "does not name the columns"),
        (b"cluster,digest,verdict,verdict\n", "does not name the columns"),
        ("cluster,digest,verdict\n".encode("utf-16"), "does not name the columns"),
        (b"cluster,digest,verdict\nc-1\n", "Line 2 has 1 columns"),
        (b'cluster,digest,verdict\n"c-1,d-1,good\n', "unexpected end"),
        (b"cluster,digest,verdict\n" + b"x" * 200_000 + b"\n", "field larger"),
        (b"x" * (sheet.MOST_BYTES + 1), "larger than"),
    ],
)
def test_what_is_no_sheet_of_ours_is_refused(tmp_path: Path, raw: bytes, problem: str) -> None:
    found = sheet.read(opened(tmp_path), raw)
    assert found.wishes == ()
    assert problem in found.problems[0]


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(raw: bytes) -> None:
    assert not sheet.read(in_memory(), b"cluster;digest;verdict\n" + raw).wishes
