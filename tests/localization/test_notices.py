"""Legal notices: as written, in time, in the language, or not at all."""

from datetime import date
from pathlib import Path

import pytest

from creative.copy_deck import Origin
from creative.problem import InvalidInput
from localization.notices import NoNotice, Notices

START, END = date(2027, 3, 1), date(2027, 4, 15)
TEXTS = ("sv: Kredit kostar.", "de: Kredit kostet.", "de-CH: Kredit kostet etwas.")
NOTICE = """\
schema: 1
id: cost
version: 3
owner: Legal, Stockholm
status: approved
valid_from: 2027-01-01
valid_until: 2027-12-31
kind: risk_warning
placement: adjacent
texts:
"""


def write(folder: Path, *texts: str, **fields: str) -> Notices:
    """Write one notice with these texts, and with other values for these fields, and load it."""
    lines = [
        f"{name}: {fields[name]}" if (name := line.split(":")[0]) in fields else line
        for line in NOTICE.splitlines()
    ]
    lines += [f"  {text}" for text in texts or TEXTS]
    (folder / "cost.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Notices.load(folder)


@pytest.mark.parametrize(
    ("tag", "text", "key"),
    [
        ("sv-SE", "Kredit kostar.", "sv"),
        ("sv-FI", "Kredit kostar.", "sv"),
        ("de-CH", "Kredit kostet etwas.", "de-CH"),
        ("de-AT", "Kredit kostet.", "de"),
    ],
)
def test_the_owners_words_are_shown(tmp_path: Path, tag: str, text: str, key: str) -> None:
    """A lawyer must find the text, the version and the key in the report."""
    line = write(tmp_path).resolve("cost", tag, START, END)

    assert (line.text, line.reference) == (text, f"cost@3/{key}")
    assert (line.origin, line.reviewed) == (Origin.NOTICE, True)


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("sv", "nb-NO"),
        ("da", "nb-NO"),
        ("no", "nb-NO"),
        ("en", "sv-SE"),
        ("de-DE", "de-AT"),
        ("sv-SE", "sv-FI"),
        ("es-419", "es-MX"),
        ("pt", "pt-PT"),
        ("pt-BR", "pt-PT"),
        ("zh-Hans", "zh-Hant-HK"),
        ("zh-Hant-TW", "zh-Hant-HK"),
        ("zh", "zh-Hans-SG"),
    ],
)
def test_a_notice_never_falls_back(tmp_path: Path, written: str, tag: str) -> None:
    """A warning that the reader's law did not ask for, in words they cannot read, warns nobody."""
    notices = write(tmp_path, f"{written}: Kredit kostar.")

    with pytest.raises(NoNotice, match=f"cost@3 has no text for {tag}"):
        notices.resolve("cost", tag, START, END)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2026, 12, 31), END),
        (START, date(2028, 1, 1)),
        (date(2028, 1, 1), date(2028, 2, 1)),
        (END, START),
    ],
)
def test_a_notice_is_valid_on_every_day(tmp_path: Path, start: date, end: date) -> None:
    """The law changes in the middle of campaigns; an ad with last year's text is illegal."""
    notices = write(tmp_path)

    with pytest.raises(NoNotice, match="is valid from 2027-01-01 to 2027-12-31"):
        notices.resolve("cost", "sv-SE", start, end)


def test_the_first_and_the_last_day_are_valid(tmp_path: Path) -> None:
    """A campaign for the whole year is covered by a notice for the whole year."""
    notices = write(tmp_path)

    assert notices.resolve("cost", "sv-SE", date(2027, 1, 1), date(2027, 12, 31))


@pytest.mark.parametrize("status", ["draft", "withdrawn"])
def test_only_an_approved_notice_is_shown(tmp_path: Path, status: str) -> None:
    """A draft on a billboard cannot be taken back."""
    notices = write(tmp_path, status=status)

    with pytest.raises(NoNotice, match=f"is {status}; Legal, Stockholm must approve it"):
        notices.resolve("cost", "sv-SE", START, END)


def test_an_unknown_notice_is_named(tmp_path: Path) -> None:
    """Whoever wrote the brief must see which of its notices is missing."""
    with pytest.raises(NoNotice, match="there is no notice 'costs'"):
        write(tmp_path).resolve("costs", "sv-SE", START, END)


@pytest.mark.parametrize(("placement", "expected"), [("adjacent", True), ("one_click", False)])
def test_it_is_known_where_a_notice_must_stand(
    tmp_path: Path, placement: str, *, expected: bool
) -> None:
    """A banner too small for a warning may run only if the warning may stand one click away."""
    assert write(tmp_path, placement=placement).adjacent(("cost",)) is expected


BAD: dict[str, tuple[dict[str, str], str]] = {
    "ends before it starts": ({"valid_until": "2026-12-31"}, "it ends on 2026-12-31, before"),
    "another name": ({"id": "costs"}, "the file is named cost.yaml"),
    "no owner": ({"owner": '""'}, "owner"),
    "unknown status": ({"status": "ok"}, "'ok' is not known here"),
    "version zero": ({"version": "0"}, "version"),
}


@pytest.mark.parametrize(("fields", "said"), BAD.values(), ids=BAD)
def test_a_bad_notice_is_refused(tmp_path: Path, fields: dict[str, str], said: str) -> None:
    """A notice that nobody owns, or that is never valid, must fail when it is written."""
    with pytest.raises(InvalidInput) as caught:
        write(tmp_path, **fields)

    assert said in str(caught.value)


@pytest.mark.parametrize("text", ['sv: "Kredit kostar. "', 'sv: "Kredit\\u202E kostar."', 'sv: ""'])
def test_a_text_that_could_not_be_shown_verbatim_is_refused(tmp_path: Path, text: str) -> None:
    """What is trimmed or cleaned on the way is no longer what the owner signed."""
    with pytest.raises(InvalidInput, match=r"cost\.yaml:11: texts\.sv"):
        write(tmp_path, text)
