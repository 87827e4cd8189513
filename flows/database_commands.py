"""``kampanj db``: the tables, who may write to them, and the seals over them."""

from typing import Annotated

import typer

from flows.terminal import Json, opened_desk, print_json, typed

app = typer.Typer(help="The database.", no_args_is_help=True)


@app.command("upgrade")
def upgrade() -> None:
    """Bring the database's tables up to date."""
    with opened_desk() as desk:
        typer.echo(f"the tables of {desk.database_name} are up to date", err=True)


@app.command("seal")
def seal(*, as_json: Json = False) -> None:
    """Seal every entry so far and print the head, to be kept where nobody can change it."""
    with opened_desk() as desk:
        head = desk.seal()
    if as_json:
        print_json({"head": str(head) if head else None})
    else:
        typer.echo(str(head) if head else "the ledger is empty")


@app.command("grants")
def grants(
    role: Annotated[str, typer.Option(help="A role of Postgres, which is there.")] = (
        "kampanj_writer"
    ),
) -> None:
    """Print the SQL that lets a Postgres role run campaigns, and change nothing that was posted."""
    from cost_tracking.books.grants import grants_for

    with typed("db grants"):
        typer.echo(grants_for(role))
