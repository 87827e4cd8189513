"""Shows a run in Prefect's pages: how far it is, what it made, what is wrong, what it cost.

These are copies for looking at. The record is our own, and a server that does not take one is no
reason for a campaign to fail.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import httpx
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.client.schemas.objects import State as AnyState
from prefect.logging import get_run_logger
from prefect.runtime import deployment
from prefect.states import Failed

from cost_tracking.reports.figures import number
from cost_tracking.reports.files import as_markdown
from cost_tracking.reports.inert import words
from creative.market import market_table
from creative.problem import Address, InvalidInput, Problem
from flows import accounts, artifact_text
from flows.artifact_text import Links
from flows.desk import Desk
from flows.exits import Exit, ending
from flows.progress import Listener
from flows.run_options import RunOptions
from flows.settings import project

T = TypeVar("T")
State = AnyState[Any]

BOUGHT = {"copy": 10, "concepts": 25, "key visuals": 10}
MADE = {"renditions": 40, "delivery": 10, "pages": 5}
"""Of the whole work in percent, in its order; about what each takes where pictures are bought."""
EVERY = 1.0
"""Seconds between two reports of one stage: each is a request."""


def or_refused(do: Callable[[], T]) -> T | State:
    """Do what a flow does; what a person can act on ends it with words and not with a trace.

    They are the words of the command line, and what is wrong with a brief is an artifact as well.
    Whoever calls a flow in a program of their own gets the exception.
    """
    try:
        return do()
    except Exception as error:
        end = ending(error)
        if end is None or deployment.id is None:
            raise
        if end.code == Exit.WRONG_INPUT:
            said = Problem(Address("what was asked for"), 0, "", end.message, "")
            problems = error.problems if isinstance(error, InvalidInput) else (said,)
            _markdown("brief-errors", artifact_text.faults(problems), "What is to be mended")
        get_run_logger().error(end.message)
        return Failed(message=end.message)


def show_run(desk: Desk, run: str) -> None:
    """Show what a run has made: pictures, findings, money, files."""
    manifest = desk.manifest(run)
    links = Links(desk.settings.page_url, manifest.campaign)
    files = {
        one.rendition.sha256: desk.rendered_file(one.rendition.sha256, one.rendition.format)
        for one in manifest.assets
    }
    report = accounts.of_name(desk, run)
    title = words(report.campaign.title)
    for sheet in artifact_text.contact_sheet(manifest, files, market_table(), links):
        _markdown(sheet.key, sheet.text, f"{title}. {sheet.about}")
    found = artifact_text.findings_table(manifest)
    about = f"{title}. What checks have to say: {number(len(found))} lines"
    _markdown("findings-summary", artifact_text.findings_summary(manifest, links), about)
    _table("findings", found, about)
    way = links.to("The whole report, with every line behind it", "/report.html")
    each = f"{number(report.per_accepted)} for each" if report.accepted else "Nothing is"
    about = f"{title}. {each} accepted"
    _markdown("spend-report", as_markdown(report) + (f"\n{way}.\n" if links.page else ""), about)
    _table("spend", artifact_text.spend_table(report), about)
    out = RunOptions.model_validate(desk.runs.get(run).options).out
    place = f"{_near(out).rstrip('/')}/{manifest.campaign}"
    about = f"{title}. {artifact_text.in_files(report.delivered)} delivered"
    _markdown("delivery", artifact_text.delivery(manifest, place, links), about)
    _table("delivered-files", artifact_text.delivered_table(manifest), about)


class Progress:
    """Shows how far a run is, as a whole and by its stages.

    Args:
        others: Who else is told.
        clock: Seconds that only rise.

    """

    def __init__(self, others: Listener, clock: Callable[[], float] = time.monotonic) -> None:
        self._others = others
        self._clock = clock
        self._done: dict[str, float] = {}
        self._artifacts: dict[str, UUID] = {}
        self._told: dict[str, float] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Tell of a stage."""
        self._others(stage, done, total)
        part = done / total if total else 1.0
        if stage in MADE:
            # What was not needed is done as well: a run without sketches has no more to buy.
            self._done |= dict.fromkeys(BOUGHT, 1.0)
        self._done[stage] = part
        now = self._clock()
        if done < total and now - self._told.get(stage, -EVERY) < EVERY:
            return
        self._told[stage] = now
        key = f"progress-{stage.replace(' ', '-')}"
        self._show(key, 100 * part, f"{stage.capitalize()}: {done} of {total}")
        self._show("progress", self.whole, f"Now: {stage}, {done} of {total}")

    @property
    def whole(self) -> float:
        """Return how much of the work is done, in percent."""
        shares = BOUGHT | MADE
        return sum(shares.get(name, 0) * part for name, part in self._done.items())

    def end(self) -> None:
        """Say that nothing is left to do."""
        self._show("progress", 100.0, "Done")

    def _show(self, key: str, percent: float, about: str) -> None:
        known = self._artifacts.get(key)
        if known:
            _shown(lambda: update_progress_artifact(known, percent, about))
            return

        def create() -> None:
            made = create_progress_artifact(percent, key=key, description=about)
            self._artifacts[key] = UUID(str(made))

        _shown(create)


def _markdown(key: str, text: str, about: str) -> None:
    _shown(lambda: create_markdown_artifact(text, key=key, description=about))


def _table(key: str, rows: list[dict[str, str]], about: str) -> None:
    if rows:
        _shown(lambda: create_table_artifact(rows, key=key, description=about))


def _near(out: str) -> str:
    path = Path(out)
    return str(path.relative_to(project())) if path.is_relative_to(project()) else out


def _shown(show: Callable[[], object]) -> None:
    try:
        show()
    except httpx.HTTPError as error:
        get_run_logger().warning("Prefect's server did not take an artifact: %s", error)
