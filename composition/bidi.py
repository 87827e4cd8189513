"""The order in which letters of both directions stand on one line.

Unicode Standard Annex 9, revision 48, for one paragraph on one line. It is written here because
Pillow's own depends on a system library, FriBiDi, and draws Arabic backwards where that is
missing. Tests compare the levels with FriBiDi's.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

_MAX_DEPTH = 125
_EMBEDDINGS = {"RLE", "LRE", "RLO", "LRO"}
_ISOLATES = {"RLI", "LRI", "FSI"}
_REMOVED = _EMBEDDINGS | {"PDF", "BN"}
_NEUTRAL = {"B", "S", "WS", "ON", "LRI", "RLI", "FSI", "PDI"}
# The opening brackets of Unicode's BidiBrackets.txt that fonts have; the closing one is the next
# code point, or the one after that where ASCII put another sign between.
_OPENING = (
    "0028 005B 007B 2045 207D 208D 2308 230A 2768 276A 276C 276E 2770 2772 2774 27C5 "
    "27E6 27E8 27EA 27EC 27EE 2983 2985 3008 300A 300C 300E 3010 3014 3016 3018 301A "
    "FF08 FF3B FF5B FF5F FF62"
)
_FAR = {0x005B, 0x007B, 0xFF3B, 0xFF5B}
_BRACKETS = {
    chr(code): chr(code + (2 if code in _FAR else 1))
    for code in (int(digits, 16) for digits in _OPENING.split())
}
_MOST_BRACKETS = 63


@dataclass
class _Sequence:
    """An isolating run sequence: places in the text that are resolved as if they were adjacent."""

    level: int
    start: str
    end: str
    places: list[int] = field(default_factory=list)


def levels(text: str, direction: str) -> list[int]:
    """Return the embedding level of every character: odd ones run from right to left.

    Args:
        text: One line, or a paragraph that fits on one.
        direction: ``ltr`` or ``rtl``: which way the paragraph runs.

    """
    base = 1 if direction == "rtl" else 0
    kinds = [unicodedata.bidirectional(letter) or "L" for letter in text]
    if base == 0 and not any(kind in _SPECIAL for kind in kinds):
        return [0] * len(text)
    original = list(kinds)
    partner = _isolate_pairs(kinds)
    found = _explicit(kinds, partner, base)
    for sequence in _sequences(original, partner, found, base):
        _weak(kinds, sequence)
        _brackets(text, kinds, original, sequence)
        _neutral(kinds, sequence)
        for place in sequence.places:
            found[place] += _implicit(kinds[place], found[place])
    _removed_follow(original, found, base)
    _trailing_space(original, found, base)
    return found


_SPECIAL = {"R", "AL", "AN", "RLE", "LRE", "RLO", "LRO", "PDF", "RLI", "LRI", "FSI", "PDI"}


def visual_order(levels_of: Sequence[int]) -> list[int]:
    """Return the places of runs from left to right, given each run's level (rule L2).

    >>> visual_order([1, 2, 1])
    [2, 1, 0]
    """
    order = list(range(len(levels_of)))
    odd = [level for level in levels_of if level % 2]
    for level in range(max(levels_of, default=0), min(odd, default=1) - 1, -1):
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and levels_of[order[end]] >= level:
                end += 1
            order[start:end] = reversed(order[start:end])
            start = end + 1
    return order


def _isolate_pairs(kinds: list[str]) -> dict[int, int]:
    """Match each isolate's beginning with its end, both ways (BD9)."""
    partner: dict[int, int] = {}
    waiting: list[int] = []
    for place, kind in enumerate(kinds):
        if kind in _ISOLATES:
            waiting.append(place)
        elif kind == "PDI" and waiting:
            start = waiting.pop()
            partner[start], partner[place] = place, start
    return partner


def _first_strong(kinds: list[str], start: int, end: int, partner: dict[int, int]) -> str:
    place = start
    while place < end:
        if kinds[place] in {"L", "R", "AL"}:
            return "ltr" if kinds[place] == "L" else "rtl"
        place = partner.get(place, end) if kinds[place] in _ISOLATES else place
        place += 1
    return "ltr"


