"""Building models, judging them, asking them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

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
from expedit.core import NotFound
from expedit.storage import open_shop

models_group = typer.Typer(no_args_is_help=True, help="Model versions: list, publish, roll back.")
evaluate_group = typer.Typer(no_args_is_help=True, help="Measure models on files.")


def add_to(application: typer.Typer) -> None:
    """Add the commands of this module."""
    application.command("build")(build_command)
    application.command("recommend")(recommend)
    application.add_typer(models_group, name="models")
    application.add_typer(evaluate_group, name="evaluate")


def build_command(
    home: HomeOption = DEFAULT_HOME,
    tune_seconds: Annotated[
        int | None, typer.Option(min=0, help="Time for tuning; 0 keeps the present parameters.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Learn a new model version from the sealed log and publish it; running servers swap to it."""
    from expedit.recommendation import build

    with bars() as progress:
        perform(home, "seal", {}, progress)
        shop = open_shop(home, read_only=True)
        try:
            meta = build(shop, progress, tune_seconds=tune_seconds)
        finally:
            shop.close()
    if as_json:
        print_json(meta)
        return
    out.print(
        f"model [bold]{meta.version}[/bold]: {meta.items:,} products, {meta.sessions:,} sessions, "
        f"{meta.baskets:,} baskets",
        highlight=False,
    )
    for name, value in meta.metrics.items():
        out.print(f"  {name.replace('_', ' ')}  {value:g}", highlight=False)


def recommend(
    placement: Annotated[str, typer.Argument(help="Name of a placement, as home-for-you.")],
    home: HomeOption = DEFAULT_HOME,
    user: Annotated[str | None, typer.Option(help="User id of the person asked for.")] = None,
    anonymous: Annotated[str | None, typer.Option(help="Anonymous id of the visitor asked for.")] = None,
    product: Annotated[
        list[str] | None, typer.Option(help="Product that the page is about; repeatable.")
    ] = None,
    cart: Annotated[list[str] | None, typer.Option(help="Product in the cart; repeatable.")] = None,
    category: Annotated[
        str | None, typer.Option(help="Category of the page, as 'Jackor > Skaljackor'.")
    ] = None,
    market: Annotated[str | None, typer.Option(help="Market; the first one when left out.")] = None,
    locale: Annotated[str | None, typer.Option(help="Language of reasons: sv, nb or en.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="How many items.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Ask a placement on the terminal, with the reason of each item."""
    request = {
        "placement": placement,
        "userId": user,
        "anonymousId": anonymous,
        "limit": limit,
        "context": {
            "productIds": product,
            "cart": cart,
            "category": category,
            "market": market,
            "locale": locale,
        },
    }
    with bars() as progress:
        answer = perform(home, "recommend", {"request": request}, progress)
    if as_json:
        print_json(answer)
        return
    table = Table("", "product", "price", "why", title=f"{answer['title']} ({answer['placement']})")
    for rank, item in enumerate(answer["items"], start=1):
        price = item.get("salePrice") or item["price"]
        table.add_row(
            str(rank),
            f"{item['title']}\n[dim]{item['id']}[/dim]",
            f"{price} {item['currency']}",
            item["reason"]["text"],
        )
    out.print(table)
    if not answer["items"]:
        err.print("nothing to show: is there a catalog? expedit import catalog FILE")


@models_group.command("list")
def list_models(home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """Show the versions with their metrics; the serving one is marked."""
    from expedit.recommendation import current_version, list_versions, read_meta

    shop = open_shop(home, read_only=True)
    folder = shop.home.models
    shop.close()
    serving = current_version(folder)
    metas = [read_meta(folder, version) for version in list_versions(folder)]
    if as_json:
        print_json({"serving": serving, "versions": metas})
        return
    table = Table("", "version", "products", "sessions", "metrics")
    for meta in metas:
        metrics = "  ".join(f"{name} {value:g}" for name, value in meta.metrics.items())
        mark = "→" if meta.version == serving else ""
        table.add_row(mark, meta.version, f"{meta.items:,}", f"{meta.sessions:,}", metrics)
    out.print(table)


@models_group.command("rollback")
def roll_back(
    version: Annotated[
        str | None, typer.Argument(help="Version to go to; the one before when left out.")
    ] = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Serve an earlier version again; running servers swap to it within a second."""
    from expedit.recommendation import list_versions, rollback

    shop = open_shop(home, read_only=True)
    folder = shop.home.models
    shop.close()
    if version is not None and version not in list_versions(folder):
        raise NotFound(f"no model version {version!r}; expedit models list shows them")
    say(f"serving {rollback(folder, version)}")


@models_group.command("publish")
def publish_version(
    version: Annotated[str, typer.Argument(help="Version to serve.")], home: HomeOption = DEFAULT_HOME
) -> None:
    """Serve a version; running servers swap to it within a second."""
    from expedit.recommendation import publish

    shop = open_shop(home, read_only=True)
    folder = shop.home.models
    shop.close()
    publish(folder, version)
    say(f"serving {version}")


@evaluate_group.command("sessions")
def evaluate(
    train: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="One session a line, oldest first.")
    ],
    test: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="Prefix<TAB>next item a line.")],
    tune_seconds: Annotated[float, typer.Option(min=0, help="Time for tuning, on train alone.")] = 120.0,
    validation_share: Annotated[
        float, typer.Option(min=0.01, max=0.5, help="Last part of train that judges the tuning.")
    ] = 0.1,
    seed: Annotated[int, typer.Option(help="Seed of the tuner.")] = 1,
    text: Annotated[bool, typer.Option("--text", help="Print for people instead of JSON.")] = False,
) -> None:
    """Measure the session model's next-item accuracy: HR@20, MRR@20, coverage, build time, queries/s."""
    from expedit.recommendation import evaluate_sessions

    with bars() as progress:
        report = evaluate_sessions(
            train,
            test,
            tune_seconds=tune_seconds,
            validation_share=validation_share,
            seed=seed,
            progress=progress,
        )
    if text:
        typer.echo(report.format())
    else:
        print_json(report.as_dict())
