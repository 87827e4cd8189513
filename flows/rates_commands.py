"""``kampanj rates``: what currencies were worth on a day, and who published it."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.exits import WrongInput
from flows.terminal import Json, now, opened_desk, print_json, typed

app = typer.Typer(help="Rates of exchange, by day.", no_args_is_help=True)
On = Annotated[str, typer.Option("--on", metavar="DATE", help="The day; today if not given.")]


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="eurofxref-hist.csv, or your own.")],
    *,
    source: Annotated[
        str, typer.Option(help="ecb: the bank's file; csv: base,quote,rate,date,source.")
    ],
    as_json: Json = False,
) -> None:
    """Add rates from a file: all of it, or nothing and every fault by line."""
    from hashlib import sha256

    from cost_tracking.database import writing
    from cost_tracking.exchange import rate_store
    from cost_tracking.exchange.rate_files import READERS

    if source not in READERS:
        raise WrongInput(f"--source: there is no source {source!r}; use {' or '.join(READERS)}")
    try:
        content = file.read_bytes()
    except OSError as error:
        raise WrongInput(f"{file}: it cannot be read ({error.strerror}); check the path") from error
    moment = now()
    rates = READERS[source](content, file, moment.date())
    with opened_desk() as desk, writing(desk.engine) as connection:
        digest = sha256(content).hexdigest()
        done = rate_store.import_rates(connection, rates, moment, digest)
    if as_json:
        print_json({"file": str(file), **done.model_dump(mode="json")})
        return
    typer.echo(
        f"{done.added} added, {done.same} known already, {len(done.corrected)} corrected, of "
        f"{done.first} to {done.last}",
        err=True,
    )
    for one in done.corrected:
        typer.echo(f"corrected: {one}", err=True)


@app.command("list")
def list_rates(
    *,
    on: On = "",
    currency: Annotated[str, typer.Option(help="Only pairs with this currency.")] = "",
    as_json: Json = False,
) -> None:
    """List the rate of each pair that holds on a day: the last one, at most seven days old."""
    from flows import show

    with typed("rates list"):
        day = _day(on)
    with opened_desk() as desk:
        found = desk.rates.on(day)
    rows = [
        {
            "pair": f"{base}/{quote}",
            "rate": f"{one.rate:f}",
            "of": one.on.isoformat(),
            "days old": (day - one.on).days,
            "id": one.id,
        }
        for (base, quote), one in sorted(found.items())
        if currency in ("", base, quote)
    ]
    print_json(rows) if as_json else show.rows(f"Rates that hold on {day}", rows)


@app.command("show")
def show_rate(
    base: Annotated[str, typer.Argument(metavar="FROM", help="Such as SEK.")],
    quote: Annotated[str, typer.Argument(metavar="TO", help="Such as USD.")],
    *,
    on: On = "",
    amount: Annotated[str, typer.Option(help="How much of FROM to convert.")] = "1",
    as_json: Json = False,
) -> None:
    """Convert an amount as the ledger does on a day, and show each rate that it goes through."""
    from cost_tracking.money import Money

    with typed("rates show"):
        day = _day(on)
        money = Money.of(amount, base)
        Money.zero(quote)
    with opened_desk() as desk:
        told = desk.rates.rate(base, quote, day)
        with typed("rates show"):
            converted = desk.rates.convert(money, quote, day)
    rows: list[dict[str, Any]] = [
        {
            "rate": f"{one.rate:f}",
            "of": one.on.isoformat(),
            "id": one.id,
            "turned": "yes" if turned else "",
        }
        for one, turned in told.legs
    ]
    if as_json:
        print_json(
            {
                "on": day.isoformat(),
                "amount": str(money.amount),
                "currency": base,
                "converted": str(converted.amount.amount),
                "in": quote,
                "rate": f"{told.rate:f}",
                "rate_date": told.rate_date.isoformat(),
                "legs": rows,
            }
        )
        return
    from flows import show

    show.rows(f"{money} = {converted.amount}, 1 {base} = {told.rate:.12f} {quote}", rows)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else now().date()
    except ValueError:
        raise ValueError(f"--on: {text!r} is no day; write it as 2026-10-30") from None
