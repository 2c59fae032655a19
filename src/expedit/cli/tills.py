"""Bringing till lines in."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from expedit.cli.data import FileArgument, import_group, show_import
from expedit.cli.terminal import DEFAULT_HOME, HomeOption, JsonOption


def import_till(
    file: FileArgument,
    source: Annotated[str, typer.Option(help="Source whose consent default and legal basis apply.")] = "till",
    home: HomeOption = DEFAULT_HOME,
    timezone: Annotated[
        str, typer.Option(help="Zone of times that name none; by the store's market if left out.")
    ] = "",
    decimal: Annotated[str, typer.Option(help="Decimal mark, . or , ; told from each amount.")] = "",
    market: Annotated[str, typer.Option(help="Market of the stores; the first one if left out.")] = "",
    store_market: Annotated[
        list[str] | None, typer.Option("--store-market", help="A store in another market: Oslo=NO.")
    ] = None,
    column: Annotated[
        list[str] | None, typer.Option("--column", help="A column of another name: Bongnr=receipt.")
    ] = None,
    without_tax: Annotated[
        bool, typer.Option("--without-tax", help="Amounts do not include the tax beside them.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Import till lines (CSV): receipts of any store and register, joined to products by GTIN."""
    form: dict[str, Any] = {
        "columns": _pairs(column, "--column"),
        "timezone": timezone,
        "decimal": decimal,
        "market": market,
        "markets": _pairs(store_market, "--store-market"),
        "with_tax": not without_tax,
    }
    show_import("import_till", home, {"path": str(file.absolute()), "source": source, "form": form}, as_json)


def add_to() -> None:
    """Add the command of this module to the imports."""
    import_group.command("till")(import_till)


def _pairs(given: list[str] | None, option: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in given or ()]
    if any(not equals for _, equals, _ in pairs):
        raise typer.BadParameter("must be a pair: theirs=ours", param_hint=option)
    return {theirs.strip(): ours.strip() for theirs, _, ours in pairs}
