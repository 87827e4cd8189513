"""A line of text becomes glyphs at their places, in em: measured once, good at every size."""

import unicodedata
from dataclasses import dataclass

import uharfbuzz as hb

from composition import bidi
from composition.errors import ShapingUnavailable
from composition.fonts import Chain, Cut
from composition.scripts import complex_script
from creative.market import Locale

_JOINERS = frozenset("\u200c\u200d\u00ad\u2060\ufe0e\ufe0f")


@dataclass(frozen=True, slots=True)
class Glyph:
    """One glyph; its origin is right of and above the line's, in em."""

    cut: Cut
    id: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Shaped:
    """One line, ready to be drawn at any size. All measures are in em; up is positive."""

    text: str
    glyphs: tuple[Glyph, ...]
    width: float
    """From the first origin to the last advance."""
    left: float
    bottom: float
    right: float
    top: float
    """Where the ink ends, from the origin of the baseline."""
    missing: str
    """The characters that no font has."""


@dataclass(frozen=True, slots=True)
class _Run:
    text: str
    level: int
    cut: Cut
    script: str


def shape(text: str, chain: Chain, locale: Locale, tracking: float = 0.0) -> Shaped:
    """Shape one line.

    Args:
        text: The line, without the blank at its end.
        chain: The fonts, the preferred one first.
        locale: Its direction is the paragraph's; its tag picks the letters' local forms.
        tracking: Space added after every glyph of a plain script, in em; negative is tighter.

    """
    runs = _runs(text, chain, locale.direction)
    order = bidi.visual_order([run.level for run in runs])
    glyphs: list[Glyph] = []
    missing: list[str] = []
    pen = 0.0
    for run in (runs[place] for place in order):
        buffer = _shape_run(run, locale.tag)
        upem = run.cut.upem
        space = 0.0 if run.script else tracking
        for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            if info.codepoint == 0:
                missing.append(run.text[info.cluster])
            x = pen + position.x_offset / upem
            glyphs.append(Glyph(run.cut, info.codepoint, x, position.y_offset / upem))
            pen += position.x_advance / upem + (space if position.x_advance else 0.0)
    boxes = [(one, ink) for one in glyphs if (ink := one.cut.ink(one.id))]
    return Shaped(
        text=text,
        glyphs=tuple(one for one, _ in boxes),
        width=pen,
        left=min((one.x + ink[0] for one, ink in boxes), default=0.0),
        bottom=min((one.y + ink[1] for one, ink in boxes), default=0.0),
        right=max((one.x + ink[2] for one, ink in boxes), default=0.0),
        top=max((one.y + ink[3] for one, ink in boxes), default=0.0),
        missing="".join(dict.fromkeys(missing)),
    )


def check_shaping(chain: Chain, locale: Locale) -> None:
    """Prove that letters join and lines turn around, before anything is drawn.

    Args:
        chain: Fonts whose first one has Arabic letters.
        locale: An Arabic locale.

    Raises:
        ShapingUnavailable: They do not. Drawing would give isolated letters, with no error.

    """
    word = "بيت"
    joined = sorted(glyph.id for glyph in shape(word, chain, locale).glyphs)
    alone = [glyph.id for letter in word for glyph in shape(letter, chain, locale).glyphs]
    if joined == sorted(alone):
        raise ShapingUnavailable(
            "Arabic letters do not join: uharfbuzz shapes no text here; install uharfbuzz>=0.57 "
            "from its own wheel, and check the font of this locale"
        )
    mixed = shape("ب1", chain, locale)
    if mixed.missing or len(mixed.glyphs) < 2 or not hasattr(hb, "RasterDraw"):
        raise ShapingUnavailable(
            "uharfbuzz cannot draw here (hb.RasterDraw is missing); install uharfbuzz>=0.57"
        )


def _shape_run(run: _Run, tag: str) -> hb.Buffer:
    buffer = hb.Buffer()
    buffer.add_str(run.text)
    buffer.direction = "rtl" if run.level % 2 else "ltr"
    buffer.language = tag
    if run.script:
        buffer.script = run.script
    buffer.guess_segment_properties()
    hb.shape(run.cut.font, buffer)
    return buffer


def _runs(text: str, chain: Chain, direction: str) -> list[_Run]:
    """Cut a line where its level, font or complex script changes."""
    found = bidi.levels(text, direction)
    keys: list[tuple[int, Cut, str]] = []
    first = chain.first
    for letter, level in zip(text, found, strict=True):
        before = keys[-1] if keys else None
        category = unicodedata.category(letter)
        follows = category[0] == "M" or category == "Cf" or letter in _JOINERS or letter.isspace()
        if follows and before and before[0] == level:
            keys.append(before)
            continue
        cut = first if follows or first.covers(letter) else chain.for_letter(letter) or first
        script = complex_script(letter)
        # A digit or a comma belongs to the script it stands in.
        neutral = category[0] in "PNZS"
        if neutral and before and before[0] == level and before[1] is cut:
            script = before[2]
        keys.append((level, cut, script))
    runs: list[_Run] = []
    start = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or keys[end] != keys[start]:
            level, cut, script = keys[start]
            runs.append(_Run(text[start:end], level, cut, script))
            start = end
    return runs
