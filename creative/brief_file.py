"""A brief with all that it names: its brand, its markets and placements, its files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from creative.brand import Brand
from creative.brief import Brief
from creative.market import Locale, Market, market_table
from creative.placement import Placement, placement_table
from creative.problem import Address, InvalidInput, Place, Problem
from creative.value import fingerprint
from creative.yaml_file import (
    Document,
    fit,
    nearest,
    parse_document,
    read_document,
)

# What people write for a country, and ISO 3166-1 does not.
_COUNTRIES = {"UK": "GB", "EN": "GB", "EL": "GR", "UAE": "AE", "KSA": "SA", "USA": "US"}


@dataclass(frozen=True)
class Target:
    """One rendition that a brief asks for, before a concept is chosen."""

    market: Market
    locale: Locale
    placement: Placement


@dataclass(frozen=True)
class LoadedBrief:
    """A brief that is whole: everything it names exists and fits."""

    path: Path
    root: Path
    """No path of the brief leaves this folder."""
    sha256: str
    """Of the brief's bytes."""
    brief: Brief
    brand: Brand
    brand_path: Path
    brand_sha256: str
    """Of the brand's file and its logo's bytes together."""
    markets: tuple[Market, ...]
    locales: tuple[Locale, ...]
    placements: tuple[Placement, ...]
    document: Document
    """The brief as it is written, for those who find fault with it later."""
    brand_document: Document

    @property
    def targets(self) -> Iterator[Target]:
        """Yield every market, locale and placement, in the brief's order."""
        markets = {market.code: market for market in self.markets}
        for locale in self.locales:
            for placement in self.placements:
                yield Target(markets[locale.market], locale, placement)

    def beside_brand(self, name: str | None) -> Path | None:
        """Return the path of a file or folder that the brand names."""
        return self.brand_path.parent / name if name else None


def load_brief(path: Path, content: bytes | None = None, at: Address | None = None) -> LoadedBrief:
    """Read a brief and its brand, and check them against each other and the tables.

    Args:
        path: Of the brief; what it names is looked for from its folder.
        content: Its bytes, where they do not lie there yet; None reads them there.
        at: Where those came from, for whoever reads of a fault.

    Raises:
        InvalidInput: Something is wrong; every fault of both files is in it.

    """
    path = path.resolve()
    document = read_document(path) if content is None else parse_document(path, content, at)
    root = _root(path)
    brief, problems = fit(document, Brief)
    raw = document.data if isinstance(document.data, dict) else {}
    checks = _Checks(document, root)
    markets = checks.markets(raw.get("markets"))
    locales = checks.locales(raw.get("locales"), markets)
    placements = checks.placements(raw.get("placements"))
    brand_document, brand = checks.brand(raw.get("brand"))
    checks.products(raw.get("products"))
    if brief:
        checks.agreement(brief, markets)
    if brand_document and brand:
        checks.brand_files(brand_document, brand, brief)
    problems += checks.problems
    if problems or not (brief and brand and brand_document):
        raise InvalidInput(problems)
    return LoadedBrief(
        path=path,
        root=root,
        sha256=document.sha256,
        brief=brief,
        brand=brand,
        brand_path=brand_document.path,
        brand_sha256=_brand_sha256(brand_document, brand),
        markets=tuple(markets),
        locales=tuple(locales),
        placements=tuple(placements),
        document=document,
        brand_document=brand_document,
    )


def _root(path: Path) -> Path:
    for folder in path.parents:
        if (folder / ".git").exists() or (folder / "kampanj.toml").is_file():
            return folder
    return path.parent


def _brand_sha256(document: Document, brand: Brand) -> str:
    logo = document.path.parent / brand.logo.image if brand.logo else None
    logo_sha256 = sha256(logo.read_bytes()).hexdigest() if logo else ""
    return fingerprint([document.sha256, logo_sha256])


