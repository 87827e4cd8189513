"""What composing costs, against encoding ready pixels and against a plain Pillow script.

``python benchmarks/composition.py [--locales N] [--sample N]`` measures, in one run and on the same
work, the CPU (user and system, children included) of

a. encoding: Pillow saves ready pixels as JPEG of quality 85, and nothing else: the floor;
b. Kampanj: the engine with one worker, from the key visual's file to checked files;
c. plain Pillow: decode, crop, resize, draw, shrink the text until it fits, save, for each one.

Wall time is noise on a shared machine, so none is used. Each part is a process of its own. The
plain script runs on a sample, and its cost is scaled to all of the work: it is the same for each.
"""

import argparse
import hashlib
import io
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

# A script's own folder comes first on the path, and this file has the name of the package.
sys.path.remove(str(Path(__file__).resolve().parent))

from PIL import Image, ImageDraw, ImageFont

from composition.engine import Engine, Look, Order
from composition.fonts import Fonts
from creative.asset_name import AssetName
from creative.brand import Colours
from creative.concept import SourceType
from creative.copy_deck import CopyDeck, Line, Origin, Slot
from creative.market import Locale, market_table
from creative.placement import Placement

SIZES = (
    (1080, 1080, 30_000_000),
    (1080, 1350, 30_000_000),
    (1080, 1920, 30_000_000),
    (1200, 628, 5_000_000),
    (300, 250, 150_000),
    (728, 90, 150_000),
    (160, 600, 150_000),
    (970, 250, 150_000),
)
LOOK = Look(
    colours=Colours(primary="#0B5D3B", accent="#E4572E", background="#FFFFFF", text="#111111"),
    brand_name="Nordlys",
)
COPY = {
    "Latn": ("Pay at your own pace in {}", "Split any purchase into three.", "See how"),
    "Grek": ("Πληρώστε με τον δικό σας ρυθμό", "Χωρίστε κάθε αγορά σε τρεις δόσεις.", "Δείτε πώς"),
    "Cyrl": ("Плащайте със собствено темпо", "Разделете покупката на три вноски.", "Вижте как"),
    "Arab": ("ادفع بالوتيرة التي تناسبك", "قسّم أي عملية شراء على 3 دفعات.", "اعرف المزيد"),
    "Hebr": ("לשלם בקצב שלכם", "מחלקים כל קנייה לשלושה תשלומים.", "איך זה עובד"),
    "Deva": ("अपनी गति से भुगतान करें", "हर खरीदारी को तीन किस्तों में बाँटें।", "देखें कैसे"),
    "Thai": ("จ่ายตามจังหวะของคุณ", "แบ่งจ่ายทุกการซื้อเป็นสามงวด", "ดูวิธีการ"),
    "Jpan": ("あなたのペースでお支払い", "どんなお買い物も3回に分けて。", "詳しく見る"),
    "Kore": (
        "나에게 맞는 속도로 결제하세요",
        "어떤 구매든 세 번으로 나누어 내세요.",
        "자세히 보기",
    ),
    "Hans": ("按自己的节奏付款", "任何购物都可分三期支付。", "了解详情"),
    "Hant": ("按自己的節奏付款", "任何購物都可分三期支付。", "了解詳情"),
}


def key_visual(path: Path) -> str:
    """Draw a 2048 px picture with the detail of a photograph, and return its sha256."""
    size = 2048
    mask = Image.linear_gradient("L").resize((size, size))
    picture = Image.composite(
        Image.new("RGB", (size, size), "#2B4A6B"), Image.new("RGB", (size, size), "#F2C48D"), mask
    )
    draw = ImageDraw.Draw(picture)
    for step in range(40):
        at = step * 97 % size, step * 389 % size
        box = (*at, at[0] + 120 + step * 7, at[1] + 120 + step * 5)
        draw.ellipse(box, fill=(step * 6, 90 + step * 3, 200 - step * 4))
    # The noise is a pattern and not random, so that the bytes repeat.
    noise = Image.frombytes("L", (256, 256), hashlib.shake_256(b"grain").digest(65_536))
    grain = noise.resize((size, size), Image.Resampling.BICUBIC).convert("RGB")
    Image.blend(picture, grain, 0.12).save(path, compress_level=1)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def placement(width: int, height: int, cap: int) -> Placement:
    """Return a placement of a size."""
    return Placement(
        id=f"bench_{width}x{height}",
        name="",
        platform="",
        channel="display",
        width=width,
        height=height,
        ratio=f"{width}:{height}",
        ratio_tolerance=0,
        formats=("jpg",),
        max_bytes=cap,
        source="",
        checked="",
    )


def locales(count: int) -> list[Locale]:
    """Return the primary locale of so many markets."""
    return [market.locales[0] for market in market_table().markets.values()][:count]


def order(locale: Locale, place: Placement, picture: Path, sha256: str) -> Order:
    """Return one order, its words made different for each locale."""
    words = [text.format(locale.autonym) for text in COPY[locale.script]]
    lines = {
        slot: Line(text=text, origin=Origin.SOURCE, reviewed=True, reference="benchmark")
        for slot, text in zip((Slot.HEADLINE, Slot.BODY, Slot.CTA), words, strict=True)
    }
    return Order(
        name=AssetName(
            campaign="bench",
            market=locale.market,
            locale=locale.tag,
            placement=place.id,
            concept="c1",
            version=1,
        ),
        placement=place,
        locale=locale,
        deck=CopyDeck(locale=locale.tag, lines=lines),
        key_visual=picture,
        key_visual_sha256=sha256,
        source_type=SourceType.ALGORITHMIC,
    )


