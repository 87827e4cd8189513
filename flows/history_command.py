"""``kampanj history``: the whole life of one asset."""

from typing import TYPE_CHECKING, Annotated

import typer

from flows.terminal import Json, opened_desk, print_json

if TYPE_CHECKING:
    from flows.history import History

Asset = Annotated[
    str, typer.Argument(metavar="ASSET", help="A rendition's name, with or without its version.")
]
SHORT = 12
"""Hex digits of a hash; --json has all of them."""


def history(asset: Asset, *, as_json: Json = False) -> None:
    """Tell an asset's whole life: brief, prompt, requests, edits, decisions, delivery, money."""
    from flows import history as lives

    with opened_desk() as desk:
        told = lives.history(desk, asset)
    print_json(told.model_dump(mode="json")) if as_json else _show(told)


def _show(told: "History") -> None:
    from flows import show

    show.note(f"{told.asset}: {len(told.versions)} versions, total {told.total or 'not told yet'}")
    if told.prompt:
        show.note(f"prompt     {told.prompt}")
    for version in told.versions:
        made_from = version.made_from[:SHORT] or "files that were not kept"
        show.note(f"v{version.version:<9} {version.sha256[:SHORT]} of {made_from}")
    for file in told.versions[-1].files:
        show.note(f"{file.kind.value:<10} {file.sha256[:SHORT]} {file.name}")
    for event in told.events:
        # A line each, and no table: what people wrote may be long, and must not be cut.
        of = "" if event.version is None else f"v{event.version}"
        when = f"{event.at:%Y-%m-%d %H:%M:%S}"
        show.note(f"{when}  {event.what:<8} {of:<3} {event.by:<12} {event.said}")
    show.rows(
        "Money",
        [
            {
                "its share": str(one.amount),
                "of": str(one.of),
                "for": one.cost_type,
                "paid to": one.provider,
                "rework": "yes" if one.rework else "",
                "proof": one.reference,
                "entry": one.entry,
            }
            for one in told.costs
        ],
    )
