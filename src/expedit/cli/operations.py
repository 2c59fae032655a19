"""Examining, backing up, restoring, moving and restarting an installation."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Column, Table

from expedit.cli.terminal import DEFAULT_HOME, HomeOption, JsonOption, bars, out, print_json, say
from expedit.core import Conflict, NotFound, Unavailable, format_time, from_json, system_clock, to_builtins
from expedit.storage import Shop, open_shop

_COLORS = {"failing": "bold red", "warning": "yellow", "notice": "cyan"}
_RESTART_SECONDS = 180.0


def add_to(application: typer.Typer) -> None:
    """Add the commands of this module."""
    application.command("doctor")(doctor)
    application.command("home")(home_command)
    application.command("backup")(backup)
    application.command("restore")(restore_command)
    application.command("move")(move_command)
    application.command("restart")(restart)


def doctor(home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """Find and explain what is misconfigured or goes wrong; exit code 2 = failing, 1 = warnings, 0 = well."""
    from expedit.app import FEATURES
    from expedit.operations import examine, told

    found = examine(home, probes=FEATURES)
    if as_json:
        findings = [{**to_builtins(one), **to_builtins(told(one, "en"))} for one in found.findings]
        print_json({**to_builtins(found), "findings": findings})
        raise typer.Exit(found.exit_code)
    for one in found.findings:
        words = told(one, "en")
        color = _COLORS[one.severity]
        out.print(f"[{color}]{one.severity}[/{color}] [bold]{escape(words.what)}[/bold]", highlight=False)
        out.print(f"  why   {escape(words.why)}", highlight=False)
        out.print(f"  mend  {escape(words.fix)}", highlight=False, soft_wrap=True)
    count = len(found.findings)
    say(f"{found.checks} checks, {count or 'nothing'} to mend")
    raise typer.Exit(found.exit_code)


def home_command(home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """Show what takes how much room, how fast it grows and how long the disk lasts."""
    import expedit.app  # noqa: F401  (declares every table)
    from expedit.operations import home_sizes

    shop = open_shop(home, read_only=True)
    try:
        sizes = home_sizes(shop)
    finally:
        shop.close()
    if as_json:
        print_json(sizes)
        return
    table = Table("part", Column("size", justify="right"), Column("files", justify="right"),
                  Column("grows a day", justify="right"))  # fmt: skip
    for part in sizes.parts:
        daily = "" if part.daily is None else shown(part.daily)
        table.add_row(part.name, shown(part.bytes), f"{part.files:,}", daily)
    out.print(table)
    rows = Table("table", Column("rows", justify="right"))
    for one in sizes.tables:
        if one.rows:
            rows.add_row(one.name, f"{one.rows:,}")
    out.print(rows)
    lasts = "" if sizes.days_left is None else f", which lasts {sizes.days_left:,} days"
    say(f"{shown(sizes.total)} in {escape(sizes.home)} ({sizes.dialect}); {shown(sizes.free)} free{lasts}")


def shown(size: float) -> str:
    """Return a number of bytes for people."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def backup(
    destination: Annotated[Path, typer.Argument(file_okay=False, help="Folder that holds the backups.")],
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Back up everything, while a server runs or not: tables, log, decisions, models, settings, secret."""
    import expedit.app  # noqa: F401  (declares every table)
    from expedit.operations import back_up

    shop = open_shop(home, read_only=True)
    try:
        with bars() as progress:
            made = back_up(shop, destination, progress)
    finally:
        shop.close()
    if as_json:
        print_json(made)
        return
    say(f"{escape(made.path)}: {made.rows:,} rows and {made.files:,} files, {shown(made.bytes)}")
    if made.pruned:
        say(f"{len(made.pruned)} old backups deleted")


def restore_command(
    source: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="One backup's folder.")],
    home: HomeOption = DEFAULT_HOME,
    database_url: Annotated[
        str | None,
        typer.Option(help="PostgreSQL address to restore into, or sqlite; as backed up if left out."),
    ] = None,
    erasures: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="Folder with a newer list of erasures than the backup's."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a home again from a backup, after checking every file of it; erased people stay erased."""
    from expedit.app import erase_person
    from expedit.operations import restore

    url = "" if database_url == "sqlite" else database_url
    with bars() as progress:
        done = restore(
            source, home, database_url=url, erasures=erasures, erase=erase_person, progress=progress
        )
    if as_json:
        print_json(done)
        return
    say(
        f"{escape(done.home)} is as it was at {format_time(done.at)}: {done.rows:,} rows, "
        f"{done.files:,} files"
    )
    say(
        f"Erasures are known up to {format_time(done.erasures_until)}; {done.erased:,} were carried out again"
    )


def move_command(
    to: Annotated[str, typer.Option(help="Address of an empty PostgreSQL database: postgresql://…")],
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Move an installation from SQLite to PostgreSQL with everything kept; stop the server first."""
    import expedit.app  # noqa: F401  (declares every table)
    from expedit.operations import move

    shop = open_shop(home)
    try:
        lock = shop.home.try_lock()
        if lock is None:
            raise Conflict(f"a server or command works in {home}; stop it, then move")
        with lock, bars() as progress:
            moved = move(shop, to, progress)
    finally:
        shop.close()
    say(f"{moved.rows:,} rows of {len(moved.tables)} tables moved and compared")
    say("expedit.toml names the new database; expedit.sqlite stays as it was: delete it when all is well")


def restart(home: HomeOption = DEFAULT_HOME) -> None:
    """Replace the running server by a fresh one, as after an upgrade, without a failed request."""
    from expedit.operations import living

    shop = open_shop(home, read_only=True)
    try:
        server = _server_file(shop)
        began, asked = time.monotonic(), system_clock()
        before = {one.id for one in living(shop.database, asked)}
        try:
            os.kill(server["pid"], signal.SIGHUP)
        except ProcessLookupError:
            raise NotFound(f"no server runs on {home}") from None
        with bars() as progress:
            while True:
                now = [one for one in living(shop.database, system_clock()) if one.state != "stopping"]
                if now and not before & {one.id for one in now} and all(one.state == "ready" for one in now):
                    break
                if time.monotonic() - began > _RESTART_SECONDS:
                    raise Unavailable("the new server did not get ready in time; the old one serves on")
                progress("restart", int(time.monotonic() - began), None)
                time.sleep(0.2)
    finally:
        shop.close()
    pids = ", ".join(str(one.pid) for one in now)
    say(f"fresh after {time.monotonic() - began:.1f} s: process {pids}")


def _server_file(shop: Shop) -> dict[str, Any]:
    try:
        return from_json((shop.home.run / "server.json").read_bytes(), dict[str, Any])
    except FileNotFoundError:
        raise NotFound(f"no server runs on {shop.home.root}") from None
