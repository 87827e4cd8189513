"""Copy becomes lines: broken into every useful number of lines once, then fitted by arithmetic."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from composition.breaks import INSIDE_PHRASE, SOFT_HYPHEN, Piece, bind, pieces
from composition.errors import TextRefused
from composition.fonts import Chain, Fonts, Role
from composition.shape import Shaped, shape
from creative.market import Locale

MOST_LINES = 9
MOST_PIECES = 220
"""With more places to break than this, a text breaks between phrases only: it would take long."""
LONGEST = 600
"""Characters; a brief's longest slot has 400."""
FREE_GAIN = 0.88
"""A layout that breaks only between phrases is kept until it is smaller than this share."""

# Line height in em. A script that stacks marks needs more than Latin, whatever the role.
_LEADING: Mapping[Role, float] = {
    Role.HEADLINE: 1.07,
    Role.BODY: 1.38,
    Role.CTA: 1.0,
    Role.NOTICE: 1.36,
    Role.WORDMARK: 1.0,
}
_SCRIPT_LEADING: Mapping[str, float] = {
    "Arab": 1.34,
    "Hebr": 1.2,
    "Deva": 1.26,
    "Thai": 1.32,
    "Jpan": 1.26,
    "Kore": 1.26,
    "Hans": 1.26,
    "Hant": 1.26,
}
_TEXT_LEADING: Mapping[str, float] = {
    "Arab": 1.6,
    "Deva": 1.5,
    "Thai": 1.55,
    "Jpan": 1.55,
    "Kore": 1.55,
    "Hans": 1.55,
    "Hant": 1.55,
}
_TRACKING: Mapping[Role, float] = {Role.HEADLINE: -0.012, Role.WORDMARK: -0.02}
_PLACE_WEIGHT = 0.05
"""What one point of a break's penalty weighs beside raggedness, in squares of the mean width."""
_AIR = 0.08
"""The least space in em between the ink of two lines."""


@dataclass(frozen=True, slots=True)
class Block:
    """A text broken into a number of lines. All measures are in em."""

    lines: tuple[Shaped, ...]
    width: float
    leading: float
    top: float
    """From the first baseline up to the highest ink, at least the height of capitals."""
    bottom: float
    """From the last baseline down to the lowest ink."""

    @property
    def height(self) -> float:
        """Return the height from the highest to the lowest ink."""
        return self.top + self.leading * (len(self.lines) - 1) + self.bottom

    @property
    def missing(self) -> str:
        """Return the characters that no font has."""
        return "".join(dict.fromkeys("".join(line.missing for line in self.lines)))


@dataclass(frozen=True, slots=True)
class Setting:
    """One text in one role and locale, broken into one, two, three … lines."""

    text: str
    nice: tuple[Block, ...]
    """Broken between phrases; the block of n lines is at n - 1, as far as there are breaks."""
    free: tuple[Block, ...]
    """Broken wherever the language allows."""

    def fit(self, size: float, width: float, most_lines: int) -> Block | None:
        """Return the block with the fewest lines that is this wide at most, in pixels, or None."""
        room = width / size
        return next((one for one in self.nice[:most_lines] if one.width <= room), None)

    def fit_free(self, size: float, width: float, most_lines: int) -> Block | None:
        """Do the same with breaks inside phrases."""
        room = width / size
        return next((one for one in self.free[:most_lines] if one.width <= room), None)


class Typesetter:
    """Sets the copy of one brand. It remembers: one text is broken once for all placements."""

    def __init__(self, fonts: Fonts) -> None:
        self.fonts = fonts
        self._settings: dict[tuple[str, Role, str], Setting] = {}

    def set(self, text: str, role: Role, locale: Locale) -> Setting:
        """Break a text into every number of lines that its role may take.

        Raises:
            TextRefused: It is no copy: too long, or nothing but blanks.

        """
        key = (text, role, locale.tag)
        if key not in self._settings:
            if len(self._settings) > 4096:
                self._settings.clear()
            self._settings[key] = self._break(text, role, locale)
        return self._settings[key]

    def _break(self, text: str, role: Role, locale: Locale) -> Setting:
        bound = bind(text, locale.tag)
        if not bound or len(bound) > LONGEST:
            raise TextRefused(
                f"{locale.tag} {role.value}: copy has 1 to {LONGEST} characters, this has "
                f"{len(bound)}; shorten it in the copy deck"
            )
        chain = self.fonts.chain(locale, role)
        tracking = _TRACKING.get(role, 0.0)
        parts = pieces(bound, locale.tag)
        if role in {Role.CTA, Role.WORDMARK}:
            parts = (Piece(bound, 0),)
        phrases = _joined(parts)
        block = _Breaker(chain, role, locale, tracking)
        nice = block.all(phrases)
        few = len(phrases) == len(parts) or len(parts) > MOST_PIECES
        free = nice if few else block.all(parts)
        return Setting(text, nice, free)


