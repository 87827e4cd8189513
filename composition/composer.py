"""One order becomes one finished file. Everything that several orders share is made once."""

from dataclasses import dataclass

from PIL import Image, ImageStat

from composition import checks, render
from composition.arrange import arrange
from composition.backdrops import Backdrop, Backdrops
from composition.colour import palette
from composition.contrast import Rgb, contrast_on
from composition.encode import QUALITIES, Encoded, encode, encode_png, jpeg
from composition.errors import TextRefused
from composition.fonts import Fonts, Role
from composition.layout import frames
from composition.order import Look, Order
from composition.picture import open_logo
from composition.plan import Mark, Placed, Plan
from composition.provenance import TOOL, Provenance, composed_of, packet
from composition.scripts import COMPLEX
from composition.shape import check_shaping
from composition.typeset import Setting, Typesetter
from creative.copy_deck import Slot
from creative.finding import Finding
from creative.market import Locale, market_table
from creative.placement import Box

_ROLES = {
    Slot.HEADLINE: Role.HEADLINE,
    Slot.BODY: Role.BODY,
    Slot.CTA: Role.CTA,
    Slot.NOTICE: Role.NOTICE,
}


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished file and its findings."""

    encoded: Encoded
    findings: tuple[Finding, ...]
    plan: Plan


class Composer:
    """Composes the orders of one brand, one at a time. It is not for several threads."""

    def __init__(self, look: Look) -> None:
        """Open the brand's fonts and logo.

        Raises:
            FontRefused: A family is not shipped and not one of the brand's files.
            LogoRefused: The logo cannot be opened.

        """
        self._look = look
        self._palette = palette(look.colours)
        self._typesetter = Typesetter(Fonts(look.heading_family, look.body_family, look.font_files))
        self._logo = open_logo(look.logo) if look.logo else None
        self._backdrops = Backdrops(self._palette)
        self._shaping_checked = False

    def compose(self, order: Order) -> Finished:
        """Make one rendition.

        Raises:
            KeyVisualRefused: The key visual is missing, changed, broken or of another kind.
            TextRefused: There is no headline, or a text is no copy.
            ShapingUnavailable: The locale's script would come out broken.

        """
        if order.locale.script in COMPLEX and not self._shaping_checked:
            self.check_shaping()
        mark = self._mark(order.locale)
        plan = self.plan(order, mark)
        backdrop = self._backdrops.get(order, plan)
        canvas = backdrop.image.copy()
        findings = [
            *checks.check_picture(backdrop.enlarged, placeholder=order.placeholder),
            *checks.check_plan(plan, mark),
            *self._paint(canvas, plan),
        ]
        encoded = self._encode(order, canvas, backdrop)
        findings += checks.check_file(encoded, canvas.size, order.placement)
        return Finished(encoded, tuple(findings), plan)

    def plan(self, order: Order, mark: Mark | None = None) -> Plan:
        """Say where everything of an order would stand, and paint nothing.

        Args:
            order: Its picture is not looked at.
            mark: The brand's sign in its locale, where that is known already.

        Raises:
            TextRefused: There is no headline, or a text is no copy.

        """
        locale = order.locale
        mark = mark or self._mark(locale)
        shapes = frames(order.placement, locale.direction)
        return arrange(shapes, self._settings(order), mark, locale, order.layout)

    def check_shaping(self) -> None:
        """Prove that complex scripts come out right here.

        Raises:
            ShapingUnavailable: They do not.

        """
        arabic = market_table().locale("ar-AE")
        check_shaping(self._typesetter.fonts.chain(arabic, Role.HEADLINE), arabic)
        self._shaping_checked = True

    def _settings(self, order: Order) -> dict[Role, Setting]:
        settings = {
            role: self._typesetter.set(text, role, order.locale)
            for slot, role in _ROLES.items()
            if (text := order.deck.text(slot).strip())
        }
        if Role.HEADLINE not in settings:
            raise TextRefused(f"{order.name}: the copy deck has no headline; write one")
        return settings

    def _mark(self, locale: Locale) -> Mark:
        look = self._look
        if self._logo:
            aspect = self._logo.width / self._logo.height
            return Mark(aspect, None, look.logo_clear_space, look.logo_min_width)
        # A name is written in its own direction, wherever it is read.
        plain = locale.model_copy(update={"direction": "ltr"})
        word = self._typesetter.set(look.brand_name, Role.WORDMARK, plain).nice[0]
        line = word.lines[0]
        return Mark((line.right - line.left) / word.top, word, look.logo_clear_space, 1)

    def _paint(self, canvas: Image.Image, plan: Plan) -> list[Finding]:
        colours = self._palette
        if plan.pill:
            render.paint_pill(canvas, plan.pill, colours.pill)
        if plan.logo and self._logo:
            paper = _mean(canvas.crop(_corners(plan.logo)))
            render.paint_logo(canvas, self._logo, plan.logo, colours, paper)
        findings: list[Finding] = []
        inks = [render.ink_of(text.role, colours) for text in plan.texts]
        # All measured before any is painted: ink behind ink would count as ground.
        for text, ink in zip(plan.texts, inks, strict=True):
            findings += checks.check_contrast(text, _worst(canvas, text, ink))
        for text, ink in zip(plan.texts, inks, strict=True):
            render.paint_text(canvas, text, ink)
        return findings

    def _encode(self, order: Order, canvas: Image.Image, backdrop: Backdrop) -> Encoded:
        place = order.placement
        source = composed_of(order.source_type)
        xmp = packet(Provenance(order.title or str(order.name.campaign), source, TOOL))
        if "png" in place.formats and (backdrop.flat or "jpg" not in place.formats):
            lossless = encode_png(canvas, place.max_bytes, xmp)
            if lossless.fits or "jpg" not in place.formats:
                return lossless
        best = jpeg(canvas, QUALITIES[0], xmp)
        if len(best) <= place.max_bytes:
            return Encoded(best, "jpg", QUALITIES[0], fits=True)
        start = backdrop.start_quality(place.max_bytes, len(xmp))
        return encode(canvas, place.max_bytes, xmp, start=start)


def _worst(canvas: Image.Image, text: Placed, ink: Rgb) -> float:
    ratios = [
        contrast_on(canvas.crop(_corners(line.ink)), ink)
        for line in text.lines
        if line.shaped.glyphs
    ]
    return min(ratios, default=21.0)


def _corners(box: Box) -> tuple[int, int, int, int]:
    return box.left, box.top, box.right, box.bottom


def _mean(pixels: Image.Image) -> Rgb:
    red, green, blue = ImageStat.Stat(pixels).mean
    return round(red), round(green), round(blue)
