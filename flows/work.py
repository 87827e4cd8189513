"""One run as the steps see it: what was asked for, what it rests on, and who is asked."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from cost_tracking.buckets import Buckets
from cost_tracking.declared import post_declared
from cost_tracking.money import Money
from cost_tracking.policy import SpendClass
from creative.amendment import Rework
from creative.input_file import Inputs
from flows.desk import Desk
from flows.drill import Drill
from flows.exits import WrongInput
from flows.inputs import keep_inputs
from flows.materials import Materials, budget_terms, gather, route_terms
from flows.run_options import RunOptions
from flows.suppliers import Suppliers
from providers import registry
from providers.answers import Answers
from providers.buying import Errand
from providers.rates import Rates
from providers.runner import Runner
from providers.storage.base import Storage


@dataclass(frozen=True)
class Work:
    """One run."""

    desk: Desk
    run: str
    options: RunOptions
    materials: Materials
    inputs: Inputs
    """The files that the materials were read from, kept as they were then."""
    reached: Callable[[str], None]
    """Is told of every point at which a drill may end the process."""
    began: float
    """When this process took the run up, in seconds of a clock that only rises."""

    @property
    def campaign(self) -> str:
        """Return the campaign's name."""
        return self.materials.campaign

    def errand(self, asset: str, market: str | None = None) -> Errand:
        """Return what something is bought for."""
        return Errand(self.campaign, self.run, asset, market)

    def errand_again(
        self, rework: Rework, asset: str, *, replaces: str, market: str | None = None
    ) -> Errand:
        """Return what something is bought for that was made before, and rejected.

        Args:
            rework: Says for which renditions.
            asset: The concept, or the copy of a locale.
            replaces: The attempt that brought what was rejected; empty where none did.
            market: Of the copy.

        """
        redoes = tuple(one.asset for one in rework.rejected)
        return replace(
            self.errand(asset, market), rework=True, redoes=redoes, replaces=replaces or None
        )

    @cached_property
    def runner(self) -> Runner:
        """Return the one who buys."""
        desk = self.desk
        return Runner(
            desk.attempts,
            desk.prices,
            Answers(desk.home / "answers", desk.blobs),
            now=desk.now,
            sleep=time.sleep,
            budget=budget_terms(self.materials, desk.rates),
            terms=route_terms(self.materials),
            rates=Rates(
                Buckets(desk.engine, desk.now), registry.rates(desk.settings.providers), time.sleep
            ),
            on_step=self.reached,
        )

    @cached_property
    def suppliers(self) -> Suppliers:
        """Return who can be asked."""
        return Suppliers(self.desk.settings.providers)

    @property
    def words_are_free(self) -> bool:
        """Say whether every market's first translator is free and local."""
        brief = self.materials.loaded.brief
        firsts = {
            brief.providers.translators(market.code)[0] for market in self.materials.loaded.markets
        }
        return all(self.suppliers.translator(name.partition("/")[0]).repeatable for name in firsts)

    @cached_property
    def storage(self) -> Storage:
        """Return where files are delivered."""
        return registry.storage(self.options.out, self.desk.settings.providers)


def take_up(desk: Desk, run_id: str, options: RunOptions) -> Work:
    """Read everything a run rests on, and make its budget and declared costs stand.

    Raises:
        InvalidInput: Something is wrong with it; nothing was written.
        WrongInput: The brief is no longer the one that the run was started with, or its budget
            has changed its currency.

    """
    materials = gather(Path(options.brief))
    loaded = materials.loaded
    brief = loaded.brief
    if loaded.sha256 != desk.runs.get(run_id).brief_sha256:
        raise WrongInput(
            f"{loaded.path} has changed since run {run_id} was started; start a run of it as it "
            "is now: what is the same is taken up"
        )
    desk.take_back()
    limit = Money.of(brief.budget.non_working, brief.budget.currency)
    try:
        desk.budgets.set_limit(brief.name, SpendClass.NON_WORKING, limit, by=desk.who)
    except ValueError as error:
        raise WrongInput(f"{loaded.path}: {error}") from error
    declared = (brief.name, brief.costs)
    post_declared(desk.engine, *declared, desk.policy, desk.now, run_id, desk.books)
    # Kept before anything is made of them, and not when all is done: files change meanwhile.
    inputs = keep_inputs(desk, materials)
    reached = Drill(desk.settings.kill_at).reached
    return Work(desk, run_id, options, materials, inputs, reached, time.monotonic())
