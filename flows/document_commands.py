"""``kampanj spend add`` and ``allocate``: what people enter, and who bears what they share."""

from typing import Annotated, Any

import typer

from flows.exits import WrongInput
from flows.terminal import Json, now, opened_desk, print_json, typed

Kind = Annotated[
    str,
    typer.Argument(
        metavar="KIND",
        help="invoice, retainer, subscription, licence, labour, media, credits or credits_used.",
    ),
]


def add(  # noqa: PLR0913 - the options of a command are its arguments
    kind: Kind,
    *,
    document: Annotated[str, typer.Option(help="Its number, as the payee writes it.")],
    payee: Annotated[str, typer.Option(help="Who is owed, in small letters: acme-agency.")],
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="The day it belongs to.")],
    currency: Annotated[str, typer.Option(help="Such as EUR.")],
    cost_type: Annotated[
        str, typer.Option("--type", help="A cost type: `kampanj policy show` lists them.")
    ] = "",
    amount: Annotated[str, typer.Option(help="What is owed, without recoverable tax.")] = "",
    tax: Annotated[str, typer.Option(help="Recoverable tax on top.")] = "",
    campaign: Annotated[str, typer.Option(help="Who bears it alone; else it is shared.")] = "",
    market: Annotated[str, typer.Option(help="Of the campaign.")] = "",
    channel: Annotated[str, typer.Option(help="Of the campaign.")] = "",
    asset: Annotated[str, typer.Option(help="Of the campaign: a rendition's slot, c1 …")] = "",
    starts: Annotated[str, typer.Option("--from", metavar="DATE", help="Of a term.")] = "",
    ends: Annotated[
        str, typer.Option("--to", metavar="DATE", help="The last day of a term, or of credits.")
    ] = "",
    minutes: Annotated[str, typer.Option(help="Of labour, as timed.")] = "",
    rate: Annotated[str, typer.Option(help="Of labour, for an hour.")] = "",
    step: Annotated[str, typer.Option(help="Of labour that nobody timed: rendition_review …")] = "",
    count: Annotated[int, typer.Option(help="How often the step was done.")] = 1,
    person: Annotated[str, typer.Option(help="Whose labour it is.")] = "",
    quantity: Annotated[str, typer.Option(help="How many credits.")] = "",
    unit: Annotated[str, typer.Option(help="What a credit is called.")] = "",
    lot: Annotated[str, typer.Option(help="The purchase that used credits are of.")] = "",
    provider: Annotated[str, typer.Option(help="Whose use it is shared by.")] = "",
    meter: Annotated[str, typer.Option(help="The unit of that use; requests if not given.")] = "",
    basis: Annotated[
        str, typer.Option(help="usage, accepted, renditions, spend, equal or given.")
    ] = "",
    weight: Annotated[
        list[str] | None, typer.Option(metavar="CAMPAIGN=N", help="For the basis given.")
    ] = None,
    note: Annotated[str, typer.Option(help="For who reads it later.")] = "",
    corrects: Annotated[
        str, typer.Option(metavar="REASON", help="Put it in the place of one that was wrong.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Enter money that was spent beside the pipeline; the same document is posted once."""
    from cost_tracking.allocation import documents, entering
    from cost_tracking.database import writing
    from flows.bookkeeping import clerk

    told: dict[str, Any] = {
        "payee": payee,
        "number": document,
        "on": on,
        "currency": currency,
        "cost_type": cost_type,
        "amount": amount,
        "tax": tax,
        "campaign": campaign,
        "market": market,
        "channel": channel,
        "asset": asset,
        "starts": starts,
        "ends": ends,
        "minutes": minutes,
        "rate": rate,
        "step": step,
        "person": person,
        "quantity": quantity,
        "unit": unit,
        "lot": lot,
        "provider": provider,
        "meter": meter,
        "basis": basis,
        "note": note,
    }
    said = {name: value for name, value in told.items() if value}
    said |= {"count": count} if count != 1 else {}
    with typed(f"spend add {kind}"):
        said |= {"weights": dict(map(_weight, weight))} if weight else {}
        one = documents.document({"kind": kind, **said})
    with opened_desk() as desk:
        try:
            with writing(desk.engine) as connection:
                done = entering.enter(connection, one, clerk(desk, now()), corrects=corrects)
        except (entering.DocumentConflict, entering.NotEnough) as error:
            raise WrongInput(f"spend add {kind}: {error}") from error
    if as_json:
        print_json(done.model_dump(mode="json") | {"amount": _plain(done.amount)})
        return
    what = "posted" if done.posted else "known already, nothing was posted"
    guess = ", as an estimate" if done.estimate else ""
    typer.echo(f"{done.document}: {done.amount} on {done.account}{guess}: {what}", err=True)
    if done.account != "cost":
        typer.echo("`kampanj spend allocate` makes it a cost, month by month", err=True)


def allocate(
    *,
    through: Annotated[str, typer.Option(metavar="MONTH", help="The last month, as 2026-10.")],
    as_json: Json = False,
) -> None:
    """Share what campaigns have in common up to a month; run again, it posts what has changed."""
    from cost_tracking.allocation.sharing_out import share_out
    from cost_tracking.database import writing
    from flows.bookkeeping import clerk

    with opened_desk() as desk, typed("spend allocate"), writing(desk.engine) as connection:
        shares = share_out(connection, through, clerk(desk, now()), desk.rates)
    rows = [
        {
            "pool": one.pool.removeprefix("pool:"),
            "month": one.month,
            "basis": one.basis,
            "amount": _plain(one.amount),
            "campaigns": {name: _plain(much) for name, much in one.campaigns.items()},
            "idle": _plain(one.idle),
            "posted": one.changed,
            "replaced": one.replaced,
        }
        for one in shares
    ]
    if as_json:
        print_json(rows)
        return
    from flows import show

    show.rows(
        f"Shared up to {through}",
        [
            {
                "pool": one.pool.removeprefix("pool:"),
                "month": one.month,
                "by": one.basis,
                "amount": str(one.amount),
                "borne by": ", ".join(f"{name} {much}" for name, much in one.campaigns.items())
                or "nobody: idle",
                "": "replaced" if one.replaced else "posted" if one.changed else "as before",
            }
            for one in shares
        ],
    )


def _plain(money: Any) -> dict[str, str]:
    return {"amount": f"{money.amount:f}", "currency": money.currency}


def _weight(text: str) -> tuple[str, str]:
    campaign, sign, weight = text.partition("=")
    if not sign:
        raise ValueError(f"--weight: {text!r} is no weight; write it as spring-tea=2")
    return campaign, weight
