"""The panel's users: adding, listing, helping and locking out, for whoever works on the server itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Column, Table

from expedit.access import (
    LANGUAGES,
    User,
    find_login,
    has_users,
    invite,
    link_path,
    lock_out,
    make_link,
    reset_user,
    users_of,
)
from expedit.cli.terminal import DEFAULT_HOME, HomeOption, JsonOption, out, print_json, say
from expedit.core import MINUTE, NotFound, format_time
from expedit.storage import Shop, migrate, open_shop
from expedit.web import ROLES

users_group = typer.Typer(no_args_is_help=True, help="Who may use the panel: add, list, reset, disable.")

EmailArgument = Annotated[str, typer.Argument(help="E-mail address with which the user signs in.")]
AddressOption = Annotated[
    str, typer.Option("--address", help="Address of the panel, put before the link that is printed.")
]
DEFAULT_ADDRESS = "http://127.0.0.1:8000"


def add_to(application: typer.Typer) -> None:
    """Add the commands of this module."""
    application.add_typer(users_group, name="users")


@contextmanager
def _opened(home: HomeOption) -> Iterator[Shop]:
    shop = open_shop(home)
    try:
        migrate(shop.database)
        yield shop
    finally:
        shop.close()


def first_link(home: HomeOption, address: str = DEFAULT_ADDRESS) -> str:
    """Return a link by which the first user makes themselves, or nothing when there is one already."""
    with _opened(home) as shop:
        return "" if has_users(shop) else address.rstrip("/") + link_path(make_link(shop))


def tell_of_panel(home: HomeOption, address: str, tell: Callable[[str], None]) -> None:
    """Say where the panel is, and how its first user comes in."""
    link = first_link(home, address)
    if link:
        tell(f"the panel has no user yet; become its administrator (good once): [bold]{escape(link)}[/bold]")
    else:
        tell(f"the panel: [bold]{escape(address)}/panel[/bold]")


@users_group.command("add")
def add(
    email: EmailArgument,
    name: Annotated[
        str, typer.Option(help="What the user is called; by default what stands before the @.")
    ] = "",
    role: Annotated[str, typer.Option(help=f"One of {', '.join(ROLES)}.")] = "viewer",
    language: Annotated[
        str, typer.Option(help=f"One of {', '.join(LANGUAGES)}; by default the shop's.")
    ] = "",
    address: AddressOption = DEFAULT_ADDRESS,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Add a user; prints a link, good once, by which they choose their password."""
    with _opened(home) as shop:
        _, token = invite(shop, None, email, name or email.partition("@")[0], role, language)
        say(address.rstrip("/") + link_path(token))


@users_group.command("list")
def list_users(home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """Show who may use the panel."""
    with _opened(home) as shop:
        users = users_of(shop)
    if as_json:
        print_json(users)
        return
    table = Table(
        Column("user", min_width=20, overflow="fold"), "name", "role", "state", "second factor", "last seen"
    )
    for user in users:
        state = "locked out" if user.disabled else "ready" if user.ready else "has not come in yet"
        seen = format_time(user.seen // MINUTE * MINUTE) if user.seen else "never"
        factor = "on" if user.second_factor else "off"
        table.add_row(escape(user.email), escape(user.name), user.role, state, factor, seen)
    out.print(table)


@users_group.command("reset")
def reset(
    email: EmailArgument,
    second_factor: Annotated[
        bool, typer.Option("--second-factor", help="Turn the second factor off as well.")
    ] = False,
    address: AddressOption = DEFAULT_ADDRESS,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Print a link, good once, by which a user chooses a new password; failed sign-ins are forgotten."""
    with _opened(home) as shop:
        token = reset_user(shop, None, _user(shop, email).id, second_factor=second_factor)
        say(address.rstrip("/") + link_path(token))


@users_group.command("disable")
def disable(
    email: EmailArgument,
    back: Annotated[bool, typer.Option("--enable", help="Let the user in again instead.")] = False,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Lock a user out at once: signed out everywhere, and unable to sign in."""
    with _opened(home) as shop:
        lock_out(shop, None, _user(shop, email).id, disabled=not back)
    say(f"{email} may sign in again" if back else f"{email} is locked out")


def _user(shop: Shop, email: str) -> User:
    user = find_login(shop, email)
    if user is None:
        raise NotFound(f"no user signs in as {email}; see: expedit users list")
    return user
