"""What a brief will make and cost, told before anything is spent: figures that the run meets."""

from collections.abc import Mapping
from datetime import date

from cost_tracking.money import Money
from creative.value import Value
from flows import delta as telling
from flows.delta import Delta
from flows.prose import escaped


class Purchase(Value):
    """Requests of one kind to one provider."""

    stage: str
    provider: str
    model: str
    operation: str
    pixels: str = ""
    """The size that pictures are asked for, as ``1920x1920``; empty for words."""
    count: int
    """How many requests will be sent; those that were answered before are not among them."""
    bought: int
    """How many were answered in an earlier run, and are taken from the store."""
    expected: Money
    """What they are likely to cost (P50), in the budget's currency."""
    most: Money
    """What is reserved for them (P90), in the budget's currency."""


class Quote(Value):
    """One brief's files, requests and money."""

    campaign: str
    title: str
    brief: str
    on: date
    markets: int
    locales: int
    placements: int
    concepts: int
    chosen: int
    files: int
    """Renditions: chosen concepts x locales with copy x placements."""
    failed_locales: Mapping[str, str]
    """Locales that will have no files, and why."""
    attempts: int
    purchases: tuple[Purchase, ...]
    money: Money
    """What the requests are likely to cost (P50)."""
    most: Money
    """What is reserved for them (P90)."""
    budget: Money
    """The non-working budget."""
    left: Money
    """Of the non-working budget, before this run."""
    planned_working: Money
    images_per_file: str
    """Pictures bought for each file, as decimal text."""
    notes: tuple[str, ...]
    delta: Delta | None = None
    """What an earlier run made and this one would make anew; None before there was one."""

    @property
    def fits(self) -> bool:
        """Say whether the most that it can cost is left in the budget."""
        return self.most <= self.left


def as_markdown(quote: Quote) -> str:
    """Return a quote for a pull request or a step summary."""
    rows = "\n".join(
        f"| {one.stage} | {escaped(one.provider)} | {escaped(one.model)} | {one.pixels} "
        f"| {one.count} | {one.bought} | {one.expected} | {one.most} |"
        for one in quote.purchases
    )
    headline = (
        f"**{quote.files:,} files** for {quote.markets} markets, {quote.locales} locales and "
        f"{quote.placements} placements, from {quote.attempts} requests: **{quote.money}** "
        f"expected, {quote.most} at most."
    )
    fits = "It fits" if quote.fits else "**It does not fit**"
    failed = "".join(
        f"\n- :x: `{escaped(tag)}` will have no files: {escaped(why)}"
        for tag, why in quote.failed_locales.items()
    )
    notes = "".join(f"\n- {escaped(note)}" for note in quote.notes)
    again = _delta(quote.delta) if quote.delta else ""
    return (
        f"### {escaped(quote.title)} (`{escaped(quote.campaign)}`)\n\n{headline}\n\n"
        f"{fits} the non-working budget: {quote.left} of {quote.budget} left. "
        f"Planned media: {quote.planned_working}.\n\n{again}"
        "<details><summary>What is bought</summary>\n\n"
        "| stage | provider | model | pixels | requests | already bought | expected | at most |\n"
        f"|---|---|---|--:|--:|--:|--:|--:|\n{rows}\n\n</details>\n{failed}{notes}\n"
    )


def _delta(delta: Delta) -> str:
    """Return what is made anew: the figures, why, and which approvals are reopened."""
    figures, *rest = map(escaped, telling.lines(delta))
    listed = "".join(f"\n- {one}" for one in rest)
    names = "".join(f"\n- {escaped(one)}" for one in telling.named(delta))
    opened = f"\n\n<details><summary>Which ones</summary>\n{names}\n\n</details>" if names else ""
    return f"**What changes** {figures}.\n{listed}{opened}\n\n"
