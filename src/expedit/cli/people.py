"""Looking at, exporting and erasing a person; undoing a merge."""

from __future__ import annotations

from typing import Annotated

import typer

from expedit.cli.terminal import DEFAULT_HOME, HomeOption, bars, perform, print_json, say

people_group = typer.Typer(no_args_is_help=True, help="One person: show, export, erase, undo a merge.")

KindArgument = Annotated[
    str, typer.Argument(help="anonymous_id, user_id, email, phone, loyalty_id or payment_ref.")
]
ValueArgument = Annotated[str, typer.Argument(help="The identifier itself.")]


def add_to(application: typer.Typer) -> None:
    """Add the commands of this module."""
    application.add_typer(people_group, name="people")


@people_group.command("show")
def show(kind: KindArgument, value: ValueArgument, home: HomeOption = DEFAULT_HOME) -> None:
    """Print the profile of a person: identifiers, consents, cart, recent products, tastes, orders."""
    with bars() as progress:
        print_json(perform(home, "show_person", {"kind": kind, "value": value}, progress))


@people_group.command("export")
def export(kind: KindArgument, value: ValueArgument, home: HomeOption = DEFAULT_HOME) -> None:
    """Print everything that is held of a person, as JSON (GDPR art. 15 and 20)."""
    with bars() as progress:
        print_json(perform(home, "export_person", {"kind": kind, "value": value}, progress))


@people_group.command("erase")
def erase(
    kind: KindArgument,
    value: ValueArgument,
    home: HomeOption = DEFAULT_HOME,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase a person everywhere: hidden at once, gone from sealed files after the nightly rewrite."""
    if not yes:
        typer.confirm(f"Erase the person known by {kind} {value}? This cannot be undone", abort=True)
    with bars() as progress:
        result = perform(home, "erase_person", {"kind": kind, "value": value}, progress)
    say(f"erased, with {result['subjects']} devices and identifiers")


@people_group.command("undo-merge")
def undo_merge(
    merge: Annotated[str, typer.Argument(help="Id of the merge, as people show lists it.")],
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Take a merge of two identifiers back; profiles become as if it had never been."""
    with bars() as progress:
        print_json(perform(home, "undo_merge", {"merge": merge}, progress))
