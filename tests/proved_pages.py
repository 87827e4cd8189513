"""Reads our pages as an auditor does: every linked figure is followed to the lines behind it."""

from html.parser import HTMLParser

from cost_tracking.reports.overview_page import Pages


class Page(HTMLParser):
    """Reads a page: its elements, the figures that are linked, and the amounts of each section."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, ...]] = []
        self.ids: list[str] = []
        self.figures: list[tuple[str, int]] = []
        """Where a linked figure leads, and its micros."""
        self.sums: dict[str, list[tuple[str, int]]] = {}
        """By section, where each of its rows leads and what it counts."""
        self.rows: dict[str, int] = {}
        """The micros of each row that has an anchor."""
        self.targets: list[str] = []
        self._section = self._row = self._link = ""
        self._heading = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        named = {name: value or "" for name, value in attrs}
        self.elements.append((tag, *sorted(named)))
        self.targets += [named[one] for one in ("src", "action") if one in named]
        if "id" in named:
            self.ids.append(named["id"])
        if named.get("class") == "proof":
            self._section = named["id"]
        elif tag == "section":
            self._section = ""
        elif tag == "tr":
            self._row, self._link = named.get("id", ""), ""
        elif tag in {"h2", "h3"}:
            self._heading = True
        elif tag == "a":
            self._link = named.get("href", "")
        elif tag == "data" and not self._heading:
            self._amount(int(named["value"]))

    def _amount(self, micros: int) -> None:
        if self._section:
            self.sums.setdefault(self._section, []).append((self._link, micros))
            if self._row:
                self.rows[self._row] = micros
        elif self._link:
            self.figures.append((self._link, micros))

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        if tag in {"h2", "h3"}:
            self._heading = False
        elif tag == "a":
            # In a row of a proof the link stands before the amount.
            self._link = self._link if self._section else ""


def proved(pages: Pages, name: str = "page.html") -> int:
    """Follow every figure of a page down to lines of the ledger, and return how many there were."""
    read = {path: Page(text) for path, text in pages.beside.items()} | {name: Page(pages.page)}

    def follow(start: str, href: str) -> int:
        path, _, anchor = href.partition("#")
        folder = start.rpartition("/")[0]
        place = f"{folder}/{path}".lstrip("/") if path else start
        page = read[place]
        assert page.ids.count(anchor) == 1, href
        if anchor in page.rows:
            return page.rows[anchor]
        total = 0
        for link, micros in page.sums[anchor]:
            if link:
                behind = follow(place, link)
                assert abs(behind) >= abs(micros)
                partly = "#e" in link or "#pool-" in link
                assert behind == micros or partly, "only of a line or a pool a part may count"
            total += micros
        return total

    figures = [one for one in read[name].figures if not one[0].startswith("http")]
    for href, micros in figures:
        assert follow(name, href) == micros, href
    return len(figures)
