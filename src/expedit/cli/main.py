"""The command ``expedit`` and its groups."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated

import structlog
import typer

from expedit.cli import connections, data, demo, home, models, operations, people, tills, users
from expedit.cli.terminal import err
from expedit.core import ExpeditError

application = typer.Typer(
    name="expedit",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help=(
        "Personalization for your shop, on your own machine.\n\n"
        "Begin with [bold]expedit init[/bold], then [bold]expedit import catalog FILE[/bold] and "
        "[bold]expedit import events FILE[/bold], then [bold]expedit build[/bold] and "
        "[bold]expedit serve[/bold]. Or look at everything at once: [bold]expedit demo[/bold]."
    ),
)
home.add_to(application)
data.add_to(application)
tills.add_to()
connections.add_to(application)
models.add_to(application)
people.add_to(application)
users.add_to(application)
operations.add_to(application)
demo.add_to(application)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"expedit {version('expedit')}")
        raise typer.Exit


@application.callback()
def _options(
    _: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def main() -> None:
    """Run the command line; a foreseen error is one line and exit code 1."""
    try:
        application(prog_name="expedit")
    except ExpeditError as error:
        err.print(f"[bold red]error[/bold red] {type(error).__name__}: ", end="")
        err.print(" ".join(str(error).split()), markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
