"""The largest sizes at which words fit a width and a height. Arithmetic only."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from composition.frame import Sizes
from composition.typeset import FREE_GAIN, Block, Setting

_HEADLINE_STEP = 0.955
_BODY_STEP = 0.94
_BODY_WEIGHT = 0.8
"""How much a large body counts beside a large headline."""
_BODY_OF_HEADLINE = 0.62
"""The body is never larger than this share of the headline."""
_BODY_GAP = 0.95
_HEADLINE_GAP = 0.42
"""The space between the two, in sizes of the one or the other, whichever is more."""
_IDEOGRAPHIC = frozenset({"Jpan", "Kore", "Hans", "Hant"})
SHRINK_TO = 0.25
"""Copy that overflows is still set whole, down to this share of the smallest size, to be seen."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A block at a size."""

    block: Block
    size: float
    fits: bool
    """Whether the size is one that its role may have."""

    @property
    def height(self) -> float:
        """Return the height of its ink in pixels."""
        return self.block.height * self.size

    @property
    def width(self) -> float:
        """Return its width in pixels."""
        return self.block.width * self.size


@dataclass(frozen=True, slots=True)
class Words:
    """A headline, and the body below it."""

    headline: Fitted
    body: Fitted | None
    gap: float

    @property
    def height(self) -> float:
        """Return the height of both in pixels."""
        return self.headline.height + (self.gap + self.body.height if self.body else 0.0)


def for_script(sizes: Sizes, script: str) -> Sizes:
    """Return the sizes for a script: an ideograph fills its em, and looks larger than Latin."""
    share = 0.88 if script in _IDEOGRAPHIC else 1.0
    return replace(sizes, largest=max(sizes.largest * share, sizes.smallest))


def candidates(
    setting: Setting, sizes: Sizes, width: float, least: float = 1.0
) -> Iterator[Fitted]:
    """Yield a text's ways to be set in a width, the largest first.

    Args:
        setting: The text, broken into every number of lines.
        sizes: What its role may have.
        width: In pixels.
        least: The share of its smallest size down to which it is tried.

    """
    for size in _steps(sizes, _BODY_STEP, least):
        block = setting.fit(size, width, sizes.lines) or setting.fit_free(size, width, sizes.lines)
        if block:
            yield Fitted(block, size, size >= sizes.smallest)


def pair(
    headline: tuple[Setting, Sizes],
    body: tuple[Setting, Sizes] | None,
    width: float,
    height: float,
    least: float = 1.0,
) -> Words | None:
    """Return the best sizes for a headline and its body, or None where they do not fit.

    Args:
        headline: Its setting and what sizes it may have.
        body: The same, or None.
        width: Of the room for both, in pixels.
        height: Likewise.
        least: The share of their smallest sizes down to which they are tried.

    """
    bodies: list[Fitted | None] = list(candidates(*body, width, least)) if body else [None]
    best, best_score = None, 0.0
    for head, share in _headlines(*headline, width, least):
        for text in bodies:
            words = Words(head, text, _gap(head, text))
            if words.height > height or not (body is None or _below(head, text, body[1])):
                continue
            size = text.size / body[1].largest if text and body else 0.0
            if share + _BODY_WEIGHT * size > best_score:
                best, best_score = words, share + _BODY_WEIGHT * size
            break
    return best


def smallest(headline: Setting, width: float, height: float) -> Words:
    """Return a headline as large as it will go where even its smallest size is too large."""

    def size_of(block: Block) -> float:
        return max(min(width / block.width, height / block.height), 1.0)

    block = max((*headline.nice, *headline.free), key=size_of)
    return Words(Fitted(block, size_of(block), fits=False), None, 0.0)


def _gap(head: Fitted, text: Fitted | None) -> float:
    return max(text.size * _BODY_GAP, head.size * _HEADLINE_GAP) if text else 0.0


def _below(head: Fitted, text: Fitted | None, sizes: Sizes) -> bool:
    return text is None or text.size <= max(head.size * _BODY_OF_HEADLINE, sizes.smallest)


def _headlines(
    setting: Setting, sizes: Sizes, width: float, least: float
) -> Iterator[tuple[Fitted, float]]:
    """Yield a headline's ways to be set, with how good each is, from 0 to 1."""
    for size in _steps(sizes, _HEADLINE_STEP, least):
        share = size / sizes.largest
        fits = size >= sizes.smallest
        if block := setting.fit(size, width, sizes.lines):
            yield Fitted(block, size, fits), share
        if setting.free is not setting.nice and (
            loose := setting.fit_free(size, width, sizes.lines)
        ):
            yield Fitted(loose, size, fits), share * FREE_GAIN


def _steps(sizes: Sizes, ratio: float, least: float) -> Iterator[float]:
    """Yield sizes from the largest down, on whole or half pixels."""
    size = sizes.largest
    while size > sizes.smallest:
        yield max(round(size) if size > 24 else round(size * 2) / 2, sizes.smallest)
        size *= ratio
    yield sizes.smallest
    size = sizes.smallest * ratio
    while size >= sizes.smallest * least:
        yield size
        size *= ratio
