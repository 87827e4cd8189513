"""The review page as people meet it: by keyboard alone, on a desk and on a phone, read aloud."""

from collections.abc import Callable, Iterator

import pytest
from browsers import LOOKS, faults
from places import Kept
from playwright.sync_api import Browser, BrowserContext, Page
from visits import TEA, at, serving, settings

from flows.desk import Desk, open_desk
from flows.reviewing import items

TABLE = f"/campaigns/{TEA}"


class Served:
    """The page on a port of its own, over the campaign of this module."""

    def __init__(self, desk: Desk, origin: str, codes: list[str]) -> None:
        self.desk = desk
        self.origin = origin
        self.codes = codes


@pytest.fixture(scope="module")
def served(kept: Callable[[str], Kept]) -> Iterator[Served]:
    """Serve the page from a thread, as the command does from a process."""
    place = kept("wait").put_back()
    with at(place), open_desk(settings(place)) as desk:
        codes: list[str] = []
        with serving(desk, codes) as origin:
            yield Served(desk, origin, codes)


def opened(browser: Browser, width: int, scheme: str, *, bypass: bool) -> BrowserContext:
    """Open a browser window that writes down what it complains of."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="light" if scheme == "light" else "dark",
        reduced_motion="reduce",
        bypass_csp=bypass,
    )
    context.add_init_script(
        "addEventListener('securitypolicyviolation', (one) => console.error('CSP', one.blockedURI))"
    )
    return context


def complaining(page: Page) -> list[str]:
    """Return a list that fills with what the browser complains of."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("requestfailed", lambda one: said.append(f"{one.url}: {one.failure}"))
    return said


def test_a_campaign_is_reviewed_by_keyboard_alone(browser: Browser, served: Served) -> None:
    """Who decides on 900 pictures decides by keys; and some people have nothing but keys."""
    with opened(browser, 1440, "light", bypass=False) as context:
        page = context.new_page()
        said = complaining(page)
        press = page.keyboard.press
        page.goto(served.codes[-1])
        page.wait_for_url(f"{served.origin}/")
        reach(page, "Spring tea")
        press("Enter")
        page.wait_for_url(f"**{TABLE}")

        press("j")
        press("a")
        page.wait_for_selector(".cell.accepted")
        page.wait_for_function("document.getElementById('told').textContent === '1 accepted.'")
        press("x")
        press("r")
        press("b")
        press("Tab")
        press("Tab")
        page.keyboard.type("Too dark")
        press("Tab")
        press("Enter")
        page.wait_for_selector(".cell.rejected")
        press("j")
        press("Enter")
        page.wait_for_url("**/renditions/**")
        looked_at = page.url.partition("renditions/")[2]
        press("s")
        assert page.locator(".over .safe").is_visible()
        press("a")
        page.wait_for_url(lambda url: looked_at not in url)
        press("Escape")
        page.wait_for_url(f"**{TABLE}")
        assert page.evaluate("document.activeElement.className") == "mat"
        press("?")
        assert page.locator("dialog").is_visible()
        press("Escape")

        by_state = [one.state.value for one in items(served.desk, TEA)]
        assert sorted(by_state) == ["accepted", "accepted", "rejected", "waiting"]
        assert page.locator(".tabs [data-count=accepted]").inner_text() == "2"
        [no] = [one for one in items(served.desk, TEA) if one.state.value == "rejected"]
        assert no.decision
        assert (no.decision.code, no.decision.reason, no.decision.via) == (
            "brand",
            "Too dark",
            "page",
        )
        assert said == []


def reach(page: Page, words: str) -> None:
    """Press Tab until something with these words has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").strip() == words:
            return
    raise AssertionError(f"Tab never comes to {words!r}")


LAST_MARKET = """async ({ goes }) => {
  const market = [...document.querySelectorAll(".market")].at(-1);
  if (goes) market.scrollIntoView({ behavior: "instant" });
  for (let at = 0; at < 3; at += 1) await new Promise(requestAnimationFrame);
  const drawn = market.querySelector(".mat").checkVisibility({ contentVisibilityAuto: true });
  return [drawn, market.offsetHeight];
}"""
WATCHED = """[...document.querySelectorAll("main *")]
  .filter((one) => getComputedStyle(one).contentVisibility === "auto")
  .map((one) => one.className)"""


@pytest.mark.parametrize("width", [1440, 390])
def test_a_market_out_of_sight_is_not_laid_out_and_keeps_its_place(
    browser: Browser, served: Served, width: int
) -> None:
    """2,000 renditions scroll as one wide picture would, and nothing jumps under the hand."""
    with opened(browser, width, "light", bypass=False) as context:
        page = context.new_page()
        page.goto(served.codes[-1])
        page.wait_for_url(f"{served.origin}/")
        # So low that the market below is far from the edge, as the fortieth is on any screen.
        page.set_viewport_size({"width": width, "height": 100})
        page.goto(f"{served.origin}{TABLE}")
        counted = page.evaluate(LAST_MARKET, {"goes": False})
        laid_out = page.evaluate(LAST_MARKET, {"goes": True})
        watched = page.evaluate(WATCHED)

    assert (counted[0], laid_out[0]) == (False, True)
    assert abs(counted[1] - laid_out[1]) <= 1
    # A browser asks each of them at each step whether it is in sight: one a market, none a picture.
    assert watched == ["market", "market"]


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_every_page_can_be_used_by_everybody(
    browser: Browser, served: Served, width: int, scheme: str
) -> None:
    """WCAG 2.2 AA; a page that is wider than a phone is read by nobody there."""
    name = next(one.name for one in items(served.desk, TEA))
    pages = (
        "/",
        TABLE,
        f"{TABLE}?placement=iab_medium_rectangle",
        f"{TABLE}/renditions/{name}",
        f"{TABLE}/concepts",
        f"{TABLE}/decisions?verdict=rejected",
        "/keys",
        "/campaigns/nothing",
    )
    with opened(browser, width, scheme, bypass=True) as context:
        page = context.new_page()
        said: dict[str, list[str]] = {}
        page.goto(f"{served.origin}/sign-in")
        said["/sign-in"] = faults(page)
        page.goto(served.codes[-1])
        page.wait_for_url(f"{served.origin}/")
        for path in pages:
            page.goto(f"{served.origin}{path}")
            said[path] = faults(page)
        page.goto(f"{served.origin}{TABLE}")
        page.locator(".pick input").first.check()
        page.keyboard.press("?")
        said["dialog"] = faults(page)

    assert {path: one for path, one in said.items() if one} == {}
