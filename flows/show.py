"""What people see in the terminal: tables and progress, on standard error where work goes on."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cost_tracking.reports.figures import number
from flows.progress import Listener, silent
from flows.terminal import one_line

if TYPE_CHECKING:
    # What is shown was made by whoever calls; a list must not import the database to be printed.
    from creative.market import MarketTable
    from creative.placement import PlacementTable
    from flows.audit import Audit
    from flows.reconciling import Outcome
    from flows.summary import Summary

OUT = Console(highlight=False, soft_wrap=True)
ERR = Console(stderr=True, highlight=False)
_STATES = {"ok": "green", "warning": "yellow", "fault": "red", "done": "green", "waiting": "yellow"}


@contextmanager
def progress(*, quiet: bool) -> Iterator[Listener]:
    """Give a listener that draws a bar for each stage; one that draws nothing if quiet."""
    if quiet:
        yield silent
        return
    # Only who works for long draws bars.
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description:<22}"),
        BarColumn(bar_width=32),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=ERR) as bars:
        tasks: dict[str, Any] = {}

        def listen(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield listen


def summary(made: "Summary") -> None:
    """Show what a run did."""
    OUT.print(
        f"[bold]{_safe(made.title)}[/bold]: {made.files:,} files; {made.composed:,} drawn, "
        f"{made.reused:,} unchanged and not drawn again; {made.reopened:,} approvals reopened"
    )
    OUT.print(
        f"{made.accepted:,} accepted, {made.waiting:,} waiting for a person, {made.blocked:,} "
        f"blocked by a check; {made.delivered:,} delivered, {made.written:,} of them now"
    )
    if made.taken_out:
        OUT.print(f"{made.taken_out:,} taken out of the delivered files: not accepted, or no more")
    if made.redone:
        OUT.print(f"{made.redone:,} made again after a rejection; they wait for review")
    for why, count in Counter(made.stay_rejected.values()).items():
        OUT.print(f"[yellow]{count:,} stay rejected:[/yellow] {_safe(why)}")
    if made.waiting:
        OUT.print(f"decide on what waits: kampanj review list {made.campaign} --state waiting")
    bought = f"{made.attempts} requests" if made.attempts else "nothing was bought"
    OUT.print(
        f"{bought}, {number(made.money)}; non-working {number(made.non_working)}, working "
        f"{number(made.working)} so far; {number(made.per_accepted)} for each accepted asset"
    )
    if made.suspect:
        held = number(made.suspect)
        OUT.print(f"[yellow]{held} is set aside for attempts whose outcome is lost[/yellow]")
    for said in made.passed_over:
        OUT.print(f"[yellow]{_safe(said)}[/yellow]")
    for check, count in made.findings.items():
        OUT.print(f"  {count:>5} x {check}", style="dim")
    for tag, why in made.failed_locales.items():
        OUT.print(f"[red]{tag} has no files:[/red] {_safe(why)}")
    if made.files_per_second is not None:
        OUT.print(
            f"{made.files_per_second:.1f} renditions a second while composing; "
            f"{made.peak_memory_mb} MB at the peak; {made.seconds:.0f} s in all"
        )
    OUT.print(f"contact sheet  {made.contact_sheet}\nreport         {made.report}")
    OUT.print(f"run            {made.run}")


def standing(found: Sequence[Mapping[str, Any]]) -> None:
    """Show how far runs are."""
    rows("Runs", found)


def audit(audited: "Audit") -> None:
    """Show what was verified, and what is not as it was."""
    for said in audited.proved:
        OUT.print(f"[green]ok[/green]     {_safe(said)}")
    for said in audited.notes:
        OUT.print(f"[dim]note[/dim]   {_safe(said)}")
    for fault in audited.faults:
        OUT.print(f"[red]fault[/red]  {_safe(fault)}")
    if audited.ledger_head:
        OUT.print(f"[dim]head[/dim]   {audited.ledger_head}", soft_wrap=True)


def doctor(found: Sequence[Mapping[str, str]]) -> None:
    """Show what this machine has and lacks."""
    for row in found:
        style = _STATES[row["state"]]
        OUT.print(f"[{style}]{row['state']:<8}[/{style}]{_safe(row['what'])}: {_safe(row['said'])}")


def reconciliation(done: "Outcome") -> None:
    """Show what a bill explains, and what is left to look into."""
    found = done.found
    total = ", ".join(map(str, found.billed)) or "nothing"
    OUT.print(f"[bold]{_safe(found.source)}[/bold], {found.start} to {found.end}: {total} billed")
    for title, group in (
        ("matched", found.matched),
        ("billed, and not known", found.unknown),
        ("known, and not billed", found.unbilled),
    ):
        if group:
            rows(title, [done.line(row) for row in group])
    closed = {one.attempt: one.error for one in done.closed}
    for one in found.decided:
        verdict = f"charged {one.amount}" if one.amount else "not charged"
        state = closed.get(one.attempt, "not closed; add --settle")
        OUT.print(f"{one.attempt} {verdict} [dim]{_safe(one.reason)}[/dim] {_safe(state)}")
    for left in found.undecided:
        OUT.print(f"[yellow]{left.attempt} undecided:[/yellow] {_safe(left.why)}")
    OUT.print("all is explained" if done.explained else "[red]not all is explained[/red]")


def markets(table: "MarketTable") -> None:
    """Show the markets."""
    found = [
        {
            "market": market.code,
            "name": market.name,
            "currency": market.currency,
            "locales": ", ".join(locale.tag for locale in market.locales),
        }
        for market in table.markets.values()
    ]
    rows(f"{len(found)} markets, checked {table.checked}", found)
    groups = {name: codes for name, codes in table.groups.items() if name != "all"}
    OUT.print(
        "groups: all, " + ", ".join(f"{name} ({' '.join(of)})" for name, of in groups.items())
    )


def placements(table: "PlacementTable") -> None:
    """Show the placements."""
    found = [
        {
            "placement": one.id,
            "pixels": f"{one.width}x{one.height}",
            "cap": f"{one.max_bytes / 1000:,.0f} KB",
            "formats": " ".join(one.formats),
            "channel": one.channel,
            "name": one.name,
        }
        for one in table.placements.values()
    ]
    rows(f"{len(found)} placements, checked {table.checked}", found)
    OUT.print("groups: " + ", ".join(f"{name} ({len(of)})" for name, of in table.groups.items()))


def rows(title: str, found: Sequence[Mapping[str, Any]]) -> None:
    """Show rows of the same columns."""
    OUT.print(f"[bold]{_safe(title)}[/bold]")
    if not found:
        OUT.print("none")
        return
    table = Table(box=None, header_style="dim", pad_edge=False)
    for place, name in enumerate(found[0]):
        table.add_column(name, overflow="fold", no_wrap=place == 0)
    for row in found:
        table.add_row(*(Text(one_line(value)) for value in row.values()))
    OUT.print(table)


def note(text: str) -> None:
    """Show a sentence."""
    OUT.print(Text(one_line(text)))


def _safe(text: str) -> str:
    """Keep a stranger's words from steering the terminal, or Rich."""
    return one_line(text).replace("[", "\\[")
