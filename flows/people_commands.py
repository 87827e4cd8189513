"""``kampanj people``: who may do what, in a file that this installation signs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.exits import WrongInput
from flows.terminal import Json, opened_desk, print_json, typed

if TYPE_CHECKING:
    from flows.desk import Desk

app = typer.Typer(help="Who may do what.", no_args_is_help=True)

File = Annotated[
    Path | None,
    typer.Argument(metavar="[FILE]", help="The people file; else that of KAMPANJ_PEOPLE."),
]
Into = Annotated[
    Path | None, typer.Option("--file", help="The people file; else that of KAMPANJ_PEOPLE.")
]
Who = Annotated[str, typer.Argument(metavar="ID", help="Stands in the logs for good: ada, p7 …")]


@app.command("add")
def add(
    who: Who,
    *,
    name: Annotated[str, typer.Option(help="As people call them.")],
    role: Annotated[
        list[str],
        typer.Option(help="brief, choose, approve, approve:SE,NO, spend, finance or admin."),
    ],
    oidc: Annotated[
        str, typer.Option(metavar="SUBJECT", help="As the identity provider knows them.")
    ] = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="Somebody who is there: new roles and password.")
    ] = False,
    file: Into = None,
) -> None:
    """Add somebody, ask for their password twice, and sign the file."""
    from flows import people_edit, signing_in
    from review.access.people import Entry, hashed

    with opened_desk() as desk:
        path = _path(desk, file)
        by = people_edit.admin(desk, path, lambda: signing_in.person(desk))
        with typed("people add"):
            # What is wrong with the rest is told before anybody types a password.
            entry = Entry(id=who, name=name, roles=tuple(role), oidc=oidc)
            people_edit.check_new(path, who, replace=replace)
            if not oidc:
                password = hashed(signing_in.new_password(desk, who))
                entry = entry.model_copy(update={"password": password})
        people_edit.put(desk, by, path, entry)
        counts = desk.settings.people is not None and desk.settings.people.resolve() == path
    typer.echo(f"{who} is in {path}, which is signed: {', '.join(role)}", err=True)
    if not counts:
        typer.echo(f"set KAMPANJ_PEOPLE={path}: until then nobody is asked who they are", err=True)


@app.command("list")
def list_people(file: File = None, *, as_json: Json = False) -> None:
    """List who may do what, and say whether the file is signed as it stands."""
    from flows import people_edit, show

    with opened_desk() as desk:
        path = _path(desk, file)
        rows = people_edit.rows(path)
        fault = people_edit.unsigned(desk, path)
    if as_json:
        print_json({"file": str(path), "signed": not fault, "people": rows})
        return
    show.rows(f"People of {path}", rows)
    if fault:
        show.note(fault)


@app.command("sign")
def sign(file: File = None) -> None:
    """Sign the file as it stands, after you have looked at what changed in it."""
    from flows import people_edit

    with opened_desk() as desk:
        path = _path(desk, file)
        count = people_edit.sign(desk, path)
    typer.echo(f"{path} is signed, with {count} people in it", err=True)


@app.command("deactivate")
def deactivate(who: Who, *, file: Into = None) -> None:
    """Keep somebody who has left from everything; what they decided stays theirs."""
    from flows import people_edit, signing_in

    with opened_desk() as desk:
        path = _path(desk, file)
        by = people_edit.admin(desk, path, lambda: signing_in.person(desk))
        people_edit.deactivate(desk, by, path, who)
    typer.echo(f"{who} may do nothing any more; {path} is signed", err=True)


def _path(desk: "Desk", file: Path | None) -> Path:
    path = file or desk.settings.people
    if path is None:
        raise WrongInput("name the people file, or set KAMPANJ_PEOPLE")
    return path.resolve()
