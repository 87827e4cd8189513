"""Who sits at the command line, and how they show it."""

import sys
from collections.abc import Callable

import typer

from flows import deciding
from flows.desk import Desk
from flows.exits import WrongInput
from review.access.people import Person


def person(desk: Desk) -> Person:
    """Return who acts; where a people file says who may, they show it by their password.

    Raises:
        WrongInput: There is nobody to ask for the password.
        NotAllowed: It is not theirs.

    """
    if desk.people is None:
        return deciding.at_the_terminal(desk, "")
    known = desk.settings.password
    if known:
        return deciding.at_the_terminal(desk, known.get_secret_value())
    asked = _asked("KAMPANJ_PASSWORD", lambda: hidden(f"Password of {desk.who}"))
    return deciding.at_the_terminal(desk, asked)


def new_password(desk: Desk, whose: str) -> str:
    """Return a new password, typed twice or from the environment.

    Raises:
        WrongInput: There is nobody to ask for it.

    """
    known = desk.settings.new_password
    if known:
        return known.get_secret_value()
    return _asked("KAMPANJ_NEW_PASSWORD", lambda: hidden(f"New password of {whose}", twice=True))


def hidden(what: str, *, twice: bool = False) -> str:
    """Ask for something that does not show while it is typed."""
    text: str = typer.prompt(what, hide_input=True, confirmation_prompt=twice, err=True)
    return text


def confirmed(question: str, mend: str) -> None:
    """Go on if a person at a terminal says yes.

    Raises:
        WrongInput: There is no terminal; the mend says how to go on without one.
        Abort: They say no.

    """
    if not sys.stdin.isatty():
        raise WrongInput(f"{question} Nobody is there to say yes; {mend}")
    typer.confirm(question, abort=True, err=True)


def _asked(variable: str, ask: Callable[[], str]) -> str:
    if not sys.stdin.isatty():
        raise WrongInput(f"set {variable}; there is no terminal to ask for it")
    return ask()
