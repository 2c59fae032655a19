"""Bringing catalogs, prices and events in, and taking everything out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.markup import escape
from rich.table import Table

from expedit.cli.terminal import DEFAULT_HOME, HomeOption, JsonOption, bars, err, perform, print_json, say

import_group = typer.Typer(
    no_args_is_help=True, help="Import a catalog, its price history, events, or till lines."
)

FileArgument = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The file; .gz is unpacked.")]
MappingOption = Annotated[
    Path | None,
    typer.Option(
        "--mapping", exists=True, dir_okay=False, help="TOML file that maps the file's columns to ours."
    ),
]
_SHOWN_REFUSALS = 20


def add_to(application: typer.Typer) -> None:
    """Add the commands of this module."""
    application.add_typer(import_group, name="import")
    application.command("export")(export)
    application.command("seal")(seal)


def show_import(task: str, home: Path, arguments: dict[str, Any], as_json: bool) -> None:
    """Do an import and show its report: counts, and the first refused lines."""
    with bars() as progress:
        report = perform(home, task, arguments, progress)
    if as_json:
        print_json(report)
        return
    refused = report.pop("refused", [])
    say(", ".join(f"{count:,} {name}" for name, count in report.items() if isinstance(count, int)))
    if refused:
        table = Table("line", "field", "reason", title=f"{len(refused):,} refused")
        for row in refused[:_SHOWN_REFUSALS]:
            table.add_row(str(row.get("line", "")), row.get("field", ""), row.get("reason", ""))
        err.print(table)
        if len(refused) > _SHOWN_REFUSALS:
            err.print(f"… and {len(refused) - _SHOWN_REFUSALS:,} more; --json lists them all")


@import_group.command("catalog")
def import_catalog(
    file: FileArgument,
    home: HomeOption = DEFAULT_HOME,
    format_: Annotated[
        str | None, typer.Option("--format", help="xml, tsv, csv or jsonl; told from the content.")
    ] = None,
    mapping: MappingOption = None,
    market: Annotated[
        str | None, typer.Option(help="Market of the file's prices; the first one if left out.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Retire what the file no longer lists.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Let --full retire more than half.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Import products from a Google Merchant feed (RSS, Atom, TSV), CSV or JSONL."""
    arguments = {
        "path": str(file.absolute()),
        "format": format_,
        "mapping": str(mapping.absolute()) if mapping else None,
        "market": market,
        "full": full,
        "force": force,
    }
    show_import("import_catalog", home, arguments, as_json)


@import_group.command("prices")
def import_prices(file: FileArgument, home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """Import older price history (CSV: id, market, price, from, until), so that prior prices are known."""
    show_import("import_prices", home, {"path": str(file.absolute())}, as_json)


@import_group.command("events")
def import_events(
    file: FileArgument,
    source: Annotated[
        str, typer.Option(help="Source whose consent default and legal basis apply.")
    ] = "server",
    home: HomeOption = DEFAULT_HOME,
    format_: Annotated[
        str | None, typer.Option("--format", help="jsonl or csv; guessed when left out.")
    ] = None,
    mapping: MappingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import events: JSONL in Segment's envelope, or CSV with a mapping (one line per order line, too)."""
    arguments = {
        "path": str(file.absolute()),
        "format": format_,
        "mapping": str(mapping.absolute()) if mapping else None,
        "source": source,
    }
    show_import("import_events", home, arguments, as_json)


def export(
    what: Annotated[str, typer.Argument(help="events, people, catalog or audience.")],
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Where to write.")],
    home: HomeOption = DEFAULT_HOME,
    format_: Annotated[
        str | None, typer.Option("--format", help="jsonl or parquet; by the file's name.")
    ] = None,
    audience: Annotated[str, typer.Option(help="Id of the audience whose members are written.")] = "",
) -> None:
    """Write the whole log (sealed and not), the people, the catalog or an audience, as JSONL or Parquet."""
    if what not in {"events", "people", "catalog", "audience"}:
        raise typer.BadParameter("choose events, people, catalog or audience", param_hint="WHAT")
    if (what == "audience") != bool(audience):
        raise typer.BadParameter("name the audience to write, and only then", param_hint="--audience")
    guessed: Literal["jsonl", "parquet"] = "parquet" if file.suffix == ".parquet" else "jsonl"
    arguments = {"what": what, "path": str(file.absolute()), "format": format_ or guessed}
    if audience:
        arguments["audience"] = audience
    with bars() as progress:
        result = perform(home, "export", arguments, progress)
    say(f"{result['rows']:,} rows in {escape(str(file))}")


def seal(
    home: HomeOption = DEFAULT_HOME,
    rewrite: Annotated[bool, typer.Option(help="Also rewrite files that hold erased people.")] = False,
) -> None:
    """Move acknowledged events from the database to Parquet now, instead of within minutes."""
    with bars() as progress:
        result = perform(home, "seal", {"rewrite": rewrite}, progress)
    say(f"{result['sealed']:,} events sealed")
    if rewrite:
        say(f"{result['rewritten']:,} files rewritten; what they replace is deleted within an hour or so")
