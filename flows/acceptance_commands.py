"""``kampanj report acceptance``, ``saving`` and ``outcomes``: what stayed, and what it cost."""

from datetime import UTC, date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.exits import WrongInput
from flows.report_forms import SCREEN, Kind, Machine, Out, chosen, give, give_json, written
from flows.terminal import Json, now, opened_desk, typed

if TYPE_CHECKING:
    from collections.abc import Sequence

    # What starts a command must not import what only one of them needs.
    from cost_tracking.acceptance.cohort import Cohorts
    from flows.acceptance_report import Acceptance

Campaigns = Annotated[
    list[str] | None,
    typer.Argument(metavar="[CAMPAIGN]...", help="All of them when none is named."),
]
Then = Annotated[str, typer.Option("--as-of", metavar="DATE|SEQ", help="As it was known then.")]


def acceptance(
    campaigns: Campaigns = None,
    *,
    by: Annotated[
        str, typer.Option(help="market, provider, model, prompt, placement, reviewer, channel ...")
    ] = "",
    as_of: Then = "",
    kind: Kind = SCREEN,
    machine: Machine = False,
    output: Out = None,
    as_json: Json = False,
) -> None:
    """Say what each accepted asset that stayed accepted has cost, scrap and rework included."""
    from flows import acceptance_report, acceptance_tables, acceptance_words, show

    form = chosen(kind, "the cost of each", output, machine=machine, as_json=as_json)
    with opened_desk() as desk, typed("acceptance"):
        told = acceptance_report.told(desk, campaigns or (), then=as_of, by=by)
        if form == "json":
            give_json(acceptance_words.as_json(told, desk), output)
            return
        if form != SCREEN:
            document = acceptance_tables.acceptance_document(desk, _some(told))
            give(written(document, form, machine=machine), output)
            return
    for one in told:
        _show(one.cohorts)
        if one.wasted:
            show.rows("Media behind a fault", acceptance_words.wasted_rows(one.wasted))
        when = f"{one.as_of.at:%Y-%m-%d %H:%M} UTC, entry {one.as_of.seq}"
        show.note(f"As of {when}. Policies {one.policy} and {one.rules}.")


def saving(
    campaigns: Campaigns = None,
    *,
    as_of: Then = "",
    kind: Kind = SCREEN,
    machine: Machine = False,
    output: Out = None,
    as_json: Json = False,
) -> None:
    """Say what was avoided, what was not spent, and what was moved: three numbers, never summed."""
    from flows import acceptance_report, acceptance_tables, acceptance_words, show

    form = chosen(kind, "a saving", output, machine=machine, as_json=as_json)
    with opened_desk() as desk, typed("saving"):
        told = acceptance_report.told(desk, campaigns or (), then=as_of)
        if form == "json":
            give_json(acceptance_words.as_json(told, desk), output)
            return
        if form != SCREEN:
            document = acceptance_tables.saving_document(desk, _some(told))
            give(written(document, form, machine=machine), output)
            return
    for one in told:
        show.note(str(one.sentence))
        for caveat in one.sentence.caveats:
            show.note(f"- {caveat}")
        for saved in one.savings:
            show.rows(saved.campaign, acceptance_words.saving_rows(saved))


def outcomes(  # noqa: PLR0913 - the options of a command are its arguments
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV, one version a row.")],
    *,
    currency: Annotated[str, typer.Option(help="Of the column cost.")] = "USD",
    by: Annotated[str, typer.Option(help="A column of yours.")] = "",
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="The last day.")] = "",
    window: Annotated[
        int | None, typer.Option(min=1, max=365, help="Days that an outcome must stay accepted.")
    ] = None,
    unit_size: Annotated[
        int | None, typer.Option(min=1, help="How much of the column size is one unit.")
    ] = None,
    clean_up: Annotated[
        str, typer.Option(help="What a clean-up costs where nobody recorded it.")
    ] = "",
    kind: Kind = SCREEN,
    machine: Machine = False,
    output: Out = None,
    as_json: Json = False,
) -> None:
    """Say what each accepted outcome of any kind has cost: conversations, changes, pages."""
    from cost_tracking.money import Money
    from flows import acceptance_report, acceptance_words

    form = chosen(kind, "the cost of outcomes", output, machine=machine, as_json=as_json)
    today = now().astimezone(UTC).date()
    try:
        until = date.fromisoformat(as_of) if as_of else today
    except ValueError as error:
        raise WrongInput(f"--as-of: write a day as 2026-10-16, not {as_of!r}") from error
    if until > today:
        raise WrongInput(f"--as-of: {until} has not begun; what will stay by then nobody knows")
    if not file.is_file():
        raise WrongInput(f"{file}: there is no such file")
    with typed(str(file)):
        price = Money.of(clean_up, currency) if clean_up else None
        read = acceptance_report.of_file(
            file, currency=currency, window=window, unit_size=unit_size, until=until
        )
        told = acceptance_report.of_outcomes(
            read, currency=currency, until=until, by=by, clean_up=price
        )
    if form == "json":
        give_json(acceptance_words.cohorts_as_json(told), output)
    elif form == SCREEN:
        _show(told)
    else:
        from flows.acceptance_tables import outcomes_document

        give(written(outcomes_document(told, file.name), form, machine=machine), output)


def _some(told: "Sequence[Acceptance]") -> "Sequence[Acceptance]":
    if not told:
        raise WrongInput("no campaign was ever run; run a brief first")
    return told


def _show(told: "Cohorts") -> None:
    from flows import acceptance_words, show

    for title, rows in acceptance_words.rows(told):
        show.rows(title, rows)
    show.rows("Where the money went", acceptance_words.parts(told.total))
    for one in acceptance_words.notes(told):
        show.note(f"- {one}")
