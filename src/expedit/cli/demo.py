"""The demo shop."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from expedit.cli.terminal import bars, err
from expedit.cli.users import tell_of_panel


def add_to(application: typer.Typer) -> None:
    """Add the command of this module."""
    application.command("demo")(demo)


def demo(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    home: Annotated[Path, typer.Option(help="Where the demo lives; it is made at the first run.")] = Path(
        "demo-home"
    ),
) -> None:
    """Run Fjäll & Fjord: a made-up shop with a season of simulated shoppers, personalized by expedit."""
    from expedit.demo import prepare_demo, run_demo

    with bars() as progress:
        prepare_demo(home, progress)
    err.print(
        f"\nFjäll & Fjord is open: [bold]http://127.0.0.1:{port}/[/bold]   (Ctrl-C closes it)\n",
        highlight=False,
    )
    tell_of_panel(home, f"http://127.0.0.1:{port}", partial(err.print, highlight=False, soft_wrap=True))
    run_demo(home, port)
