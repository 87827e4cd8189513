"""A campaign small enough to run in seconds, and the real command line to run it with."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return what it printed as JSON."""
        return json.loads(self.out)


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

    def run(self, *words: str, **environment: str) -> Ended:
        """Run the command line in the folder, in a process of its own."""
        known = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("KAMPANJ_", "OPENAI_", "PREFECT_"))
        }
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "flows", *words],
            cwd=self.folder,
            env={**known, "KAMPANJ_ACTOR": "ada", "KAMPANJ_WORKERS": "1", **environment},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def files(self) -> dict[str, bytes]:
        """Return every delivered asset by its path."""
        return {
            path.relative_to(self.delivered).as_posix(): path.read_bytes()
            for path in sorted(self.delivered.glob("assets/*/*/*"))
        }


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
