"""The review page as people meet it: by keyboard alone, on a desk and on a phone, read aloud."""

from collections.abc import Callable, Iterator

import pytest
from browsers import CORNERS, LOOKS, faults
from places import Kept, Place
from playwright.sync_api import Browser, BrowserContext, Page
from visits import PASSWORD, TEA, at, peopled, serving, settings

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
        page.locator("#told", has_text="1 accepted.").wait_for()
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


def test_what_was_accepted_is_withdrawn_by_keys_and_every_count_follows(
    browser: Browser, served: Served
) -> None:
    """Who decides sees at once how many are left, and what becomes of what they said."""
    with opened(browser, 1440, "light", bypass=False) as context:
        page = context.new_page()
        press = page.keyboard.press
        page.goto(served.codes[-1])
        page.wait_for_url(f"{served.origin}/")
        page.goto(f"{served.origin}{TABLE}")
        # What was still on its way to the page before is called off, which is no fault.
        said = complaining(page)
        press("j")
        press("a")
        page.locator("#told", has_text="1 accepted.").wait_for()
        press("k")
        press("r")
        sheet = page.locator("#rejecting .sheet")
        assert sheet.locator("button:visible").all_inner_texts() == ["Withdraw 1"]
        assert not sheet.locator("select[name=redo]").is_visible()
        press("Tab")
        press("Tab")
        press("Enter")
        page.locator("#told", has_text="Say why first.").wait_for()
        page.keyboard.type("rights")
        press("Tab")
        press("Tab")
        press("Enter")
        page.locator("#told", has_text="1 withdrawn.").wait_for()

        shown = {
            state: page.locator(f".cell.{state}").count() for state in ("waiting", "withdrawn")
        }
        told = {state: page.locator(f"[data-count={state}]").inner_text() for state in shown}
        assert told == {state: str(many) for state, many in shown.items()}
        waits = page.locator("a.all", has_text="Accept all")
        assert waits.is_visible() == bool(shown["waiting"])
        assert f" {shown['waiting']} " in (waits.text_content() or "")
        states = [one.state.value for one in items(served.desk, TEA)]
        assert states.count("withdrawn") == shown["withdrawn"] == 1
        assert said == []


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


FOCUSED = """() => {
  const one = document.activeElement;
  if (one === document.body) return null;
  const { left, top, width, height } = one.getBoundingClientRect();
  const steps = [0.1, 0.3, 0.5, 0.7, 0.9];
  const seen = steps.some((x) => steps.some((y) =>
    one.contains(document.elementFromPoint(left + x * width, top + y * height))));
  const { outlineStyle, outlineWidth } = getComputedStyle(one);
  const ring = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  return [one.outerHTML.slice(0, 80), seen, ring];
}"""


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (320, 640)])
def test_what_has_the_focus_is_seen_and_nothing_lies_over_it(
    browser: Browser, served: Served, width: int, height: int
) -> None:
    """The bar of buttons sticks to the bottom; who goes by Tab must not go on underneath it.

    320 px are a desk of 1280 at 400 %: nothing may be wider than that either.
    """
    name = next(one.name for one in items(served.desk, TEA))
    ways = ("/", TABLE, f"{TABLE}/renditions/{name}", f"{TABLE}/concepts", "/keys")
    wrong: list[str] = []
    with opened(browser, width, "light", bypass=False) as context:
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.goto(served.codes[-1])
        page.wait_for_url(f"{served.origin}/")
        for path in (*ways, f"{TABLE}/decisions?verdict=rejected"):
            page.goto(f"{served.origin}{path}")
            if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                wrong.append(f"{path} is {wide} px wide")
            wrong += [f"{path}: {one}" for one in unseen(page)]

    assert wrong == []


def unseen(page: Page) -> list[str]:
    """Go through a page by Tab, and return what has the focus and does not show it."""
    said: list[str] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED)
        if found is None:
            return said
        what, seen, ring = found
        if not (seen and ring):
            said.append(f"{'nothing shows' if seen else 'something lies over'} {what}")
    raise AssertionError(f"{page.url}: Tab never comes to the end")


def test_the_sheet_that_asks_why_is_on_the_screen_of_a_phone(
    browser: Browser, served: Served
) -> None:
    """Who rejects on a phone must see what they are asked."""
    with opened(browser, 390, "light", bypass=False) as context:
        page = context.new_page()
        page.goto(served.codes[-1])
        page.wait_for_url(f"{served.origin}/")
        page.goto(f"{served.origin}{TABLE}")
        page.locator(".pick input").first.check()
        page.locator("#rejecting summary").click()
        box = page.locator("#rejecting .sheet").bounding_box()

    assert box
    assert (box["x"] >= 0, box["x"] + box["width"] <= 390, box["y"] >= 0) == (True, True, True)


def test_whoever_starts_campaigns_is_given_a_code_that_everybody_can_read(
    browser: Browser, waiting: Place, desk: Desk
) -> None:
    """Only people who show who they are need one, so it is looked at as one of them."""
    said: dict[tuple[int, str], list[str]] = {}
    with serving(peopled(waiting, desk), []) as origin:
        for width, scheme in CORNERS:
            with opened(browser, width, scheme, bypass=True) as context:
                page = context.new_page()
                page.goto(f"{origin}/sign-in")
                page.get_by_label("Name").fill("ada")
                page.get_by_label("Password").fill(PASSWORD)
                page.get_by_role("button", name="Sign in").click()
                page.get_by_label("Name of the campaign").fill("autumn-tea")
                page.get_by_role("button", name="Give me a personal code").click()
                page.locator(".secret").wait_for()
                said[width, scheme] = faults(page)

    assert said == {look: [] for look in CORNERS}