@dataclass(frozen=True, slots=True)
class _Breaker:
    chain: Chain
    role: Role
    locale: Locale
    tracking: float

    def all(self, parts: tuple[Piece, ...]) -> tuple[Block, ...]:
        widths = [self._advance(part.text.rstrip()) for part in parts]
        spaced = [self._advance(part.text) for part in parts]
        most = min(MOST_LINES, len(parts))
        return tuple(
            self._block([_text(parts[start:end]) for start, end in cut])
            for count in range(1, most + 1)
            if (cut := _balanced(parts, widths, spaced, count))
        )

    def _advance(self, text: str) -> float:
        return shape(text, self.chain, self.locale, self.tracking).width if text else 0.0

    def _block(self, texts: list[str]) -> Block:
        lines = tuple(shape(text, self.chain, self.locale, self.tracking) for text in texts)
        leading = _leading(self.role, self.locale.script)
        for upper, lower in pairwise(lines):
            leading = max(leading, lower.top - upper.bottom + _AIR)
        return Block(
            lines=lines,
            width=max(max(line.width, line.right) - min(line.left, 0.0) for line in lines),
            leading=leading,
            top=max(lines[0].top, self.chain.first.cap_height),
            bottom=max(-lines[-1].bottom, 0.0),
        )


def _leading(role: Role, script: str) -> float:
    by_script = _TEXT_LEADING if role in {Role.BODY, Role.NOTICE} else _SCRIPT_LEADING
    return max(_LEADING[role], by_script.get(script, 0.0))


def _text(parts: tuple[Piece, ...]) -> str:
    text = "".join(part.text for part in parts).rstrip()
    # A soft hyphen shows only where the line ends at it.
    hyphen = "-" if text.endswith(SOFT_HYPHEN) else ""
    return text.replace(SOFT_HYPHEN, "") + hyphen


def _joined(parts: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Join what belongs to one phrase."""
    joined: list[Piece] = []
    whole = ""
    for part in parts:
        whole += part.text
        if part.penalty < INSIDE_PHRASE or part is parts[-1]:
            joined.append(Piece(whole, part.penalty))
            whole = ""
    return tuple(joined)


def _balanced(
    parts: tuple[Piece, ...], widths: list[float], spaced: list[float], count: int
) -> list[tuple[int, int]] | None:
    """Cut into exactly this many lines of the most equal width, at the cheapest places.

    The cost of a line is the square of its distance from the mean width; to it comes the penalty
    of the place where it ends. Dynamic programming over the places, layer by layer.
    """
    total = [0.0]
    for width in spaced:
        total.append(total[-1] + width)
    size = len(parts)
    mean = total[-1] / count
    best = [0.0] + [float("inf")] * size
    back: list[list[int]] = []
    for line in range(1, count + 1):
        now = [float("inf")] * (size + 1)
        origin = [0] * (size + 1)
        for end in range(size if line == count else line, size + 1):
            ink = widths[end - 1] - spaced[end - 1] + total[end]
            place = 0.0 if end == size else parts[end - 1].penalty * _PLACE_WEIGHT
            for start in range(end - 1, line - 2, -1):
                off = (ink - total[start] - mean) / mean
                cost = best[start] + off * off + place
                if cost < now[end]:
                    now[end], origin[end] = cost, start
                if off > 1.2:
                    break
        back.append(origin)
        best = now
    if best[size] == float("inf"):
        return None
    cuts: list[tuple[int, int]] = []
    end = size
    for origin in reversed(back):
        cuts.append((origin[end], end))
        end = origin[end]
    return cuts[::-1]
