"""A folder with a small brief, for every test of the edge."""

from pathlib import Path

import pytest
from places import BRAND, BRIEF, WORDS, Place, memory


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Return a folder with a small brief, its brand and its words."""
    (tmp_path / "kampanj.toml").touch()
    (tmp_path / "brand.yaml").write_text(BRAND, encoding="utf-8")
    (tmp_path / "brief.yaml").write_text(BRIEF, encoding="utf-8")
    (tmp_path / "memory").mkdir()
    for tag, words in WORDS.items():
        (tmp_path / "memory" / f"{tag}.yaml").write_text(memory(tag, words), encoding="utf-8")
    return Place(tmp_path)
