"""The font families that we ship, by name: data, which a quote reads without opening a font."""

from collections.abc import Mapping

# Variable fonts of google/fonts, all under the OFL, from the justmytype packages. They carry no
# TrueType hints, and HarfBuzz, which draws them, would not run any.
SHIPPED: Mapping[str, tuple[str, str]] = {
    "Inter": ("justmytype_western_core", "inter/Inter[opsz,wght].ttf"),
    "NotoSans": ("justmytype_western_core", "notosans/NotoSans[wdth,wght].ttf"),
    "NotoSerif": ("justmytype_western_core", "notoserif/NotoSerif[wdth,wght].ttf"),
    "SourceSerif4": ("justmytype_western_core", "sourceserif4/SourceSerif4[opsz,wght].ttf"),
    "NotoSansArabic": ("justmytype_intl_rtl", "notosansarabic/NotoSansArabic[wdth,wght].ttf"),
    "NotoSansHebrew": ("justmytype_intl_rtl", "notosanshebrew/NotoSansHebrew[wdth,wght].ttf"),
    "NotoSansThai": ("justmytype_intl_sea", "notosansthai/NotoSansThai[wdth,wght].ttf"),
    "NotoSansDevanagari": (
        "justmytype_intl_south_asia",
        "notosansdevanagari/NotoSansDevanagari[wdth,wght].ttf",
    ),
    "NotoSansJP": ("justmytype_intl_cjk", "notosansjp/NotoSansJP[wght].ttf"),
    "NotoSansKR": ("justmytype_intl_cjk", "notosanskr/NotoSansKR[wght].ttf"),
    "NotoSansSC": ("justmytype_intl_cjk", "notosanssc/NotoSansSC[wght].ttf"),
    "NotoSansTC": ("justmytype_intl_cjk", "notosanstc/NotoSansTC[wght].ttf"),
    "NotoSansSymbols2": (
        "justmytype_western_core",
        "notosanssymbols2/NotoSansSymbols2-Regular.ttf",
    ),
}
BRAND_SCRIPTS = frozenset({"Latn", "Grek", "Cyrl"})
"""The scripts that the brand's own families set; the others have a family each."""
LAST_RESORT = ("NotoSans", "Inter", "NotoSansSymbols2")


def family_key(family: str) -> str:
    """Return the name under which a family is listed.

    >>> family_key("Noto Sans") in SHIPPED
    True
    """
    return family.replace(" ", "")
