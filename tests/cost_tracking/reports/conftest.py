"""A browser that audits pages as people with a disability would meet them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
LOOKS = ((1440, "light"), (390, "dark"))


@pytest.fixture
def audited(browser: Browser, tmp_path: Path) -> Callable[[str], list[str]]:
    """Return what opens a page on a desk and on a phone, and says all that is wrong with it.

    WCAG 2.2 at level AA and axe's best practices, with all that folds opened; a page that is wider
    than the screen, and what the browser complains of, are faults too.
    """

    def audit(text: str) -> list[str]:
        path = tmp_path / "page.html"
        path.write_text(text, encoding="utf-8")
        said: list[str] = []
        for width, scheme in LOOKS:
            # axe is a script of ours, which the page's own policy would keep out.
            context = browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
            )
            page = context.new_page()
            page.on("console", lambda message, said=said: said.append(message.text))
            page.on("pageerror", lambda error, said=said: said.append(str(error)))
            page.goto(path.as_uri())
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                said.append(f"{wide} px wide on a screen of {width}")
            options: dict[str, Any] = {
                "runOnly": {"type": "tag", "values": list(RULES)},
                # Thousands of elements pass, and to write down each takes longest of all.
                "resultTypes": ["violations"],
            }
            faults = Axe().run(page, options=options).response["violations"]
            said += [f"{one['id']}: {one['nodes'][0]['html']}" for one in faults]
            context.close()
        return said

    return audit
