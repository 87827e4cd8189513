"""What is wrong with a rendition, told from its plan, its pixels and its file."""

from collections.abc import Iterator

from composition.contrast import LARGE_RATIO, needed
from composition.encode import Encoded
from composition.fonts import Role
from composition.layout import SOFT
from composition.plan import Mark, Placed, Plan
from creative.finding import Finding, Severity
from creative.placement import Box, Placement

_BOLD = frozenset({Role.HEADLINE, Role.CTA, Role.WORDMARK})
_POOR_QUALITY = 50
"""Below this a JPEG shows its blocks."""


def check_plan(plan: Plan, mark: Mark) -> Iterator[Finding]:
    """Check where everything stands, before anything is painted."""
    for text in plan.texts:
        yield from _glyphs(text)
        yield from _inside(plan, text)
    for role, characters in plan.overflow.items():
        yield Finding(
            check="overflow",
            severity=Severity.BLOCK,
            where=role.value,
            message=f"the {role.value} does not fit at its smallest size",
            mend=f"cut about {characters} characters",
        )
    for role in plan.dropped:
        yield _dropped(role, plan)
    yield from _logo(plan, mark)


def check_contrast(text: Placed, ratio: float) -> Iterator[Finding]:
    """Check the ink of one text against the final pixels behind it.

    Args:
        text: The text.
        ratio: From ``contrast.contrast_on``, of its worst line.

    """
    # WCAG asks nothing of a logotype; a large text's ratio is our own demand.
    bold = text.role in _BOLD
    least = LARGE_RATIO if text.role is Role.WORDMARK else needed(text.size, bold=bold)
    if ratio < least:
        yield Finding(
            check="contrast",
            severity=Severity.BLOCK,
            where=text.role.value,
            message=f"ink and ground differ by {ratio:.1f}:1, where {least:.1f}:1 is readable",
            mend="name a brand text or background colour that differs more, or a calmer picture",
        )


def check_file(encoded: Encoded, size: tuple[int, int], placement: Placement) -> Iterator[Finding]:
    """Check the finished file against its placement."""
    if not encoded.fits or len(encoded.content) > placement.max_bytes:
        yield Finding(
            check="bytes",
            severity=Severity.BLOCK,
            where="file",
            message=f"{len(encoded.content):,} bytes, where {placement.id} takes "
            f"{placement.max_bytes:,}",
            mend="choose a calmer picture, or ask the seller for a larger cap",
        )
    if encoded.quality < _POOR_QUALITY:
        yield Finding(
            check="quality",
            severity=Severity.WARN,
            where="file",
            message=f"only quality {encoded.quality} of 100 stays under the cap",
            mend="choose a calmer picture, or ask the seller for a larger cap",
        )
    if size != (placement.width, placement.height):
        yield Finding(
            check="pixels",
            severity=Severity.BLOCK,
            where="file",
            message=f"{size[0]} x {size[1]} pixels, where {placement.id} takes "
            f"{placement.width} x {placement.height}",
            mend="report this: a rendition always has its placement's size",
        )


def check_picture(enlarged: float, *, placeholder: bool) -> Iterator[Finding]:
    """Check the key visual itself.

    Args:
        enlarged: How much larger than in its file it is shown.
        placeholder: Whether it is studio art.

    """
    if placeholder:
        yield Finding(
            check="placeholder",
            severity=Severity.WARN,
            where="picture",
            message="the picture is a placeholder that the studio drew",
            mend="run the campaign with a paid image provider before it is delivered",
        )
    if enlarged > SOFT:
        yield Finding(
            check="resolution",
            severity=Severity.WARN,
            where="picture",
            message=f"the picture is enlarged {enlarged:.1f} times and will look soft",
            mend="buy the key visual in a larger size",
        )


def _glyphs(text: Placed) -> Iterator[Finding]:
    if text.missing:
        named = ", ".join(f"{letter} (U+{ord(letter):04X})" for letter in text.missing)
        yield Finding(
            check="missing-glyph",
            severity=Severity.BLOCK,
            where=text.role.value,
            message=f"no font has {named}",
            mend="change the copy, or give the brand a font that has it",
        )


def _inside(plan: Plan, text: Placed) -> Iterator[Finding]:
    frame = plan.frame
    whole = Box(left=0, top=0, right=frame.width, bottom=frame.height)
    boxes = [line.ink for line in text.lines]
    if not all(_holds(whole, box) for box in boxes):
        yield Finding(
            check="clipping",
            severity=Severity.BLOCK,
            where=text.role.value,
            message="letters are cut off at the edge of the frame",
            mend="shorten the copy",
        )
    elif not all(_holds(plan.safe, box) for box in boxes):
        yield Finding(
            check="safe-zone",
            severity=Severity.BLOCK,
            where=text.role.value,
            message="letters reach into the edge that the platform draws over",
            mend="shorten the copy",
        )


def _dropped(role: Role, plan: Plan) -> Finding:
    size = f"{plan.frame.width} x {plan.frame.height}"
    if role is Role.NOTICE:
        return Finding(
            check="notice-one-click",
            severity=Severity.NOTE,
            where=role.value,
            message=f"{size} has no room for the notice",
            mend="show it where the click leads, or do not book this size",
        )
    return Finding(
        check="body-dropped",
        severity=Severity.NOTE,
        where=role.value,
        message=f"{size} has no room for the body beside a readable headline",
        mend="nothing, if the headline says enough; else shorten both",
    )


def _logo(plan: Plan, mark: Mark) -> Iterator[Finding]:
    logo = plan.logo
    if logo is None:
        return
    if not _holds(plan.safe, logo):
        yield Finding(
            check="safe-zone",
            severity=Severity.BLOCK,
            where="logo",
            message="the logo reaches into the edge that the platform draws over",
            mend="report this: the layout keeps it out",
        )
    if mark.wordmark is None and logo.width < mark.min_width:
        yield Finding(
            check="logo-size",
            severity=Severity.WARN,
            where="logo",
            message=f"the logo is {logo.width} px wide, where the brand asks {mark.min_width}",
            mend="do not book this size, or give the brand a compact logo",
        )
    clear = round(mark.clear_space * logo.height)
    around = Box(
        left=logo.left - clear,
        top=logo.top - clear,
        right=logo.right + clear,
        bottom=logo.bottom + clear,
    )
    others = [
        line.ink for text in plan.texts if text.role is not Role.WORDMARK for line in text.lines
    ]
    others += [plan.pill] if plan.pill else []
    if any(_touch(around, other) for other in others):
        yield Finding(
            check="logo-clear-space",
            severity=Severity.WARN,
            where="logo",
            message=f"something stands within the {clear} px that the brand keeps clear",
            mend="shorten the copy",
        )


def _holds(outer: Box, inner: Box) -> bool:
    # Anti-aliased ink may touch the pixel beside its outline.
    return (
        inner.left >= outer.left - 1
        and inner.top >= outer.top - 1
        and inner.right <= outer.right + 1
        and inner.bottom <= outer.bottom + 1
    )


def _touch(one: Box, other: Box) -> bool:
    return (
        one.left < other.right
        and other.left < one.right
        and one.top < other.bottom
        and other.top < one.bottom
    )
