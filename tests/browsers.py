"""Audits pages as people with a disability would meet them."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
LOOKS = tuple((width, scheme) for width in (1440, 390) for scheme in ("light", "dark"))
"""A desk and a phone, by day and by night."""
CORNERS = (LOOKS[0], LOOKS[-1])
"""Each width and each scheme once, for pages whose colours do not depend on their width."""


def faults(page: Page) -> list[str]:
    """Return all that is wrong with an open page, with all that folds opened.

    WCAG 2.2 at level AA and axe's best practices; a page that is wider than the screen is a fault
    too. axe is a script of ours, which the page's own policy would keep out: open it without.
    """
    said: list[str] = []
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    width = page.viewport_size["width"] if page.viewport_size else 0
    if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
        said.append(f"{wide} px wide on a screen of {width}")
    options: dict[str, Any] = {
        "runOnly": {"type": "tag", "values": list(RULES)},
        # Thousands of elements pass, and to write down each takes longest of all.
        "resultTypes": ["violations"],
    }
    found = Axe().run(page, options=options).response["violations"]
    return said + [f"{one['id']}: {one['nodes'][0]['html']}" for one in found]
