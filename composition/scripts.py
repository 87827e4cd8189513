"""Which script a character belongs to, where shaping depends on it."""

from bisect import bisect_right

# Only the scripts whose letters change by their neighbours: a run that mixes one of them with
# Latin would be shaped as Latin, and come out broken. Source: Unicode's Blocks.txt.
_RANGES = (
    (0x0590, 0x05FF, "Hebr"),
    (0x0600, 0x06FF, "Arab"),
    (0x0750, 0x077F, "Arab"),
    (0x08A0, 0x08FF, "Arab"),
    (0x0900, 0x097F, "Deva"),
    (0x0980, 0x09FF, "Beng"),
    (0x0B80, 0x0BFF, "Taml"),
    (0x0C00, 0x0C7F, "Telu"),
    (0x0E00, 0x0E7F, "Thai"),
    (0x0E80, 0x0EFF, "Laoo"),
    (0x1000, 0x109F, "Mymr"),
    (0x1780, 0x17FF, "Khmr"),
    (0xA8E0, 0xA8FF, "Deva"),
    (0xFB1D, 0xFB4F, "Hebr"),
    (0xFB50, 0xFDFF, "Arab"),
    (0xFE70, 0xFEFC, "Arab"),
)
_STARTS = [start for start, _, _ in _RANGES]
COMPLEX = frozenset(script for _, _, script in _RANGES)
"""The scripts that come out wrong, not just plain, when they are drawn without shaping."""


def complex_script(letter: str) -> str:
    """Return the ISO 15924 code of a letter's complex script, or an empty string.

    >>> complex_script("ש"), complex_script("a")
    ('Hebr', '')
    """
    code = ord(letter)
    if code < 0x0590:
        return ""
    start, end, script = _RANGES[bisect_right(_STARTS, code) - 1]
    return script if start <= code <= end else ""
