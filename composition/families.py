"""The families of frames: one look, in seven shapes.

The brand's colour is the ground, the picture sits on it as a card with round corners, and the text
keeps one margin. In tall and outdoor frames the picture bleeds off the edges and melts into the
ground where the words begin. Everything is laid out for a reader who starts at the left.
"""

from composition.frame import Anchor, Family, Frame, LogoPlace, Sizes
from creative.placement import Box

MOST_ROOM = 1.28
"""The most that words take from a picture that is still shown."""


def _reading_scale(width: int, height: int) -> float:
    # Large renditions are seen on phones about 400 points wide; small display sizes at 1:1.
    return min(max(1.0, width / 400), 3.0) if width * height >= 300_000 else 1.0


def _inside(safe: Box, width: int, height: int, margin: int) -> Box:
    """Return the safe box, kept at least a margin from every edge of the frame."""
    # Ink that touches the platform's buttons looks like a mistake: a hair of air.
    hair = max(2, margin // 10)
    return Box(
        left=max(safe.left + hair, margin),
        top=max(safe.top + hair, margin),
        right=min(safe.right - hair, width - margin),
        bottom=min(safe.bottom - hair, height - margin),
    )


def _card(width: int, height: int, safe: Box, room: float) -> Frame:
    scale = _reading_scale(width, height)
    margin = round((0.06 if scale > 1 else 0.064) * min(width, height * 1.1))
    gutter = round(margin * 0.42)
    shape = width / height
    small = scale == 1
    share = (0.47 if shape < 0.7 else 0.52) if small else 0.37 + 0.075 * max(shape - 0.66, 0) / 0.34
    share *= min(room, MOST_ROOM)
    inner = _inside(safe, width, height, margin)
    panel = inner.bottom - round((height - 2 * (height - inner.bottom)) * share)
    if inner.bottom < height - margin:
        # An unsafe bottom edge would leave the panel empty: it takes the text up with it.
        panel = inner.bottom - round(inner.height * share)
    picture = Box(left=gutter, top=gutter, right=width - gutter, bottom=panel - round(margin * 0.2))
    text = inner.model_copy(
        update={"top": picture.bottom + round(margin * (0.62 if small else 0.8))}
    )
    bare = small and room > MOST_ROOM
    return Frame(
        family=Family.CARD,
        width=width,
        height=height,
        picture=None if bare else picture,
        radius=round(margin * 0.55),
        text=inner if bare else text,
        safe=safe,
        anchor=Anchor.SPREAD,
        logo=LogoPlace.BESIDE_CTA,
        logo_height=round(0.034 * width if scale > 1 else 0.05 * min(width, height)),
        logo_width=round(text.width * 0.4),
        headline=Sizes(0.09 * width if not small else 0.086 * width, 13 * scale, 3),
        body=Sizes(min(0.036 * width, 13 * scale) if not small else 12.5, 10.5 * scale, 4),
        cta=Sizes((12.2 if not small else 11.5) * scale, 9.5 * scale, 1),
        notice=Sizes(7.8 * scale if not small else 9, 6.6 * scale if not small else 8, 4),
        gap=round(margin * 0.5),
    )


def _story(width: int, height: int, safe: Box, _room: float) -> Frame:
    scale = _reading_scale(width, height)
    margin = round(0.068 * width)
    text = _inside(safe, width, height, margin)
    # Where the platform covers the lower part, low words would leave the picture a strip.
    low = height - safe.bottom < 0.27 * height
    return Frame(
        family=Family.STORY,
        width=width,
        height=height,
        picture=Box(left=0, top=0, right=width, bottom=height),
        radius=0,
        text=text.model_copy(update={"bottom": text.bottom - round(margin * 0.3)}),
        safe=safe,
        anchor=Anchor.BOTTOM if low else Anchor.TOP,
        logo=LogoPlace.BESIDE_CTA,
        logo_height=round(0.038 * width),
        logo_width=round(text.width * 0.4),
        headline=Sizes(0.104 * width, 17 * scale, 3),
        body=Sizes(0.041 * width, 11.5 * scale, 5),
        cta=Sizes(13.4 * scale, 10 * scale, 1),
        notice=Sizes(8.4 * scale, 7 * scale, 5),
        gap=round(0.036 * width),
    )


def _landscape(width: int, height: int, safe: Box, room: float) -> Frame:
    scale = _reading_scale(width, height)
    margin = round(0.082 * min(height, width * 0.7))
    gutter = round(margin * 0.42)
    shape = width / height
    inner = _inside(safe, width, height, margin)
    share = min((0.5 if shape < 2.6 else 0.58) * min(max(room, 1.0), MOST_ROOM) ** 0.5, 0.62)
    middle = round(width * share)
    picture = Box(left=middle, top=gutter, right=width - gutter, bottom=height - gutter)
    text = inner.model_copy(update={"right": min(inner.right, middle - round(margin * 0.75))})
    small = scale == 1
    return Frame(
        family=Family.LANDSCAPE,
        width=width,
        height=height,
        picture=picture,
        radius=round(margin * 0.55),
        text=text,
        safe=safe,
        anchor=Anchor.SPREAD,
        logo=LogoPlace.BESIDE_CTA if small else LogoPlace.ABOVE,
        logo_height=round(0.05 * height) if not small else round(0.085 * height),
        logo_width=round(text.width * (0.34 if small else 0.5)),
        headline=Sizes((0.118 if not small else 0.165) * height, (13 if small else 11) * scale, 4),
        body=Sizes((0.047 * height) if not small else 16, (11 if small else 8.6) * scale, 4),
        cta=Sizes((0.042 * height) if not small else 15, (10 if small else 8) * scale, 1),
        notice=Sizes(
            6.2 * scale if not small else 9.5,
            5.4 * scale if not small else 8,
            4 if not small else 3,
        ),
        gap=round(margin * (0.44 if not small else 0.5)),
    )


def _cinema(width: int, height: int, safe: Box, _room: float) -> Frame:
    margin = round(0.085 * height)
    text = _inside(safe, width, height, margin)
    return Frame(
        family=Family.CINEMA,
        width=width,
        height=height,
        picture=Box(left=round(width * 0.4), top=0, right=width, bottom=height),
        radius=0,
        text=text.model_copy(update={"right": min(text.right, round(width * 0.46))}),
        safe=safe,
        anchor=Anchor.SPREAD,
        logo=LogoPlace.ABOVE,
        logo_height=round(0.045 * height),
        logo_width=round(width * 0.2),
        headline=Sizes(0.128 * height, 0.05 * height, 4),
        body=Sizes(0.044 * height, 0.03 * height, 4),
        cta=Sizes(0.04 * height, 0.028 * height, 1),
        notice=Sizes(0.024 * height, 0.019 * height, 4),
        gap=round(margin * 0.44),
    )


def _skyscraper(width: int, height: int, safe: Box, room: float) -> Frame:
    margin = round(0.085 * width)
    gutter = max(4, round(margin * 0.45))
    inner = _inside(safe, width, height, margin)
    picture = Box(
        left=gutter,
        top=gutter,
        right=width - gutter,
        bottom=round(height * (1 - 0.62 * min(room, MOST_ROOM))),
    )
    text = inner.model_copy(update={"top": picture.bottom + round(margin * 1.25)})
    return Frame(
        family=Family.SKYSCRAPER,
        width=width,
        height=height,
        picture=picture,
        radius=max(5, round(margin * 0.6)),
        text=text,
        safe=safe,
        anchor=Anchor.SPREAD,
        logo=LogoPlace.BELOW,
        logo_height=max(10, round(0.085 * width)),
        logo_width=round(text.width * 0.8),
        headline=Sizes(min(0.165 * width, 40), 12, 6),
        body=Sizes(min(max(12.5, 0.08 * width), 20), 10.5, 7),
        cta=Sizes(min(max(12.5, 0.08 * width), 18), 9, 1),
        notice=Sizes(9, 8 if width >= 150 else 7.5, 9),
        gap=round(margin * 0.95),
        wide_cta=width < 250,
    )


def _leaderboard(width: int, height: int, safe: Box, room: float) -> Frame:
    margin = round(0.17 * height)
    gutter = max(3, round(0.07 * height))
    inner = _inside(safe, width, height, margin)
    share = (0.22 if width / height > 6 else 0.3) / min(room, MOST_ROOM) ** 2
    middle = round(width * (1 - share))
    picture = Box(left=middle, top=gutter, right=width - gutter, bottom=height - gutter)
    text = inner.model_copy(update={"right": min(inner.right, middle - margin)})
    return Frame(
        family=Family.LEADERBOARD,
        width=width,
        height=height,
        picture=picture,
        radius=max(4, round(0.1 * height)),
        text=text,
        safe=safe,
        anchor=Anchor.ROW,
        logo=LogoPlace.START,
        logo_height=round(0.15 * height),
        logo_width=round(text.width * 0.2),
        headline=Sizes(0.3 * height, 11.5, 2),
        body=Sizes(0.155 * height, 10.5, 2) if height >= 80 else None,
        cta=Sizes(min(0.155 * height, 14), 9, 1),
        notice=None,
        gap=max(8, round(margin * 1.15)),
    )


def _tiny(width: int, height: int, safe: Box, _room: float) -> Frame:
    margin = max(8, round(0.16 * min(height, 60)))
    inner = _inside(safe, width, height, margin)
    tall = height > 60
    gutter = max(3, round(0.06 * height))
    middle = width - round(height * 0.95)
    picture = (
        Box(left=middle, top=gutter, right=width - gutter, bottom=height - gutter) if tall else None
    )
    text = inner.model_copy(update={"right": middle - margin}) if tall else inner
    return Frame(
        family=Family.TINY,
        width=width,
        height=height,
        picture=picture,
        radius=6 if tall else 0,
        text=text,
        safe=safe,
        anchor=Anchor.SPREAD if tall else Anchor.ROW,
        logo=LogoPlace.BESIDE_CTA if tall else LogoPlace.START,
        logo_height=11,
        logo_width=round(text.width * (0.4 if tall else 0.22)),
        headline=Sizes(19 if tall else 18, 9.5, 2),
        body=None,
        cta=Sizes(12, 9, 1),
        notice=None,
        gap=9 if tall else 11,
    )


BUILDERS = {
    Family.CARD: _card,
    Family.STORY: _story,
    Family.LANDSCAPE: _landscape,
    Family.CINEMA: _cinema,
    Family.SKYSCRAPER: _skyscraper,
    Family.LEADERBOARD: _leaderboard,
    Family.TINY: _tiny,
}
