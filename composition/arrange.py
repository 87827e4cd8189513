"""Words, call and logo find their places and sizes in a frame. Arithmetic only."""

from collections.abc import Mapping, Sequence
from math import ceil, floor

from composition.fit import SHRINK_TO, Fitted, Words, candidates, for_script, pair, smallest
from composition.fonts import Role
from composition.frame import Anchor, Frame, LogoPlace
from composition.layout import mirrored
from composition.plan import Mark, Placed, PlacedLine, Plan
from composition.shape import Shaped
from composition.typefaces import BRAND_SCRIPTS
from composition.typeset import Setting
from creative.market import Locale
from creative.placement import Box

_ROW_SHARES = (1.0, 0.92, 0.84, 0.76)
"""How much of its size a row's logo and call keep, tried in turn."""
_PILL_HEIGHT = 2.5
_PILL_PAD = 1.25
"""The call's shape around its text, in sizes of the text."""
_ENOUGH = 0.88
"""From this score on a frame is taken as it is."""


def arrange(
    frames: Sequence[Frame],
    words: Mapping[Role, Setting],
    mark: Mark,
    locale: Locale,
    other: int = 0,
) -> Plan:
    """Place everything in the first frame where words have room, or else in the best.

    Args:
        frames: From ``layout.frames``, for a reader who starts at the left; each gives words more
            room and the picture less.
        words: A setting for the headline, and for every other role that has words.
        mark: The brand's sign.
        locale: Its direction turns the frame around.
        other: 0 for that frame, and 1, 2 … for the next ones after it in which words have as much
            room; where there is none, that frame stays.

    """
    best: Plan | None = None
    for frame in frames:
        if frame.picture is None and best and not best.overflow:
            break  # a picture is given up only for words that would not fit beside it
        plan = _Arranger(frame, words, mark, locale).plan()
        if best is None or _rank(plan) > _rank(best):
            best = plan
        if not plan.overflow and plan.score >= _ENOUGH:
            break
    if best is None:
        raise ValueError("a placement has at least one frame")
    if not other:
        return best
    at = frames.index(best.frame)
    rest = [_Arranger(one, words, mark, locale).plan() for one in (*frames[at + 1 :], *frames[:at])]
    as_good = [
        one
        for one in rest
        if not one.overflow
        and len(one.dropped) <= len(best.dropped)
        and (one.picture is None) == (best.picture is None)
    ]
    return as_good[(other - 1) % len(as_good)] if as_good else best


def _rank(plan: Plan) -> tuple[int, int, float]:
    return -len(plan.overflow), -len(plan.dropped), plan.score


