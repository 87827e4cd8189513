"""What the translation memory gives, to whom, and what it refuses."""

from pathlib import Path

import pytest

from creative.copy_deck import Origin, Slot
from creative.market import market_table
from creative.problem import InvalidInput
from localization.memory import Memory

SOURCE = "Pay at your own pace"


def entry(
    target: str, state: str = "approved", source: str = SOURCE, slot: str = "headline"
) -> str:
    """Write one entry as a file holds it."""
    signed = "    by: Ana Lima\n    on: 2026-11-02\n" if state == "approved" else ""
    said = f"    source: {source}\n    target: {target}\n"
    return f"  - slot: {slot}\n{said}    state: {state}\n{signed}"


def write(folder: Path, tag: str, *entries: str) -> Path:
    """Write one language's file into a folder."""
    path = folder / f"{tag}.yaml"
    path.write_text(f"schema: 1\nlocale: {tag}\nentries:\n{''.join(entries)}", encoding="utf-8")
    return path


def approved(folder: Path, tag: str, source: str = SOURCE) -> str | None:
    """Return what the folder's memory approves of as a headline for a locale."""
    line = Memory.load(folder).approved(market_table().locale(tag), Slot.HEADLINE, source)
    return line.text if line else None


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("pt-BR", "pt-PT"),
        ("pt", "pt-PT"),
        ("pt-PT", "pt-BR"),
        ("zh-Hans", "zh-Hant-HK"),
        ("zh-Hans", "zh-Hant-TW"),
        ("zh-Hant", "zh-Hans-SG"),
        ("zh", "zh-Hans-SG"),
        ("da", "nb-NO"),
        ("nb", "da-DK"),
        ("sv", "nb-NO"),
        ("en", "sv-SE"),
        ("fi", "sv-FI"),
    ],
)
def test_memory_never_crosses_a_language(tmp_path: Path, written: str, asked: str) -> None:
    """A campaign in the neighbour's language is worse than none."""
    write(tmp_path, written, entry("Something"))

    assert approved(tmp_path, asked) is None


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("sv", "sv-FI"),
        ("nb", "nb-NO"),
        ("no", "nb-NO"),
        ("de", "de-AT"),
        ("es-419", "es-MX"),
        ("pt", "pt-BR"),
        ("zh-Hant", "zh-Hant-HK"),
    ],
)
def test_memory_serves_the_regions_of_a_language(tmp_path: Path, written: str, asked: str) -> None:
    """Otherwise every country would pay for the same translation again."""
    write(tmp_path, written, entry("Something"))

    assert approved(tmp_path, asked) == "Something"


def test_the_nearest_region_wins(tmp_path: Path) -> None:
    """Hong Kong has words of its own, and wrote them down."""
    write(tmp_path, "zh-Hant", entry("依您的步調付款"))
    write(tmp_path, "zh-Hant-HK", entry("按您的步伐付款"))

    assert approved(tmp_path, "zh-Hant-HK") == "按您的步伐付款"
    assert approved(tmp_path, "zh-Hant-TW") == "依您的步調付款"


def test_switzerland_is_not_given_sharp_s(tmp_path: Path) -> None:
    """Germany's spelling is a mistake there, and a respelt text is no longer the approved one."""
    write(tmp_path, "de", entry("Genieß dein Tempo"))

    assert approved(tmp_path, "de-DE") == "Genieß dein Tempo"
    assert approved(tmp_path, "de-CH") is None


def test_only_the_whole_source_is_recognised(tmp_path: Path) -> None:
    """What is 85 % the same may lack the one word *not*."""
    write(tmp_path, "sv", entry("Betala i din egen takt"))

    assert approved(tmp_path, "sv-SE", "Pay  at your own\u00a0pace") == "Betala i din egen takt"
    assert approved(tmp_path, "sv-SE", "Do not pay at your own pace") is None
    assert approved(tmp_path, "sv-SE", "pay at your own pace") is None


def test_another_slot_is_another_text(tmp_path: Path) -> None:
    """A button says the same words in another form."""
    write(tmp_path, "sv", entry("Betala", slot="cta"))

    assert approved(tmp_path, "sv-SE") is None


def test_unreviewed_text_is_not_approved(tmp_path: Path) -> None:
    """A reviewer who trusts the word *reviewed* must be able to."""
    write(tmp_path, "sv", entry("Betala i din egen takt", state="unreviewed"))
    swedish = market_table().locale("sv-SE")

    line = Memory.load(tmp_path).unreviewed(swedish, Slot.HEADLINE, SOURCE)

    assert approved(tmp_path, "sv-SE") is None
    assert line is not None
    assert (line.origin, line.reviewed, line.reference) == (
        Origin.MEMORY,
        False,
        "memory/sv#headline",
    )


BAD = {
    "no signature": (entry("X").replace("    by: Ana Lima\n", ""), "says `by` whom"),
    "no day": (entry("X").replace("    on: 2026-11-02\n", ""), "`on` which day"),
    "duplicate": (entry("X") + entry("Y", state="unreviewed"), ":10: entries[1]: line 4 already"),
    "same but for spaces": (entry("X") + entry("X", source="Pay at  your own pace"), "already"),
    "a legal notice": (entry("X", slot="notice"), "a legal notice is not remembered"),
    "unknown state": (entry("X", state="final"), "'final': input should be 'approved'"),
    "unknown field": (entry("X") + "    seen: yes\n", "there is no such field"),
    "a reversed price": (entry('"Pay \\u202E05"'), "a bidi override"),
    "no target": (entry('""'), "the text is empty"),
}


@pytest.mark.parametrize(("entries", "said"), BAD.values(), ids=BAD)
def test_a_bad_entry_is_refused_with_its_place(tmp_path: Path, entries: str, said: str) -> None:
    """Whoever keeps the file must find the line among hundreds."""
    write(tmp_path, "sv", entries)

    with pytest.raises(InvalidInput) as caught:
        Memory.load(tmp_path)

    assert said in str(caught.value)


def test_every_bad_file_is_reported_at_once(tmp_path: Path) -> None:
    """Mending one file a run would take a day for thirty languages."""
    write(tmp_path, "sv", entry("X") + entry("X"))
    write(tmp_path, "de", entry("X", slot="notice"))
    write(tmp_path, "fi", entry("X")).rename(tmp_path / "fr.yaml")

    with pytest.raises(InvalidInput) as caught:
        Memory.load(tmp_path)

    assert {problem.file.name for problem in caught.value.problems} == {
        "sv.yaml",
        "de.yaml",
        "fr.yaml",
    }


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    """A misspelt path would otherwise be an empty memory, and everything bought again."""
    with pytest.raises(InvalidInput, match="there is no such folder"):
        Memory.load(tmp_path / "memry")
