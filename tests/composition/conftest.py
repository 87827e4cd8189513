"""What the tests of composition share: a look, a picture, copy in every script, and orders."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from composition.order import Look, Order
from creative.asset_name import AssetName
from creative.brand import Colours
from creative.concept import SourceType
from creative.copy_deck import CopyDeck, Line, Origin, Slot
from creative.market import market_table
from creative.placement import Insets, Placement

Words = tuple[str, str, str, str]

COPY: dict[str, Words] = {
    "en-GB": (
        "Pay at your own pace",
        "Split any purchase into three. No fees when you pay on time.",
        "See how",
        "Credit subject to status. Late fees may apply. 18+, UK residents only.",
    ),
    "de-DE": (
        "Bezahlen Sie ganz entspannt in Ihrem Tempo",
        "Teilen Sie jeden Einkauf in drei Raten auf. Ohne Gebühren bei pünktlicher Zahlung.",
        "Mehr erfahren",
        "Bonität vorausgesetzt. Es gelten die Zahlungsbedingungen.",
    ),
    "el-GR": (
        "Πληρώστε με τον δικό σας ρυθμό",
        "Χωρίστε κάθε αγορά σε τρεις δόσεις, χωρίς επιβάρυνση.",
        "Δείτε πώς",
        "Ισχύουν όροι και προϋποθέσεις.",
    ),
    "bg-BG": (
        "Плащайте със собствено темпо",
        "Разделете всяка покупка на три вноски без такси.",
        "Вижте как",
        "Важат общите условия.",
    ),
    "ar-AE": (
        "ادفع على راحتك وبالوتيرة التي تناسبك",
        "قسّم أي عملية شراء على 3 دفعات مع Nordlys بدون رسوم.",
        "اعرف المزيد",
        "تطبق الشروط والأحكام.",
    ),
    "he-IL": (
        "לשלם בקצב שלכם",
        "מחלקים כל קנייה לשלושה תשלומים, בלי עמלות (20% פחות).",
        "איך זה עובד",
        "בכפוף לתנאים.",
    ),
    "hi-IN": (
        "अपनी गति से भुगतान करें",
        "किसी भी खरीदारी को तीन किस्तों में बाँटें। समय पर भुगतान पर कोई शुल्क नहीं।",
        "देखें कैसे",
        "नियम व शर्तें लागू।",
    ),
    "th-TH": (
        "จ่ายตามจังหวะของคุณ",
        "แบ่งจ่ายทุกการซื้อเป็นสามงวด ไม่มีค่าธรรมเนียมเมื่อชำระตรงเวลา",
        "ดูวิธีการ",
        "เป็นไปตามเงื่อนไขที่กำหนด",
    ),
    "ja-JP": (
        "あなたのペースでお支払い",
        "どんなお買い物も3回に分けて。期日どおりのお支払いなら手数料は無料です。",
        "詳しく見る",
        "所定の審査があります。",
    ),
    "ko-KR": (
        "나에게 맞는 속도로 결제하세요",
        "어떤 구매든 세 번으로 나누어 내세요. 제때 내면 수수료가 없습니다.",
        "자세히 보기",
        "약관이 적용됩니다.",
    ),
    "zh-Hans-SG": (
        "按自己的节奏付款",
        "任何购物都可分三期支付。",
        "了解详情",
        "须符合条款。",
    ),
    "zh-Hant-TW": (
        "按自己的節奏付款",
        "任何購物都可分三期支付。",
        "了解詳情",
        "須符合條款。",
    ),
}

MakeOrder = Callable[..., Order]


@pytest.fixture(scope="session")
def words() -> dict[str, Words]:
    """Headline, body, call and notice by locale: one locale for each script."""
    return COPY


@pytest.fixture(scope="session")
def look() -> Look:
    """A brand without a logo."""
    colours = Colours(
        primary="#0B5D3B",
        secondary="#F2B705",
        accent="#E4572E",
        background="#FFFFFF",
        text="#111111",
    )
    return Look(colours=colours, brand_name="Nordlys")


@pytest.fixture(scope="session")
def key_visual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture with a gradient, shapes and grain."""
    size = 1200
    ramp = Image.linear_gradient("L").resize((size, size))
    sky, sea = Image.new("RGB", (size, size), "#F5C98B"), Image.new("RGB", (size, size), "#27496D")
    picture = Image.composite(sea, sky, ramp)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((650, 200, 950, 500), fill="#FFF3D6")
    draw.polygon([(0, 1200), (0, 800), (500, 560), (1200, 980), (1200, 1200)], fill="#14293F")
    grain = Image.frombytes("L", (400, 400), hashlib.shake_256(b"grain").digest(160_000))
    picture = Image.blend(picture, grain.resize((size, size)).convert("RGB"), 0.05)
    path = tmp_path_factory.mktemp("key_visuals") / "key_visual.png"
    picture.save(path)
    return path


@pytest.fixture(scope="session")
def place() -> Callable[..., Placement]:
    """Return a maker of placements."""

    def make(
        width: int = 1080,
        height: int = 1080,
        *,
        cap: int = 5_000_000,
        formats: tuple[str, ...] = ("jpg", "png"),
        unsafe: Insets | None = None,
    ) -> Placement:
        return Placement.model_validate(
            {
                "id": f"test_{width}x{height}",
                "name": "Test",
                "platform": "Test",
                "channel": "display",
                "width": width,
                "height": height,
                "ratio": f"{width}:{height}",
                "ratio_tolerance": 0,
                "formats": formats,
                "max_bytes": cap,
                "unsafe": unsafe or Insets(),
                "source": "test",
                "checked": "2026-11-21",
            }
        )

    return make


@pytest.fixture(scope="session")
def make_order(key_visual: Path, place: Callable[..., Placement]) -> MakeOrder:
    """Return a maker of orders."""
    picture_sha256 = hashlib.sha256(key_visual.read_bytes()).hexdigest()

    def make(
        tag: str = "en-GB",
        placement: Placement | None = None,
        copy: Words | None = None,
        **changes: object,
    ) -> Order:
        locale = market_table().locale(tag)
        placement = placement or place()
        texts = copy or COPY[tag]
        lines = {
            slot: Line(text=text, origin=Origin.SOURCE, reviewed=True, reference="test")
            for slot, text in zip(Slot, texts, strict=True)
            if text
        }
        name = AssetName(
            campaign="test-campaign",
            market=locale.market,
            locale=tag,
            placement=placement.id,
            concept="c1",
            version=1,
        )
        order = Order(
            name=name,
            placement=placement,
            locale=locale,
            deck=CopyDeck(locale=tag, lines=lines),
            key_visual=key_visual,
            key_visual_sha256=picture_sha256,
            focus=(0.66, 0.3),
            source_type=SourceType.TRAINED,
            title="Test & <Campaign>",
        )
        return order.model_copy(update=changes)

    return make
