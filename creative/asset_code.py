"""The short code of an asset: its slot in ten letters, for names that other programs cut."""

import hashlib
import re

# Crockford's base 32: no i, l, o or u, so that a code read aloud or retyped stays itself.
_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_LETTERS = 8
CODE = re.compile(rf"(?<![a-z0-9])kx[{_DIGITS}]{{{_LETTERS}}}(?![a-z0-9])")
"""A code within other text, in lower case."""


def asset_code(slot: str) -> str:
    """Return the short code of a slot: ``kx`` and eight letters, in lower case.

    It is the first 40 bits of the slot's sha256, so it can be worked out anywhere and stays what
    it is when the asset is redone. Two of 10,000 slots share a code with a chance of 1 in 22,000;
    whoever reads codes must take a shared one for none.

    Args:
        slot: ``AssetName.slot`` of a rendition, in any case.

    >>> asset_code("tea_CH_de-CH_meta_feed_1x1_c2")
    'kx7tcgredv'
    """
    number = int.from_bytes(hashlib.sha256(slot.lower().encode()).digest()[:5], "big")
    letters = (_DIGITS[number >> shift & 31] for shift in range(5 * _LETTERS - 5, -1, -5))
    return "kx" + "".join(letters)
