"""``kampanj review``: what people decide, at the command line."""

from typing import TYPE_CHECKING, Annotated

import typer

from flows import edit_commands
from flows.exits import WrongInput
from flows.terminal import Json, opened_desk, print_json, settings, typed

if TYPE_CHECKING:
    from creative.decision import Verdict
    from review.light_table import Filter

app = typer.Typer(help="Decide about concepts and renditions.", no_args_is_help=True)

Campaign = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Its name, or one of its runs.")]
Assets = Annotated[
    list[str] | None, typer.Argument(metavar="[ASSET…]", help="By name; else all that fit.")
]
State = Annotated[str, typer.Option(help="waiting, accepted, rejected, withdrawn or blocked.")]
Market = Annotated[str, typer.Option(help="Only of this market, such as SE.")]
Locale = Annotated[str, typer.Option(help="Only of this locale, such as sv-SE.")]
Placement = Annotated[str, typer.Option(help="Only of this placement.")]
Finding = Annotated[str, typer.Option(help="Only those of which this check says something.")]
Reason = Annotated[str, typer.Option(metavar="CODE", help="Why: brand, legal, wrong_price …")]
Redo = Annotated[
    str, typer.Option(help="What is made again: copy, picture or layout; else the code says it.")
]
Note = Annotated[str, typer.Option(help="Why, in your words.")]
Minutes = Annotated[str, typer.Option(help="How long you looked at all of them, such as 3 or 2.5.")]
Sha256 = Annotated[
    str, typer.Option(help="Of the bytes that you looked at, where you name one asset.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask whether the count is right.")]


@app.command("list")
def list_renditions(
    name: Annotated[str, typer.Argument(metavar="[RUN|CAMPAIGN]")] = "",
    *,
    state: State = "",
    market: Market = "",
    locale: Locale = "",
    placement: Placement = "",
    finding: Finding = "",
    as_json: Json = False,
) -> None:
    """List renditions and how far each is; without a name, campaigns and what waits in them."""
    from flows import reviewing, show_review

    chosen = _filter(state, market, locale, placement, finding)
    with opened_desk() as desk:
        if not name:
            if chosen.words:
                raise WrongInput("name the campaign whose renditions you want to filter")
            rows = reviewing.overview(desk)
            print_json(rows) if as_json else show_review.overview(rows)
            return
        found = [one for one in reviewing.items(desk, name) if chosen.fits(one)]
    print_json([one.row for one in found]) if as_json else show_review.renditions(name, found)


@app.command("show")
def show_rendition(
    asset: Annotated[str, typer.Argument(metavar="ASSET", help="A rendition's name.")],
    *,
    as_json: Json = False,
) -> None:
    """Show a rendition: its file, words, findings, and every decision about it."""
    from flows import reviewing, show_review

    with opened_desk() as desk:
        told = reviewing.told(desk, asset)
    print_json(told) if as_json else show_review.rendition(told)


