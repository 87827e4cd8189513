"""Pages that were written to a file, as a browser that audits finds them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from browsers import CORNERS, faults
from playwright.sync_api import Browser


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
        for width, scheme in CORNERS:
            # axe is a script of ours, which the page's own policy would keep out.
            context = browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
            )
            page = context.new_page()
            page.on("console", lambda message, said=said: said.append(message.text))
            page.on("pageerror", lambda error, said=said: said.append(str(error)))
            page.goto(path.as_uri())
            said += faults(page)
            context.close()
        return said

    return audit
