"""``kampanj review edit`` and ``edits``: a person's own lines of copy, at the command line."""

from typing import Annotated

import typer

from flows.terminal import Json, opened_desk, print_json

Campaign = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Its name, or one of its runs.")]


def edit(
    campaign: Campaign,
    locale: Annotated[str, typer.Argument(metavar="LOCALE", help="Such as sv-SE.")],
    slot: Annotated[str, typer.Argument(metavar="SLOT", help="headline, body or cta.")],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What it shall say.")],
    *,
    as_json: Json = False,
) -> None:
    """Write a line of copy anew: its renditions are made again at once, and wait for review."""
    from flows import editing, show, signing_in

    with opened_desk() as desk:
        campaign = desk.run_named(campaign).campaign
        person = signing_in.person(desk)
        done = editing.edit(desk, person, campaign, locale, slot, text, via="command line")
    if as_json:
        print_json(done.model_dump(mode="json"))
        return
    show.note(done.told)
    for name in done.blocked:
        show.note(f"blocked    {name}; see `kampanj review show {name}`")


def edits(
    campaign: Campaign,
    *,
    memory: Annotated[
        bool, typer.Option("--memory", help="Enter them in the brand's memory, as approved.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the lines that people wrote anew and that stand, or enter them in the memory."""
    from flows import remembering, show

    with opened_desk() as desk:
        run = desk.run_named(campaign)
        found = remembering.standing(desk, run)
        files = remembering.remember(run, found) if memory else ()
    if as_json:
        lines = [one.model_dump(mode="json") for one in found]
        print_json({"edits": lines, "written": [str(path) for path in files]})
        return
    told = ("locale", "slot", "was", "text", "by", "at")
    rows = [{name: str(getattr(one, name)) for name in told} for one in found]
    show.rows(f"Lines that people wrote: {campaign}", rows)
    for path in files:
        show.note(f"entered in {path}")
