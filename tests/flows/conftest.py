"""A folder with a small brief, for every test of the edge."""

from pathlib import Path

import pytest
from places import Place, make_place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Return a folder with a small brief, its brand and its words."""
    return make_place(tmp_path)
