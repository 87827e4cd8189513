"""The groups of commands; the modules of one are imported when one of its commands is asked for."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

GROUPS: Mapping[str, str] = {
    "db": "database_commands",
    "budget": "budget_commands",
    "period": "period_commands",
    "spend": "spend_commands",
    "policy": "policy_commands",
    "rates": "rates_commands",
    "report": "report_commands",
    "review": "review_commands",
    "people": "people_commands",
}
"""The module of each group in this package, whose ``app`` it is, in the order of the help."""


class Commands(TyperGroup):
    """The commands of the program, and its groups as soon as somebody asks for them.

    To import and build all of them takes longer than a quote: they have a hundred options.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands and groups."""
        alone = (name for name in super().list_commands(ctx) if name not in GROUPS)
        return [*alone, *GROUPS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, or None."""
        self._gather([cmd_name])
        return super().get_command(ctx, cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that was typed; where there is none, the nearest one is named."""
        if args[0] not in self.list_commands(ctx):
            self._gather(GROUPS)
        return super().resolve_command(ctx, args)

    def _gather(self, names: Any) -> None:
        for name in names:
            if name in GROUPS and name not in self.commands:
                self.commands[name] = _group(name)


def _group(name: str) -> Any:
    """Build a group as Typer builds the one that it was given at once."""
    alone = typer.Typer(rich_markup_mode=None)
    alone.add_typer(import_module(f"flows.{GROUPS[name]}").app, name=name)
    return get_group(alone).commands[name]