def _explicit(  # noqa: C901, PLR0912 - the rules of the standard, in its order
    kinds: list[str], partner: dict[int, int], base: int
) -> list[int]:
    """Apply X1 to X8; changes kinds under an override, and returns the levels."""
    stack: list[tuple[int, str, bool]] = [(base, "", False)]
    found = [base] * len(kinds)
    over_isolates = over_embeddings = valid = 0
    for place, kind in enumerate(list(kinds)):
        level, override, _ = stack[-1]
        if kind in _EMBEDDINGS | _ISOLATES:
            found[place] = level
            isolate = kind in _ISOLATES
            if isolate and override:
                kinds[place] = override
            right = kind in {"RLE", "RLO", "RLI"}
            if kind == "FSI":
                end = partner.get(place, len(kinds))
                right = _first_strong(kinds, place + 1, end, partner) == "rtl"
            deeper = level + 1 + (level % 2 if right else 1 - level % 2)
            if deeper <= _MAX_DEPTH and not over_isolates and not over_embeddings:
                valid += isolate
                stack.append((deeper, {"RLO": "R", "LRO": "L"}.get(kind, ""), isolate))
            elif isolate:
                over_isolates += 1
            elif not over_isolates:
                over_embeddings += 1
        elif kind == "PDI":
            if over_isolates:
                over_isolates -= 1
            elif valid:
                over_embeddings = 0
                while not stack[-1][2]:
                    stack.pop()
                stack.pop()
                valid -= 1
            found[place] = stack[-1][0]
            kinds[place] = stack[-1][1] or kind
        elif kind == "PDF":
            found[place] = level
            if over_isolates:
                continue
            if over_embeddings:
                over_embeddings -= 1
            elif not stack[-1][2] and len(stack) > 1:
                stack.pop()
        elif kind == "B":
            found[place] = base
        else:
            found[place] = level
            if override and kind != "BN":
                kinds[place] = override
    return found


def _sequences(
    original: list[str], partner: dict[int, int], found: list[int], base: int
) -> list[_Sequence]:
    """Cut the text into isolating run sequences (X9, X10)."""
    runs: list[list[int]] = []
    for place, kind in enumerate(original):
        if kind in _REMOVED:
            continue
        if runs and found[runs[-1][-1]] == found[place]:
            runs[-1].append(place)
        else:
            runs.append([place])
    starts = {run[0]: run for run in runs}
    kept = [place for run in runs for place in run]
    before = {after: place for place, after in pairwise(kept)}
    after = dict(pairwise(kept))
    sequences = []
    for run in runs:
        if original[run[0]] == "PDI" and run[0] in partner:
            continue  # it continues the run that its isolate ended
        places = list(run)
        while original[places[-1]] in _ISOLATES and places[-1] in partner:
            places += starts[partner[places[-1]]]
        level = found[run[0]]
        left = found[before[places[0]]] if places[0] in before else base
        open_end = original[places[-1]] in _ISOLATES
        right = base if open_end or places[-1] not in after else found[after[places[-1]]]
        sequences.append(
            _Sequence(level, _side(max(left, level)), _side(max(right, level)), places)
        )
    return sequences


def _side(level: int) -> str:
    return "R" if level % 2 else "L"