@app.command("accept")
def accept(  # noqa: PLR0913 - likewise
    campaign: Campaign,
    assets: Assets = None,
    *,
    market: Market = "",
    locale: Locale = "",
    placement: Placement = "",
    finding: Finding = "",
    note: Note = "",
    minutes: Minutes = "",
    sha256: Sha256 = "",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Accept renditions that wait: those named, or all that fit."""
    from creative.decision import Verdict

    chosen = _filter("", market, locale, placement, finding)
    said = _Said(Verdict.ACCEPTED, sha256, note=note, minutes=minutes)
    _decide(campaign, assets or [], chosen, said, yes=yes, as_json=as_json)


@app.command("reject")
def reject(  # noqa: PLR0913 - likewise
    campaign: Campaign,
    assets: Assets = None,
    *,
    state: State = "",
    market: Market = "",
    locale: Locale = "",
    placement: Placement = "",
    finding: Finding = "",
    reason: Reason = "",
    redo: Redo = "",
    note: Note = "",
    minutes: Minutes = "",
    sha256: Sha256 = "",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Reject renditions: those named, or all that fit; the next `kampanj resume` redoes them."""
    from creative.decision import Verdict

    chosen = _filter(state, market, locale, placement, finding)
    said = _Said(Verdict.REJECTED, sha256, code=reason, note=note, redo=redo, minutes=minutes)
    _decide(campaign, assets or [], chosen, said, yes=yes, as_json=as_json)


@app.command("withdraw")
def withdraw(  # noqa: PLR0913 - likewise
    campaign: Campaign,
    assets: Assets = None,
    *,
    market: Market = "",
    locale: Locale = "",
    placement: Placement = "",
    finding: Finding = "",
    reason: Reason = "",
    redo: Redo = "",
    note: Note = "",
    minutes: Minutes = "",
    sha256: Sha256 = "",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Withdraw accepted renditions: the next `kampanj resume` takes their files out."""
    from creative.decision import Verdict

    chosen = _filter("", market, locale, placement, finding)
    said = _Said(Verdict.WITHDRAWN, sha256, code=reason, note=note, redo=redo, minutes=minutes)
    _decide(campaign, assets or [], chosen, said, yes=yes, as_json=as_json)


@app.command("choose")
def choose(
    campaign: Campaign,
    concepts: Annotated[str, typer.Argument(metavar="CONCEPTS", help="Such as c2, or c2,c3.")],
    *,
    note: Note = "",
    as_json: Json = False,
) -> None:
    """Choose the concepts that go on, on the pictures as they are now."""
    from flows import deciding, reviewing, signing_in
    from review.acts import Seen

    names = tuple(one.strip() for one in concepts.split(","))
    with opened_desk() as desk:
        campaign = desk.run_named(campaign).campaign
        asks = deciding.request(signing_in.person(desk), "command line")
        seen = [Seen(asset=one, sha256="") for one in names]
        choice, run = reviewing.choose(desk, asks, campaign, seen, note)
    if as_json:
        print_json({**choice.model_dump(mode="json"), "run": run})
        return
    typer.echo(f"{choice.by} chose {', '.join(choice.concepts)}; go on: kampanj resume {run}")


@app.command("code")
def code(
    campaign: Campaign,
    *,
    start: Annotated[
        bool, typer.Option("--start", help="To start this campaign, which need not exist yet.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Print a personal code, to be typed once into a form of Prefect's within 15 minutes."""
    from flows import reviewing, signing_in

    give = reviewing.start_code if start else reviewing.code
    with opened_desk() as desk:
        made = give(desk, signing_in.person(desk), campaign)
    print_json({"code": made}) if as_json else typer.echo(made)


@app.command("serve")
def serve(*, port: Annotated[int, typer.Option(min=0, max=65535)] = 4300) -> None:
    """Serve the review page on loopback until Ctrl-C; port 0 takes any that is free."""
    from flows.page_serving import serve_page

    serve_page(settings(), port)


@app.command("remind")
def remind(*, as_json: Json = False) -> None:
    """Remind people of what waits too long, and do what briefs say at their deadlines.

    `kampanj serve` does it by itself; elsewhere, let cron call it every quarter of an hour.
    """
    from flows import reminding

    with opened_desk() as desk:
        done = reminding.enforce(desk, reminding.reach(desk))
    if as_json:
        print_json([one.model_dump(mode="json") for one in done])
        return
    for one in done:
        typer.echo(f"{one.what}: {one.said}")


class _Said:
    """What was typed about a decision; what is empty was not said."""

    def __init__(self, verdict: "Verdict", sha256: str, **ruling: str) -> None:
        self.verdict = verdict
        self.sha256 = sha256
        self.ruling = {name: value for name, value in ruling.items() if value}


def _decide(
    campaign: str,
    names: list[str],
    chosen: "Filter",
    said: _Said,
    *,
    yes: bool,
    as_json: bool,
) -> None:
    from flows import deciding, reviewing, show_review, signing_in
    from review.acts import Ruling

    with typed("--note, --redo, --minutes"):
        ruling = Ruling.model_validate({"verdict": said.verdict, **said.ruling})
    if said.sha256 and len(names) != 1:
        raise WrongInput("--sha256 says what you saw of one asset; name that one")
    with opened_desk() as desk:
        # A run stands for its campaign: an older one's files are not what is delivered next.
        campaign = desk.run_named(campaign).campaign
        found = reviewing.meant(desk, campaign, names, chosen, said.verdict)
        seen = [one.seen for one in found]
        if said.sha256:
            seen = [seen[0].model_copy(update={"sha256": said.sha256})]
        if not names and not yes:
            asked = show_review.question(said.verdict, chosen.words, found)
            signing_in.confirmed(asked, "add --yes if the count is right")
        asks = deciding.request(signing_in.person(desk), "command line")
        outcome = reviewing.decide(desk, asks, campaign, seen, ruling)
    print_json(outcome.as_json()) if as_json else show_review.outcome(outcome)


def _filter(state: str, market: str, locale: str, placement: str, finding: str) -> "Filter":
    from review.light_table import Filter

    told = {"market": market, "locale": locale, "placement": placement, "finding": finding}
    with typed("--state"):
        return Filter.model_validate({"state": state or None, **told})


app.command("edit")(edit_commands.edit)
app.command("edits")(edit_commands.edits)
