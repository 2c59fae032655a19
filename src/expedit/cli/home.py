"""Making and serving an installation."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Column, Table

from expedit.access import SCOPES, LegalBasis, Scope, SourceKind, keys, signing_secret
from expedit.cli.terminal import DEFAULT_HOME, HomeOption, JsonOption, err, out, print_json, say
from expedit.cli.users import first_link, tell_of_panel
from expedit.core import InvalidInput, check_currency, to_builtins
from expedit.storage import open_shop

LOCALES = ("sv", "nb", "en")

keys_group = typer.Typer(no_args_is_help=True, help="Sources with write keys, and secret API keys.")


def add_to(application: typer.Typer) -> None:
    """Add the commands of this module."""
    application.command("init")(init)
    application.command("serve")(serve_command)
    application.add_typer(keys_group, name="keys")


def _markets(text: str) -> dict[str, str]:
    pairs = dict(part.strip().partition(":")[::2] for part in text.split(",") if part.strip())
    if not pairs or not all(pairs.values()):
        raise InvalidInput("--markets", f"{text!r} is not of the form SE:SEK,NO:NOK")
    return {
        market.strip().upper(): check_currency(currency, "--markets") for market, currency in pairs.items()
    }


def init(
    home: HomeOption = DEFAULT_HOME,
    markets: Annotated[str, typer.Option(help="Markets and their currencies.")] = "SE:SEK",
    locale: Annotated[str, typer.Option(help="Language of texts: sv, nb or en.")] = "sv",
    database_url: Annotated[str, typer.Option(help="PostgreSQL address; empty for SQLite.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Make a home folder with settings, placements and keys (the secret ones are printed this once)."""
    from expedit.app import make_home

    if locale not in LOCALES:
        raise InvalidInput("--locale", f"choose from {', '.join(LOCALES)}")
    chosen: dict[str, object] = {"markets": _markets(markets), "locale": locale}
    if database_url:
        chosen["database_url"] = database_url
    made = make_home(home, chosen)
    link = first_link(home)
    if as_json:
        print_json({**to_builtins(made), "panel_link": link})
        return
    rows = {
        "public write key (pages)": made.write_keys["web"],
        "secret write key (server)": made.write_keys["server"],
        "secret write key (till)": made.write_keys["till"],
        "secret API key": made.secret_key,
        "signing secret (userHash)": made.signing_secret,
    }
    # Each on a line of its own, whatever the width of the terminal: a key that is cut cannot be copied.
    say(f"expedit home: [bold]{escape(made.home)}[/bold]")
    for name, value in rows.items():
        say(f"  {name:<26} [bold]{value}[/bold]")
    say("Keep them now: the secret API key is not shown again.")
    say(
        f"Become the panel's administrator, once [bold]expedit serve[/bold] runs: [bold]{escape(link)}[/bold]"
    )
    say(f"Next: [bold]expedit import catalog FILE --home {escape(str(home))}[/bold]")


def serve_command(
    home: HomeOption = DEFAULT_HOME,
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on; put a TLS proxy in front.")] = "127.0.0.1",
    workers: Annotated[int, typer.Option(min=1, help="Server processes; more than 1 needs PostgreSQL.")] = 1,
) -> None:
    """Run the server and the worker until Ctrl-C."""
    from expedit.app import serve

    def announce() -> None:
        text = f"expedit serves [bold]{escape(str(home))}[/bold] on http://{host}:{port} (Ctrl-C stops)"
        err.print(text, highlight=False, soft_wrap=True)
        tell_of_panel(home, f"http://{host}:{port}", partial(err.print, highlight=False, soft_wrap=True))

    serve(home, port, host=host, workers=workers, announce=announce)


@keys_group.command("list")
def list_keys(home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """Show sources with their write keys, and secret keys without their secrets."""
    shop = open_shop(home)
    try:
        sources, api_keys = keys(shop).sources(), keys(shop).api_keys()
    finally:
        shop.close()
    if as_json:
        print_json({"sources": sources, "api_keys": api_keys})
        return
    table = Table("source", "kind", Column("write key", min_width=35, overflow="fold"), "consent", "basis")
    for source in sources:
        given = ", ".join(purpose for purpose, yes in source.consent.items() if yes) or "none yet"
        table.add_row(
            source.id, source.kind, source.write_key or "(kept as a digest)", given, source.legal_basis
        )
    out.print(table)
    table = Table("secret key", Column("id", min_width=32, overflow="fold"), "scopes")
    for key in api_keys:
        table.add_row(escape(key.name), key.id, " ".join(key.scopes))
    out.print(table)


@keys_group.command("add")
def add_key(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    scope: Annotated[list[str], typer.Option(help=f"One of {', '.join(SCOPES)}; may be repeated.")],
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Make a secret API key; its secret is printed this once."""
    shop = open_shop(home)
    try:
        scopes: tuple[Scope, ...] = tuple(scope)  # type: ignore[arg-type]
        typer.echo(keys(shop).add_api_key(name, scopes))
    finally:
        shop.close()


@keys_group.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(help="Id of the key, from expedit keys list.")],
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Make a secret key useless at once."""
    shop = open_shop(home)
    try:
        keys(shop).revoke_api_key(key_id)
    finally:
        shop.close()
    say(f"revoked {key_id}; running servers refuse it within two seconds")


@keys_group.command("add-source")
def add_source_command(
    name: Annotated[str, typer.Argument(help="Short name of the source.")],
    kind: Annotated[str, typer.Option(help="browser, server, app, till, mail or import.")] = "server",
    basis: Annotated[
        str, typer.Option(help="consent, contract, legitimate_interest or legal_obligation (GDPR art. 6).")
    ] = "consent",
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Add a source of events with its own write key, consent default and legal basis."""
    from expedit.app import add_source

    kinds: tuple[SourceKind, ...] = ("browser", "server", "app", "till", "mail", "import")
    bases: tuple[LegalBasis, ...] = ("consent", "contract", "legitimate_interest", "legal_obligation")
    chosen_kind = next((known for known in kinds if known == kind), None)
    chosen_basis = next((known for known in bases if known == basis), None)
    if chosen_kind is None:
        raise InvalidInput("--kind", f"choose from {', '.join(kinds)}")
    if chosen_basis is None:
        raise InvalidInput("--basis", f"choose from {', '.join(bases)}")
    shop = open_shop(home)
    try:
        typer.echo(add_source(shop, name, chosen_kind, chosen_basis).write_key)
    finally:
        shop.close()


@keys_group.command("signing-secret")
def show_signing_secret(home: HomeOption = DEFAULT_HOME) -> None:
    """Print the secret with which your server signs user ids (userHash)."""
    shop = open_shop(home)
    try:
        typer.echo(signing_secret(shop))
    finally:
        shop.close()