def _weak(  # noqa: C901, PLR0912 - the rules of the standard, in its order
    kinds: list[str], sequence: _Sequence
) -> None:
    """Resolve weak types, W1 to W7."""
    places = sequence.places
    before = sequence.start
    strong = sequence.start
    for place in places:  # W1 to W3
        if kinds[place] == "NSM":
            kinds[place] = "ON" if before in _ISOLATES | {"PDI"} else before
        before = kinds[place]
        if kinds[place] in {"R", "L", "AL"}:
            strong = kinds[place]
        elif kinds[place] == "EN" and strong == "AL":
            kinds[place] = "AN"
    for place in places:
        if kinds[place] == "AL":
            kinds[place] = "R"
    for left, place, right in zip(places, places[1:], places[2:], strict=False):  # W4
        both = kinds[left] == kinds[right]
        if (kinds[place] == "ES" and both and kinds[left] == "EN") or (
            kinds[place] == "CS" and both and kinds[left] in {"EN", "AN"}
        ):
            kinds[place] = kinds[left]
    at = 0
    while at < len(places):  # W5
        end = at
        while end < len(places) and kinds[places[end]] == "ET":
            end += 1
        beside = [kinds[places[at - 1]]] if at else []
        beside += [kinds[places[end]]] if end < len(places) else []
        if end > at and "EN" in beside:
            for place in places[at:end]:
                kinds[place] = "EN"
        at = max(end, at + 1)
    strong = sequence.start
    for place in places:  # W6, W7
        if kinds[place] in {"ES", "ET", "CS"}:
            kinds[place] = "ON"
        elif kinds[place] in {"R", "L"}:
            strong = kinds[place]
        elif kinds[place] == "EN" and strong == "L":
            kinds[place] = "L"


def _strong(kind: str) -> str:
    return "R" if kind in {"R", "EN", "AN"} else "L" if kind == "L" else ""


def _brackets(  # noqa: C901, PLR0912 - one rule of the standard
    text: str, kinds: list[str], original: list[str], sequence: _Sequence
) -> None:
    """Give a pair of brackets one direction, N0."""
    places = sequence.places
    pairs = []
    waiting: list[tuple[str, int]] = []
    for at, place in enumerate(places):
        # U+2329 and U+232A are canonically the same as U+3008 and U+3009.
        letter = unicodedata.normalize("NFC", text[place])
        if kinds[place] != "ON":
            continue
        if letter in _BRACKETS:
            if len(waiting) == _MOST_BRACKETS:
                break
            waiting.append((_BRACKETS[letter], at))
        else:
            match = next(
                (n for n in range(len(waiting) - 1, -1, -1) if waiting[n][0] == letter), -1
            )
            if match >= 0:
                pairs.append((waiting[match][1], at))
                del waiting[match:]
    own = _side(sequence.level)
    for start, end in sorted(pairs):
        inside = {_strong(kinds[place]) for place in places[start + 1 : end]} - {""}
        if own in inside:
            side = own
        elif inside:
            earlier = (_strong(kinds[place]) for place in reversed(places[:start]))
            context = next((one for one in earlier if one), sequence.start)
            side = context if context != own else own
        else:
            continue
        for at in (start, end):
            kinds[places[at]] = side
            for place in places[at + 1 :]:
                if original[place] != "NSM":
                    break
                kinds[place] = side


def _neutral(kinds: list[str], sequence: _Sequence) -> None:
    """Let neutral characters follow their neighbours, N1 and N2."""
    places = sequence.places
    at = 0
    while at < len(places):
        end = at
        while end < len(places) and kinds[places[end]] in _NEUTRAL:
            end += 1
        if end > at:
            left = _strong(kinds[places[at - 1]]) if at else sequence.start
            right = _strong(kinds[places[end]]) if end < len(places) else sequence.end
            for place in places[at:end]:
                kinds[place] = left if left == right else _side(sequence.level)
        at = max(end, at + 1)


def _implicit(kind: str, level: int) -> int:
    """Return how much a resolved type raises its level, I1 and I2."""
    if level % 2:
        return 0 if kind == "R" else 1
    return {"R": 1, "AN": 2, "EN": 2}.get(kind, 0)


def _removed_follow(original: list[str], found: list[int], base: int) -> None:
    for place, kind in enumerate(original):
        if kind in _REMOVED:
            found[place] = found[place - 1] if place else base


def _trailing_space(original: list[str], found: list[int], base: int) -> None:
    """Put separators, and the blank before them or at the end, at the paragraph's level, L1."""
    blank = _REMOVED | _ISOLATES | {"PDI", "WS"}
    reset = True
    for place in range(len(original) - 1, -1, -1):
        if original[place] in {"S", "B"}:
            reset = True
        elif original[place] not in blank:
            reset = False
        if reset:
            found[place] = base
