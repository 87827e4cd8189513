"""Forms of address, and the tags that keep placeholders: what two translators have in common."""

import csv
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creative.market import TABLE
from providers.translation.address import formality
from providers.translation.base import Reader
from providers.translation.tagged import tagged, untagged

TAG = re.compile(r'<x id="(?P<number>\d+)"/>')
FORMS = {"T": "informal", "V": "formal", "N": "default"}


def test_every_form_of_the_market_table_is_known() -> None:
    """A word that is added to the table and not here is passed over without a sound."""
    rows = list(csv.DictReader((TABLE / "markets.csv").read_text("utf-8").splitlines()))
    wrong = {
        row["locale"]: row["address_form_editorial"]
        for row in rows
        if formality(
            Reader(
                tag=row["locale"],
                language=row["language"],
                script=row["script"],
                address=row["address_form_editorial"],
            ),
            {},
        )
        != FORMS[row["address_default_editorial"]]
    }

    # Portugal is addressed by the verb alone, and no service can be told so.
    assert wrong == {"pt-PT": "(verb 3rd sg / tu)"}


def tag(number: int, _word: str) -> str:
    """Write an empty tag."""
    return f'<x id="{number}"/>'


PIECES = ("ab", " ", "<b>", "&amp;", "&", "{name}", "%s", '<x id="0"/>', "${a}", "\n", "</p>")


@given(st.lists(st.sampled_from(PIECES) | st.characters(), max_size=12).map("".join))
def test_a_line_comes_back_as_it_went(text: str) -> None:
    """What people wrote may look like a tag or an entity, and shall never be read as one."""
    sent, kept = tagged(text, ("ab",), tag)

    assert untagged(sent, kept, TAG) == text
    # What is left between the tags holds no markup.
    assert not set("<>") & set(TAG.sub("", sent))


@pytest.mark.parametrize(
    ("text", "keep", "kept"),
    [
        ("Nordlys Plus or Nordlys", ("Nordlys", "Nordlys Plus"), ("Nordlys Plus", "Nordlys")),
        ("Nordlyset", ("Nordlys",), ()),
        ("C++ and {a}", ("C++", ""), ("C++", "{a}")),
    ],
)
def test_a_term_is_kept_where_it_is_a_word(
    text: str, keep: tuple[str, ...], kept: tuple[str, ...]
) -> None:
    """A brand inside another word is not the brand, and the longest name is the one meant."""
    assert tagged(text, keep, tag)[1] == kept
