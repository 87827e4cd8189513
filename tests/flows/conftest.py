"""Campaigns of the edge, which run for their money, words and decisions more than for pictures."""

import pytest


@pytest.fixture(scope="module", autouse=True)
def _drawn_once(drawn_once: None) -> None:
    """Let every module have quick pictures."""
