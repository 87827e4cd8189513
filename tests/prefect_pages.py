"""Prefect's own pages in a browser, and whoever fills in a form there.

The pages draw their lists anew while somebody reaches for them, so nothing here clicks an entry of
a list: it types, as people who are quick do, waits for what it wants to see, and looks after it.
"""

import datetime as dt
import io
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect, sync_playwright
from playwright.sync_api import TimeoutError as NoAnswer
from serving import AUTH, Served

PICTURES = os.environ.get("KAMPANJ_TEST_PICTURES", "")
"""A folder for the pictures of docs/, which somebody looks at before they are kept."""
COLOURS = 160
PATIENCE = 45_000
"""Milliseconds that a page may take for one thing, on a machine that does other things."""
GLANCE = 8_000
"""Milliseconds before it is tried again."""
TRIES = 4
MADE = 150.0
"""Seconds in which a small campaign is made there."""
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


@contextmanager
def signed_in(served: Served) -> Iterator[Page]:
    """Open a browser that reaches nothing but this machine, and sign in to Prefect's pages."""

    def only_here(route: Route) -> None:
        here = route.request.url.startswith("http://127.0.0.1:")
        route.continue_() if here else route.abort()

    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(
            viewport={"width": 1440, "height": 1000},
            color_scheme="light",
            reduced_motion="reduce",
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        page.route("**/*", only_here)
        page.goto(f"{served.origin}/v2/")
        page.get_by_placeholder("admin:pass").fill(AUTH)
        page.get_by_role("button", name="Login").click()
        page.get_by_role("link", name="Deployments").wait_for()
        yield page
        browser.close()


def put_away(page: Page) -> None:
    """Leave a page that nobody looks at: Prefect's draw and ask all the time they are open."""
    page.goto("about:blank")


def pictured(page: Page, name: str) -> None:
    """Keep a picture of what is shown, where somebody asked for them."""
    if PICTURES:
        page.evaluate("scrollTo(0, 0)")
        page.wait_for_timeout(1500)
        shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        # In its own few colours nobody sees a difference, and it is a third of the bytes.
        own = shot.quantize(COLOURS, kmeans=2)
        kept = shot.quantize(palette=own, dither=Image.Dither.FLOYDSTEINBERG)
        kept.save(Path(PICTURES) / f"{name}.png", optimize=True)


class Asking:
    """Somebody at the form of a deployment.

    Args:
        page: Of the browser.
        served: Whose deployments there are.
        deployment: Its name.

    """

    def __init__(self, page: Page, served: Served, deployment: str) -> None:
        self.page = page
        self._served = served
        found = self._api("/deployments/filter", {})
        self.id = next(one["id"] for one in found if one["name"] == deployment)
        page.goto(f"{served.origin}/v2/deployments/deployment/{self.id}/run")
        page.get_by_role("button", name="Submit").wait_for()

    def _api(self, path: str, body: dict[str, Any]) -> Any:
        user, _, password = AUTH.partition(":")
        token = {"prefect-csrf-client": "test"}
        with httpx2.Client(
            base_url=self._served.url, auth=(user, password), trust_env=False, timeout=30
        ) as client:
            for _ in range(TRIES):
                given = client.get("/csrf-token", params={"client": "test"})
                if given.is_success:
                    token["prefect-csrf-token"] = given.json()["token"]
                    answer = client.post(path, json=body, headers=token)
                    if answer.is_success:
                        return answer.json()
                    given = answer
                # Its database is busy at times, above all right after a start.
                assert given.status_code == 503, given.text
                time.sleep(0.5)
        pytest.fail(f"Prefect's server does not answer at {path}")

    def fill(self, label: str, text: str) -> None:
        """Type into a field."""
        field = self.page.get_by_label(label, exact=True)
        field.fill(text)
        expect(field).to_have_value(text)

    def day(self, label: str, day: dt.date) -> None:
        """Choose a day."""
        field = self.page.get_by_label(label, exact=True)
        typed = self.page.get_by_label("Date (yyyy-MM-dd)")
        shown = re.compile(rf"{day:%B} {day.day}\w\w, {day.year}")
        self._set(field, typed, field.filter(has_text=shown), lambda: typed.fill(day.isoformat()))

    def choose(self, label: str, search: str, name: str | re.Pattern[str]) -> None:
        """Choose something in a drop-down, by searching for it.

        Args:
            label: Of the field.
            search: What finds it among a few others.
            name: Of what is to be chosen, in full or as a pattern.

        """
        field = self.page.get_by_label(f"Select {label}", exact=True)
        typed = self.page.get_by_placeholder("Search...")
        # Of a field that may hold several, each is a tag below it.
        chosen = field.locator("..").get_by_title(name, exact=True)
        chosen = chosen.or_(field.filter(has_text=name))
        options = self.page.get_by_role("option")
        found = self.page.get_by_role("option", name=name, exact=True)

        def search_and_take() -> None:
            typed.fill(search)
            expect(found).to_be_visible(timeout=GLANCE)
            for _ in range(options.count()):
                if found.get_attribute("aria-selected", timeout=GLANCE) == "true":
                    break
                typed.press("ArrowDown", timeout=GLANCE)
            expect(found).to_have_attribute("aria-selected", "true", timeout=GLANCE)
            typed.press("Enter", timeout=GLANCE)

        self._set(field, typed, chosen, search_and_take)

    def leave_out(self, label: str, name: str) -> None:
        """Take away what is chosen in a drop-down that may hold several."""
        around = self.page.get_by_label(f"Select {label}", exact=True).locator("..")
        around.get_by_role("button", name=f"Remove {name} tag", exact=True).press("Enter")
        expect(around.get_by_title(name, exact=True)).to_have_count(0)

    def _set(
        self, field: Locator, inside: Locator, wanted: Locator, act: Callable[[], None]
    ) -> None:
        """Do something in what a field opens until the form shows what is wanted.

        A form that is drawn anew under somebody's hands closes what was open, and forgets what was
        typed there. What is there already is left alone: chosen again, it would be taken away.
        """
        for _ in range(TRIES):
            if wanted.count():
                return
            with suppress(NoAnswer, AssertionError):
                if not inside.is_visible():
                    field.press("Enter", timeout=GLANCE)
                act()
                expect(wanted).to_be_attached(timeout=GLANCE)
            if inside.is_visible():
                # A click beside it would only close it.
                self.page.keyboard.press("Escape")
            expect(inside).to_be_hidden()
        expect(wanted).to_be_attached(timeout=GLANCE)

    def submit(self) -> None:
        """Send the form."""
        self.page.get_by_role("button", name="Submit").click()

    @property
    def runs(self) -> list[dict[str, Any]]:
        """Return the flow runs of the deployment, the newest first."""
        body = {
            "flow_runs": {"deployment_id": {"any_": [self.id]}},
            "sort": "EXPECTED_START_TIME_DESC",
        }
        found: list[dict[str, Any]] = self._api("/flow_runs/filter", body)
        return found

    def sent(self) -> str:
        """Send the form, and return the flow run that there is then."""
        for _ in range(TRIES):
            try:
                made = re.compile("/create_flow_run$")
                with self.page.expect_response(made, timeout=20_000) as answer:
                    self.submit()
            except NoAnswer:
                # The question before it, whether the form is sound, was not answered.
                continue
            if answer.value.status == 503:
                # Its database was busy: people press the button again, too.
                continue
            assert answer.value.status == 201, answer.value.text()
            made_run = str(answer.value.json()["id"])
            put_away(self.page)
            return made_run
        pytest.fail("Prefect's server takes no form")

    def run(self, run: str) -> dict[str, Any]:
        """Return a flow run."""
        [found] = self._api("/flow_runs/filter", {"flow_runs": {"id": {"any_": [run]}}})
        return dict(found)

    def ended(self, run: str, state: str) -> dict[str, Any]:
        """Wait until a flow run is in a state, see it in the page, and return it."""
        until = time.monotonic() + MADE
        while (found := self.run(run))["state_name"] != state:
            told = f"{found['state']}\n{self._served.log}"
            assert found["state_type"] not in ENDED, told
            assert time.monotonic() < until, told
            time.sleep(0.5)
        self.page.goto(f"{self._served.origin}/v2/runs/flow-run/{run}")
        self.page.locator("span, div").get_by_text(state, exact=True).first.wait_for()
        put_away(self.page)
        return found

    def artifacts(self, run: str) -> dict[str, dict[str, Any]]:
        """Return the artifacts of a flow run by their keys."""
        body = {"artifacts": {"flow_run_id": {"any_": [run]}}}
        return {one["key"]: one for one in self._api("/artifacts/filter", body) if one["key"]}

    def look_at(self, artifact: dict[str, Any]) -> None:
        """Open an artifact."""
        self.page.goto(f"{self._served.origin}/v2/artifacts/artifact/{artifact['id']}")
        self.page.get_by_role("tab", name="Raw").wait_for()
