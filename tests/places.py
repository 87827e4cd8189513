"""A campaign small enough to run in seconds, and the real command line to run it with."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import program
from program import Ended

BRAND = """\
schema: 1
name: leaf
title: Leaf
colours: {primary: "#1B3B6F", secondary: "#F2B705", accent: "#E4572E", background: "#FFFFFF"}
memory: memory/
"""
BRIEF = """\
schema: 1
name: spring-tea
title: Spring tea
brand: brand.yaml
objective: awareness
audience: {who: People who drink tea}
messaging:
  headline: A slower morning
  body: Steep for three minutes.
  cta: Taste it
concepts: {count: 2, choose: 1, directions: [A cup by a window, Leaves in the sun]}
markets: [SE, SA]
placements: [iab_medium_rectangle, iab_smartphone_banner]
schedule: {start: 2027-03-01, end: 2027-04-15}
budget: {currency: EUR, non_working: "50.00", working: "900.00", rates: {USD: RATE}}
baseline: {currency: EUR, per_concept: "2400.00", per_rendition: "58.00", source: 2025 rate card}
costs:
  - id: hours
    type: labour.internal
    amount: "72.00"
    currency: EUR
    source: Timesheet 7
    on: 2026-11-01
  - id: flight
    type: media.inventory
    amount: "400.00"
    currency: EUR
    source: Order 9
    on: 2026-11-01
    market: SE
    channel: display
providers: {image: studio, writing: studio, translation: studio}
""".replace("RATE", '{rate: "0.9", on: 2026-11-01, source: Treasury}')
WORDS = {
    "sv": ("En lugnare morgon", "Låt dra i tre minuter.", "Smaka"),
    "ar": ("صباح أكثر هدوءًا", "يُترك ثلاث دقائق.", "للتذوق"),
}


@dataclass(frozen=True)
class Place:
    """A folder with a brief, its brand and its state."""

    folder: Path

    @property
    def brief(self) -> Path:
        """Return the brief's path."""
        return self.folder / "brief.yaml"

    @property
    def delivered(self) -> Path:
        """Return where the campaign is delivered."""
        return self.folder / "out" / "spring-tea"

    def rewrite(self, old: str, new: str) -> None:
        """Change the brief."""
        text = self.brief.read_text(encoding="utf-8")
        assert old in text
        self.brief.write_text(text.replace(old, new), encoding="utf-8")

    def run(self, *words: str, anew: bool = False, **environment: str) -> Ended:
        """Run the command line in the folder, in a process of its own.

        Args:
            words: What follows the program's name.
            anew: In a new interpreter, and not in a fork of one; see ``program``.
            environment: More variables.

        """
        return program.run(words, self.folder, self._environment(environment), anew=anew)

    def start(self, *words: str, **environment: str) -> program.Started:
        """Start a command that goes on, such as a server, in a process of its own."""
        return program.start(words, self.folder, self._environment(environment))

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        known = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("KAMPANJ_", "OPENAI_", "PREFECT_"))
        }
        return {**known, "KAMPANJ_ACTOR": "ada", "KAMPANJ_WORKERS": "1", **more}

    def files(self) -> dict[str, bytes]:
        """Return every delivered asset by its path."""
        return {
            path.relative_to(self.delivered).as_posix(): path.read_bytes()
            for path in sorted(self.delivered.glob("assets/*/*/*"))
        }


class Kept:
    """A place where something was done once, for each test to have as it was after that.

    It is put back where it was done, since a run remembers where its brief lies.
    """

    def __init__(self, folder: Path) -> None:
        self._copy = folder / "kept"
        work = folder / "work"
        work.mkdir()
        self.place = make_place(work)

    def keep(self) -> None:
        """Keep it as it is now."""
        shutil.copytree(self.place.folder, self._copy)

    def put_back(self) -> Place:
        """Return it as it was kept, whatever was done in it since."""
        for path in self.place.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        return Place(shutil.copytree(self._copy, self.place.folder, dirs_exist_ok=True))


def make_place(folder: Path) -> Place:
    """Put a small brief into a folder, with its brand and its words."""
    (folder / "kampanj.toml").touch()
    (folder / "brand.yaml").write_text(BRAND, encoding="utf-8")
    (folder / "brief.yaml").write_text(BRIEF, encoding="utf-8")
    (folder / "memory").mkdir()
    for tag, words in WORDS.items():
        (folder / "memory" / f"{tag}.yaml").write_text(memory(tag, words), encoding="utf-8")
    return Place(folder)


def memory(tag: str, words: tuple[str, str, str], state: str = "unreviewed") -> str:
    """Return one language's memory."""
    sources = ("A slower morning", "Steep for three minutes.", "Taste it")
    slots = ("headline", "body", "cta")
    entries = "".join(
        f"  - {{slot: {slot}, source: {source}, target: {target}, state: {state}}}\n"
        for slot, source, target in zip(slots, sources, words, strict=True)
    )
    return f"schema: 1\nlocale: {tag}\nentries:\n{entries}"