def encode(folder: Path, count: int) -> None:
    """Save ready pixels: what no engine can do without."""
    ready = [
        Image.open(folder / f"{width}x{height}.png").convert("RGB") for width, height, _ in SIZES
    ]
    for image in ready:
        for _ in range(count):
            image.save(io.BytesIO(), "JPEG", quality=85)


def kampanj(folder: Path, count: int) -> None:
    """Compose everything with the engine."""
    picture = folder / "key_visual.png"
    sha256 = hashlib.sha256(picture.read_bytes()).hexdigest()
    orders = [
        order(locale, placement(*size), picture, sha256)
        for size in SIZES
        for locale in locales(count)
    ]
    out = folder / "out"
    out.mkdir(exist_ok=True)
    with Engine(LOOK, workers=1) as engine:
        made = sum(1 for _ in engine.compose(orders, out))
    if made != len(orders):
        raise RuntimeError(f"{made} of {len(orders)} renditions were made")


def plain(folder: Path, count: int) -> None:
    """Compose as most scripts do: everything again for each rendition."""
    fonts = Fonts("Inter", "NotoSans", {})
    for width, height, _ in SIZES:
        for locale in locales(count):
            family = "Inter" if locale.script in {"Latn", "Grek", "Cyrl"} else locale.font
            path = str(fonts.path(family.replace(" ", "")))
            image = Image.open(folder / "key_visual.png").convert("RGB")
            side = min(image.width, image.height * width // height)
            tall = min(image.height, side * height // width)
            image = image.crop((0, 0, side, tall)).resize((width, height), Image.Resampling.LANCZOS)
            draw = ImageDraw.Draw(image)
            headline, body, cta = (text.format(locale.autonym) for text in COPY[locale.script])
            draw.rectangle((0, height // 2, width, height), fill="#0B5D3B")
            shares = ((headline, 0.2, 0.52), (body, 0.1, 0.76), (cta, 0.1, 0.88))
            for text, share, top in shares:
                size = max(8, int(height * share))
                font = ImageFont.truetype(path, size)
                while size > 8 and font.getlength(text) > width * 0.9:
                    size -= 1
                    font = ImageFont.truetype(path, size)
                draw.text((width * 0.05, height * top), text, font=font, fill="white")
            image.save(io.BytesIO(), "JPEG", quality=85)


PARTS = {"encode": encode, "kampanj": kampanj, "plain": plain}


def measured(part: str, folder: Path, count: int) -> dict[str, float]:
    """Run one part in a process of its own, and return its CPU seconds and peak memory."""
    command = [
        sys.executable,
        __file__,
        "--part",
        part,
        "--folder",
        folder,
        "--locales",
        str(count),
    ]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - ours
    figures: dict[str, float] = json.loads(answer.stdout)
    return figures


def run_part(part: str, folder: Path, count: int) -> None:
    """Do one part and print what it took."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    PARTS[part](folder, count)
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    cpu = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    cpu -= before.ru_utime + before.ru_stime
    print(json.dumps({"cpu": cpu, "peak_mb": own.ru_maxrss / 1024}))


def main() -> None:
    """Measure all parts and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--locales", type=int, default=45)
    parser.add_argument("--sample", type=int, default=2, help="locales that the plain script does")
    parser.add_argument("--part", choices=PARTS)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.part:
        run_part(asked.part, asked.folder, asked.locales)
        return
    count = len(locales(asked.locales))
    total = count * len(SIZES)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sha256 = key_visual(folder / "key_visual.png")
        # The floor encodes the very pixels that the engine finishes.
        english = market_table().locale("en-GB")
        places = {placement(*size).id: size for size in SIZES}
        first = [
            order(english, placement(*size), folder / "key_visual.png", sha256) for size in SIZES
        ]
        with Engine(LOOK, workers=1) as engine:
            for made in engine.compose(first, folder):
                width, height, _ = places[made.name.placement]
                Image.open(made.content_path).save(folder / f"{width}x{height}.png")
        floor = measured("encode", folder, count)
        ours = measured("kampanj", folder, count)
        sample = min(asked.sample, count)
        naive = measured("plain", folder, sample)
    naive["cpu"] *= count / sample
    print(f"{count} locales x {len(SIZES)} placements = {total} renditions")
    print(f"plain Pillow ran {sample * len(SIZES)} of them; its cost is scaled\n")
    print(f"{'':14}{'CPU s':>9}{'ms each':>9}{'x floor':>9}{'each CPU s':>12}{'peak MB':>9}")
    for label, part in (("encode only", floor), ("kampanj", ours), ("plain Pillow", naive)):
        cpu = part["cpu"]
        print(
            f"{label:14}{cpu:9.2f}{cpu / total * 1000:9.2f}{cpu / floor['cpu']:9.2f}"
            f"{total / cpu:12.1f}{part['peak_mb']:9.0f}"
        )
    print(f"\nkampanj takes 1/{naive['cpu'] / ours['cpu']:.1f} of plain Pillow's CPU")


if __name__ == "__main__":
    main()