class _Arranger:
    def __init__(
        self, frame: Frame, words: Mapping[Role, Setting], mark: Mark, locale: Locale
    ) -> None:
        self.frame = frame
        self.words = words
        self.mark = mark
        self.locale = locale
        turned = locale.direction == "rtl"
        self.turned = turned
        picture, safe = frame.picture, frame.safe
        if turned:
            picture = mirrored(picture, frame.width) if picture else None
            safe = mirrored(safe, frame.width)
        self.out = Plan(frame, picture, safe)

    def plan(self) -> Plan:
        if self.frame.notice is None and Role.NOTICE in self.words:
            self.out.dropped.append(Role.NOTICE)
        if self.frame.body is None and Role.BODY in self.words:
            self.out.dropped.append(Role.BODY)
        if self.frame.anchor is Anchor.ROW:
            self._row()
        else:
            self._stack()
        return self.out

    # The two ways to lay out.

    def _stack(self) -> None:
        frame, box, gap = self.frame, self.frame.text, self.frame.gap
        notice = self._notice(box.width)
        cta = self._cta(box.width)
        pill_width, pill_height = self._pill(cta, box.width)
        place = frame.logo
        logo_width, logo_height = self._logo(frame.logo_width, frame.logo_height)
        if place is LogoPlace.BESIDE_CTA:
            room = box.width - pill_width - gap - self.mark.clear_space * logo_height
            least = max(0.62 * logo_width, min(self.mark.min_width, logo_width))
            if room >= least:
                logo_width, logo_height = self._logo(min(room, logo_width), logo_height)
            else:
                place = LogoPlace.BELOW if frame.small else LogoPlace.ABOVE
        clear = max(gap * 1.5, ceil(self.mark.clear_space * logo_height))
        beside = logo_height if place is LogoPlace.BESIDE_CTA else 0.0
        foot = max(pill_height, beside)
        if place is LogoPlace.BELOW:
            foot += logo_height + clear
        if notice:
            notice_gap = max(gap * 0.8, notice.size * 0.9, clear if place is LogoPlace.BELOW else 0)
            foot += notice.height + notice_gap
        head = logo_height + clear if place is LogoPlace.ABOVE else 0.0
        found = self._choose(box.width, box.height - foot - head - gap * 1.15)
        tall = head + found.height + gap * 1.15 + foot
        slack = max(box.height - tall, 0.0)
        top = box.top + (slack if frame.anchor is Anchor.BOTTOM else 0.0)
        spread = slack if frame.anchor is Anchor.SPREAD else 0.0
        self.out.edge = round(top if frame.anchor is Anchor.BOTTOM else top + tall)
        if place is LogoPlace.ABOVE:
            self._sign(box.left, top, logo_width, logo_height)
            top += head + spread * 0.5
        else:
            top += min(spread * 0.4, gap * 1.2)
        self._write(found, top, box)
        bottom = box.bottom - (slack if frame.anchor is Anchor.TOP else 0.0)
        if notice:
            self._text(Role.NOTICE, notice, bottom - notice.height, box)
            bottom -= notice.height + notice_gap
        if place is LogoPlace.BELOW:
            self._sign(box.left, bottom - logo_height, logo_width, logo_height)
            bottom -= logo_height + clear
        if cta:
            self._call(cta, box.left, bottom - pill_height, pill_width, pill_height)
        if place is LogoPlace.BESIDE_CTA:
            middle = bottom - max(pill_height, logo_height) / 2
            self._sign(box.right - logo_width, middle - logo_height / 2, logo_width, logo_height)

    def _row(self) -> None:
        """Set everything side by side; logo and call give way to a headline that needs it."""
        trials = []
        for share in _ROW_SHARES:
            trial = _Arranger(self.frame, self.words, self.mark, self.locale)
            trial._row_at(share)
            trial.out.dropped = [*self.out.dropped, *trial.out.dropped]
            trials.append(trial.out)
            if not trial.out.overflow and trial.out.score >= _ENOUGH:
                break
        self.out = max(trials, key=_rank)

    def _row_at(self, share: float) -> None:
        frame, box, gap = self.frame, self.frame.text, self.frame.gap
        logo_width, logo_height = self._logo(frame.logo_width * share, frame.logo_height * share)
        cta = self._cta(box.width * 0.42, share)
        pill_width, pill_height = self._pill(cta, box.width)
        middle = (box.top + box.bottom) / 2
        self._sign(box.left, middle - logo_height / 2, logo_width, logo_height)
        if cta:
            self._call(
                cta, box.right - pill_width, middle - pill_height / 2, pill_width, pill_height
            )
        clear = max(gap, ceil(self.mark.clear_space * logo_height))
        left = box.left + logo_width + clear
        right = box.right - (pill_width + gap if cta else 0)
        inner = Box(left=round(left), top=box.top, right=round(right), bottom=box.bottom)
        found = self._choose(inner.width, inner.height)
        self._write(found, middle - found.height / 2, inner)

    # The parts.

    def _choose(self, width: float, height: float) -> Words:
        frame, script = self.frame, self.locale.script
        setting = self.words[Role.HEADLINE]
        headline = (setting, for_script(frame.headline, script))
        text = self.words.get(Role.BODY)
        if text and frame.body:
            body = (text, for_script(frame.body, script))
            found = pair(headline, body, width, height)
            if found is None and not frame.small:
                # Copy that is too long is shown whole, and blocked, rather than cut.
                found = pair(headline, body, width, height, SHRINK_TO)
            if found:
                return self._found(found)
            self.out.dropped.append(Role.BODY)
        found = pair(headline, None, width, height) or pair(
            headline, None, width, height, SHRINK_TO
        )
        return self._found(found or smallest(setting, width, height))

    def _found(self, found: Words) -> Words:
        frame, script = self.frame, self.locale.script
        head = found.headline.size / for_script(frame.headline, script).largest
        body = head  # a headline that is alone speaks for both
        if Role.BODY in self.words and frame.body:
            size = found.body.size if found.body else 0.0
            body = size / for_script(frame.body, script).largest
        self.out.score = 0.65 * head + 0.35 * body
        if not found.headline.fits:
            share = found.headline.size / frame.headline.smallest
            self._too_long(Role.HEADLINE, self.words[Role.HEADLINE].text, share**2)
        if found.body and not found.body.fits and frame.body:
            share = found.body.size / frame.body.smallest
            self._too_long(Role.BODY, self.words[Role.BODY].text, share**2)
        return found

    def _too_long(self, role: Role, text: str, share: float) -> None:
        # Text in a box of one area takes the square of its size; on one line, its size.
        self.out.overflow[role] = max(1, ceil(len(text) * (1 - share)))

    def _notice(self, width: float) -> Fitted | None:
        setting, sizes = self.words.get(Role.NOTICE), self.frame.notice
        if not setting or not sizes:
            return None
        fitted = next(candidates(setting, sizes, width, SHRINK_TO), None)
        if fitted is None:
            block = min((*setting.nice, *setting.free), key=lambda one: one.width)
            fitted = Fitted(block, max(width / block.width, 1.0), fits=False)
        if not fitted.fits:
            self._too_long(Role.NOTICE, setting.text, (fitted.size / sizes.smallest) ** 2)
        return fitted

    def _cta(self, width: float, share: float = 1.0) -> Fitted | None:
        setting, sizes = self.words.get(Role.CTA), self.frame.cta
        if not setting:
            return None
        block = setting.nice[0]
        pad = 0.7 if self.frame.wide_cta else _PILL_PAD
        largest = max(sizes.largest * share, sizes.smallest)
        size = min(largest, width / (block.width + 2 * pad))
        if size < sizes.smallest:
            # A long call first loses the air at its sides.
            size = min(
                sizes.smallest, width / (block.width + 2 * (0.4 if self.frame.wide_cta else 0.6))
            )
        fits = size >= sizes.smallest - 1e-6
        if not fits:
            self._too_long(Role.CTA, setting.text, size / sizes.smallest)
        return Fitted(block, size, fits)

    def _pill(self, cta: Fitted | None, width: float) -> tuple[int, int]:
        if not cta:
            return 0, 0
        wide = width if self.frame.wide_cta else cta.width + 2 * _PILL_PAD * cta.size
        tall = max(_PILL_HEIGHT * cta.size, cta.height + 0.9 * cta.size)
        return round(min(wide, width)), round(tall / 2) * 2

    def _logo(self, width: float, height: float) -> tuple[float, float]:
        scale = min(width / self.mark.aspect, height)
        # A mark that is much wider than high would end up a hairline at that height.
        tall = scale if self.mark.wordmark else min(width / self.mark.aspect, height * 1.7)
        return tall * self.mark.aspect, tall

    # Putting down.

    def _write(self, found: Words, top: float, box: Box) -> None:
        self._text(Role.HEADLINE, found.headline, top, box)
        if found.body:
            self._text(Role.BODY, found.body, top + found.headline.height + found.gap, box)

    def _text(self, role: Role, fitted: Fitted, top: float, box: Box) -> None:
        size, block = fitted.size, fitted.block
        baseline = ceil(top + block.top * size)
        lines = []
        for place, shaped in enumerate(block.lines):
            at = self._start(box, shaped, size)
            lines.append(_line(shaped, at, baseline + place * block.leading * size, size))
        self.out.texts.append(Placed(role, size, tuple(lines), block.missing))

    def _start(self, box: Box, shaped: Shaped, size: float) -> float:
        """Return the origin at which a line's ink, not its side bearing, meets the margin."""
        if self.turned:
            return self.frame.width - box.left - shaped.right * size
        return box.left - shaped.left * size

    def _call(self, cta: Fitted, left: float, top: float, width: int, height: int) -> None:
        box = self._box(left, top, width, height)
        self.out.pill = box
        shaped, size = cta.block.lines[0], cta.size
        x = box.left + (box.width - (shaped.right - shaped.left) * size) / 2 - shaped.left * size
        if self.locale.script in BRAND_SCRIPTS:
            up, down = cta.block.top, 0.0
            up = min(up, 0.74)
        else:
            up, down = shaped.top, shaped.bottom
        baseline = (box.top + box.bottom) / 2 + (up + down) * size / 2
        line = _line(shaped, x, round(baseline), size)
        self.out.texts.append(Placed(Role.CTA, size, (line,), cta.block.missing))

    def _sign(self, left: float, top: float, width: float, height: float) -> None:
        box = self._box(left, top, width, height)
        self.out.logo = box
        if self.mark.wordmark:
            shaped = self.mark.wordmark.lines[0]
            size = height / self.mark.wordmark.top
            line = _line(shaped, box.left - shaped.left * size, box.bottom, size)
            missing = self.mark.wordmark.missing
            self.out.texts.append(Placed(Role.WORDMARK, size, (line,), missing))

    def _box(self, left: float, top: float, width: float, height: float) -> Box:
        at = round(left)
        box = Box(
            left=at, top=round(top), right=at + round(width), bottom=round(top) + round(height)
        )
        return mirrored(box, self.frame.width) if self.turned else box


def _line(shaped: Shaped, x: float, baseline: float, size: float) -> PlacedLine:
    baseline = round(baseline)
    ink = Box(
        left=floor(x + shaped.left * size),
        top=floor(baseline - shaped.top * size),
        right=ceil(x + shaped.right * size),
        bottom=ceil(baseline - shaped.bottom * size),
    )
    return PlacedLine(shaped, x, baseline, ink)
