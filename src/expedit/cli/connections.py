"""Commands that plug other systems in, and that read Shopify's own files."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from expedit.cli.data import FileArgument, import_group
from expedit.cli.terminal import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    bars,
    err,
    out,
    perform,
    print_json,
    say,
)
from expedit.core import InvalidInput

group = typer.Typer(help="See the connected systems, replay what failed, replace secrets.")

_SHOWN_REFUSALS = 20
ConnectionArgument = Annotated[str, typer.Argument(help="Id of the connection.")]
ConnectionOption = Annotated[
    str | None, typer.Option("--connection", help="Id of the shop's connection, if it has one.")
]


def add_to(application: typer.Typer) -> None:
    """Add the commands of this module."""
    application.command("connect")(connect)
    application.add_typer(group, name="connections")


def connect(
    kind: Annotated[str, typer.Argument(help="shopify, woocommerce, merchant_feed or till_lines.")],
    home: HomeOption = DEFAULT_HOME,
    name: Annotated[str, typer.Option(help="What you call it; its id is made of it.")] = "",
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="A setting, as currency=SEK; may be repeated.")
    ] = None,
    secret_files: Annotated[
        list[str] | None,
        typer.Option("--secret-file", help="A secret and the file it is in, as client_secret=PATH."),
    ] = None,
    consent: Annotated[
        list[str] | None,
        typer.Option(help="A purpose assumed of people who have not said; may be repeated."),
    ] = None,
    legal_basis: Annotated[str, typer.Option(help="GDPR art. 6 basis of its events.")] = "contract",
    as_json: JsonOption = False,
) -> None:
    """Plug another system in; secrets come from a file, the environment or a question, never from the line.

    A secret that no file names is taken from EXPEDIT_<NAME> (EXPEDIT_CLIENT_SECRET), else asked for.
    """
    from expedit.connections import kind_called

    chosen = kind_called(kind)
    values = _pairs(settings or [], "--set")
    for what, path in _pairs(secret_files or [], "--secret-file").items():
        values[what] = _read_secret(Path(path), what)
    for field in chosen.fields:
        if field.kind != "secret" or field.name in values:
            continue
        found = os.environ.get(f"EXPEDIT_{field.name.upper()}", "")
        if not found and sys.stdin.isatty() and field.required:
            found = typer.prompt(field.name, hide_input=True, err=True)
        if found:
            values[field.name] = found
    given: dict[str, Any] = {
        "kind": kind,
        "name": name or kind,
        "values": values,
        "consent": consent or [],
        "legal_basis": legal_basis,
    }
    with bars() as progress:
        result = perform(home, "connect", given, progress)
    if as_json:
        print_json(result)
        return
    say(f"{result['id']} is connected")
    if result["webhook"]:
        say(f"its webhooks go to: {result['webhook']}")
    if result["topics"]:
        say("topics: " + ", ".join(result["topics"]))


@group.callback(invoke_without_command=True)
def list_connections(
    context: typer.Context, home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False
) -> None:
    """Show the connected systems and how each does."""
    if context.invoked_subcommand is not None:
        return
    with bars() as progress:
        found = perform(home, "connections", {}, progress)
    if as_json:
        print_json(found)
        return
    if not found:
        say("nothing is connected; see: expedit connect --help")
        return
    table = Table("id", "kind", "state", "last message", "waiting", "failed")
    for one in found:
        waiting, failed = str(one["pending"]), str(one["failed"])
        table.add_row(
            one["id"], one["kind"], one["state"], one["last"] or "never", waiting, failed, one["says"]
        )
    out.print(table)
    for one in found:
        if one["state"] not in {"ok", "waiting"}:
            say(f"{one['id']}: {one['says']}")


@group.command("replay")
def replay(connection: ConnectionArgument, home: HomeOption = DEFAULT_HOME) -> None:
    """Handle every failed message of a connection again."""
    with bars() as progress:
        result = perform(home, "connection_replay", {"connection": connection}, progress)
    say(f"{result['replayed']:,} messages are handled again by the server")


@group.command("rotate")
def rotate(
    connection: ConnectionArgument,
    name: Annotated[str, typer.Argument(help="Name of the secret, as client_secret.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="File with the new secret.")],
    home: HomeOption = DEFAULT_HOME,
    hours: Annotated[int, typer.Option(help="Hours for which the former secret still counts.")] = 24,
) -> None:
    """Enter a new secret; the former one counts a while longer."""
    given = {"connection": connection, "name": name, "value": _read_secret(file, name), "hours": hours}
    with bars() as progress:
        perform(home, "connection_rotate", given, progress)
    say(f"{name} of {connection} is replaced; the former one counts for {hours} hours more")


@group.command("remove")
def remove(
    connection: ConnectionArgument,
    home: HomeOption = DEFAULT_HOME,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Unplug a system: its secrets and raw messages are deleted, what it brought in stays."""
    if not yes:
        typer.confirm(f"Disconnect {connection}?", abort=True, err=True)
    with bars() as progress:
        perform(home, "connection_remove", {"connection": connection}, progress)
    say(f"{connection} is disconnected")


@group.command("reseal")
def reseal(home: HomeOption = DEFAULT_HOME) -> None:
    """Seal every secret with the first key of EXPEDIT_SECRET_KEY, after a new one was put before the old."""
    with bars() as progress:
        result = perform(home, "connection_reseal", {}, progress)
    say(f"{result['resealed']:,} secrets sealed anew with the key {result['key']}")


@import_group.command("shopify-products")
def import_shopify_products(
    file: FileArgument,
    home: HomeOption = DEFAULT_HOME,
    connection: ConnectionOption = None,
    market: Annotated[str | None, typer.Option(help="Market of the prices; the first if left out.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Import the product export (CSV) of Shopify's admin."""
    given = {"path": str(file.absolute()), "connection": connection, "market": market}
    _import("import_shopify_products", home, given, as_json)


@import_group.command("shopify-orders")
def import_shopify_orders(
    file: FileArgument,
    home: HomeOption = DEFAULT_HOME,
    connection: ConnectionOption = None,
    source: Annotated[
        str, typer.Option(help="Source whose consent default and legal basis apply, without a connection.")
    ] = "server",
    as_json: JsonOption = False,
) -> None:
    """Import the order export (CSV) of Shopify's admin; lines are matched by SKU."""
    given = {"path": str(file.absolute()), "connection": connection, "source": source}
    _import("import_shopify_orders", home, given, as_json)


def _import(task: str, home: Path, given: dict[str, Any], as_json: bool) -> None:
    with bars() as progress:
        report = perform(home, task, given, progress)
    if as_json:
        print_json(report)
        return
    refused = report.pop("refused", [])
    say(", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in report.items()))
    if refused:
        table = Table("line", "field", "reason", title=f"{len(refused):,} refused")
        for row in refused[:_SHOWN_REFUSALS]:
            table.add_row(str(row.get("line", "")), row.get("field", ""), row.get("reason", ""))
        err.print(table)


def _pairs(given: list[str], option: str) -> dict[str, str]:
    found = {}
    for pair in given:
        name, mark, value = pair.partition("=")
        if not mark or not name.strip():
            raise InvalidInput(option, f"{pair[:40]!r} is not of the form name=value")
        found[name.strip()] = value
    return found


def _read_secret(path: Path, name: str) -> str:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(name, f"cannot be read from {path}: {error}") from None