class _Checks:
    """What a schema cannot know. Each check reads raw values, so that one fault hides no other."""

    def __init__(self, document: Document, root: Path) -> None:
        self._document = document
        self._root = root
        self.problems: list[Problem] = []

    def _say(self, place: Place, message: str, mend: str) -> None:
        self.problems.append(self._document.problem(place, message, mend))

    def markets(self, names: Any) -> list[Market]:
        table = market_table()
        found: dict[str, Market] = {}
        for index, name in _words(names):
            codes = table.groups.get(name) or ((name,) if name in table.markets else ())
            if not codes:
                country = _COUNTRIES.get(name.upper())
                known = (*table.markets, *table.groups)
                mend = f"Write {country}" if country else nearest(name, known)
                self._say(("markets", index), f"there is no market {name!r}", mend)
            elif name in found:
                self._say(("markets", index), f"{name} is named twice", "Keep one of the two")
            found.update({code: table.markets[code] for code in codes})
        return list(found.values())

    def locales(self, chosen: Any, markets: list[Market]) -> list[Locale]:
        chosen = chosen if isinstance(chosen, dict) else {}
        named = {market.code: market for market in markets}
        for code in chosen:
            if code not in named:
                mend = "Add it to markets, or remove it here"
                self._say(("locales", code), f"{code} is not among the brief's markets", mend)
        found: list[Locale] = []
        for market in markets:
            by_tag = {locale.tag: locale for locale in market.locales}
            for index, tag in _words(chosen.get(market.code)):
                place = ("locales", market.code, index)
                if tag not in by_tag:
                    mend = f"Use one of: {', '.join(by_tag)}"
                    self._say(place, f"{market.name} has no locale {tag!r}", mend)
            wanted = [tag for _, tag in _words(chosen.get(market.code))] or list(by_tag)
            found += [by_tag[tag] for tag in dict.fromkeys(wanted) if tag in by_tag]
        return found

    def placements(self, names: Any) -> list[Placement]:
        table = placement_table()
        found: dict[str, Placement] = {}
        for index, name in _words(names):
            ids = table.groups.get(name) or ((name,) if name in table.placements else ())
            if not ids:
                mend = nearest(name, (*table.placements, *table.groups))
                self._say(("placements", index), f"there is no placement {name!r}", mend)
            elif name in found:
                self._say(("placements", index), f"{name} is named twice", "Keep one of the two")
            found.update({one: table.placements[one] for one in ids})
        return list(found.values())

    def brand(self, name: Any) -> tuple[Document | None, Brand | None]:
        path = self._file(self._document, ("brand",), name)
        if not path:
            return None, None
        try:
            document = read_document(path)
        except InvalidInput as error:
            self.problems += error.problems
            return None, None
        brand, problems = fit(document, Brand)
        self.problems += problems
        return document, brand

    def products(self, products: Any) -> None:
        for index, product in enumerate(products if isinstance(products, list) else []):
            if isinstance(product, dict) and product.get("image") is not None:
                self._file(self._document, ("products", index, "image"), product["image"])

    def brand_files(self, document: Document, brand: Brand, brief: Brief | None) -> None:
        if brand.logo:
            self._file(document, ("logo", "image"), brand.logo.image)
        for role in ("heading", "body"):
            family = getattr(brand.fonts, role)
            if re.search(r"[./]", family):
                self._file(document, ("fonts", role), family)
        if brand.termbase:
            self._file(document, ("termbase",), brand.termbase)
        if brand.memory:
            self._file(document, ("memory",), brand.memory, folder=True)
        folder = brand.notices and self._file(document, ("notices",), brand.notices, folder=True)
        wanted = brief.compliance.required_disclosures if brief else ()
        for index, notice in enumerate(wanted):
            place = ("compliance", "required_disclosures", index)
            if not folder:
                self._say(place, "the brand has no folder of notices", "Give the brand `notices`")
            elif not (folder / f"{notice}.yaml").is_file():
                known = tuple(one.stem for one in sorted(folder.glob("*.yaml")))
                self._say(place, f"there is no notice {notice!r}", nearest(notice, known))

    def agreement(self, brief: Brief, markets: list[Market]) -> None:
        """Check what must agree between two parts of the brief."""
        codes = {market.code for market in markets}
        currency = brief.budget.currency
        if brief.baseline and brief.baseline.currency != currency:
            message = f"the baseline is in {brief.baseline.currency}, the budget in {currency}"
            self._say(("baseline", "currency"), message, f"Give the baseline in {currency}")
        for index, cost in enumerate(brief.costs):
            place = ("costs", index)
            if cost.market and cost.market not in codes:
                message = f"{cost.market} is not among the brief's markets"
                self._say((*place, "market"), message, "Add the market, or remove it here")
            if cost.id in {other.id for other in brief.costs[:index]}:
                self._say((*place, "id"), f"{cost.id} is used twice", "Give each cost its own id")
        for index, claim in enumerate(brief.claims):
            if claim.expires and claim.expires < brief.schedule.end:
                message = f"{claim.id} expires on {claim.expires}, before the campaign ends"
                self._say(("claims", index, "expires"), message, "Renew it, or end earlier")
        self._rights(brief)
        for code in brief.approvers.renditions.markets:
            if code not in codes:
                message = f"{code} is not among the brief's markets"
                mend = "Add the market, or remove it here"
                self._say(("approvers", "renditions", "markets", code), message, mend)

    def _rights(self, brief: Brief) -> None:
        for index, right in enumerate(brief.rights):
            place = ("rights", index)
            if right.end and right.end < brief.schedule.end:
                message = f"the licence of {right.asset} ends on {right.end}, in mid campaign"
                self._say((*place, "end"), message, "Renew it, or end the campaign earlier")
            if (right.start or date.min) > brief.schedule.start:
                message = f"the licence of {right.asset} starts only on {right.start}"
                self._say((*place, "start"), message, "Start the campaign later")

    def _file(
        self, document: Document, place: Place, name: Any, *, folder: bool = False
    ) -> Path | None:
        """Resolve a path that a file names, and refuse one that leaves the root."""
        if not isinstance(name, str) or not name:
            return None
        path = document.path.parent / name
        if Path(name).is_absolute() or not path.resolve().is_relative_to(self._root):
            message, mend = f"{name!r} leaves {self._root.name}/", "Keep it below the root"
        elif not (path.is_dir() if folder else path.is_file()):
            what = "folder" if folder else "file"
            # What came from elsewhere names things of the folder that it will lie in.
            near = (
                f"to {document.path.parent.name}/"
                if document.at
                else f"beside {document.path.name}"
            )
            message, mend = f"there is no {what} {name!r}", f"Add it {near}"
        else:
            return path.resolve()
        self.problems.append(document.problem(place, message, mend))
        return None


def _words(names: Any) -> list[tuple[int, str]]:
    """Return the strings of a list with their places; the schema says what else is wrong."""
    listed = names if isinstance(names, list) else []
    return [(index, name) for index, name in enumerate(listed) if isinstance(name, str)]
