"""``kampanj policy``: which side of the working line each cost falls on, and who says so."""

from typing import Annotated, Any

import typer

from flows.exits import WrongInput
from flows.terminal import Json, print_json, settings

app = typer.Typer(help="What counts as working money.", no_args_is_help=True)


@app.command("list")
def list_policies(*, as_json: Json = False) -> None:
    """List the policies: the one in force, the narrowest and widest reading, the retired."""
    from cost_tracking.policy import shipped, shipped_ids
    from flows import show
    from flows.policy_file import policy_in_force

    own = policy_in_force(settings())
    known = {name: shipped(name) for name in shipped_ids()} | {own.id: own}
    rows = [
        {
            "policy": name,
            "state": "in force" if name == own.id else "retired" if one.gaps() else "reading",
            "from": one.effective_from.isoformat(),
            "types": len(one.rules),
            "contested": len(one.contested),
        }
        for name, one in known.items()
    ]
    print_json(rows) if as_json else show.rows("Policies", rows)


@app.command("show")
def show_policy(
    name: Annotated[
        str, typer.Argument(metavar="[POLICY]", help="Such as wc-strict@1; else the one in force.")
    ] = "",
    *,
    as_json: Json = False,
) -> None:
    """Show what a policy says of every cost type, beside the strict and the broad reading."""
    from cost_tracking.policy import UnknownPolicy, shipped
    from flows import show
    from flows.policy_file import policy_in_force

    try:
        own = policy_in_force(settings())
        policy = own if name in ("", own.id) else shipped(name)
    except UnknownPolicy as error:
        raise WrongInput(str(error)) from error
    rows = _rows(policy)
    if as_json:
        about = {"policy": policy.id, "source": policy.source, "rules": rows}
        print_json(about | {"effective_from": policy.effective_from.isoformat()})
    else:
        narrow = [{name: row[name] for name in row if name != "what"} for row in rows]
        show.rows(f"Policy {policy.id}", narrow)


def _rows(policy: Any) -> list[dict[str, Any]]:
    from cost_tracking.cost_types import cost_types
    from cost_tracking.policy import three_readings

    strict, _, broad = three_readings()

    def said(one: Any, cost_type: str) -> str:
        rule = one.rules.get(cost_type)
        if rule is None:
            return "nothing"
        divided = rule.working_bp is not None
        return f"{rule.working_bp / 100:g} % working" if divided else str(rule.spend_class)

    return [
        {
            "cost type": one.id,
            "what": one.what,
            "class": said(policy, one.id),
            "strict": said(strict, one.id),
            "broad": said(broad, one.id),
            "contested": "yes" if one.id in policy.contested else "",
        }
        for one in cost_types().values()
    ]
