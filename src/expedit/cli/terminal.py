"""How commands speak: progress on standard error, results on standard output, errors in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from expedit.core import Progress, to_json

out = Console()
err = Console(stderr=True)


DEFAULT_HOME = Path("expedit-home")

HomeOption = Annotated[
    Path,
    typer.Option("--home", help="Home folder of the installation.", envvar="EXPEDIT_HOME", show_default=True),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@contextmanager
def bars() -> Iterator[Progress]:
    """Show steps of long work as progress bars on standard error."""
    with Bars(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=not err.is_terminal,
        disable=not err.is_terminal,
    ) as shown:
        tasks: dict[str, Any] = {}

        def tell(label: str, done: int, total: int | None) -> None:
            if label not in tasks:
                tasks[label] = shown.add_task(label, total=total)
            shown.update(tasks[label], completed=done, total=total)

        yield tell


def say(text: str) -> None:
    """Print one line of a result, never broken in two."""
    out.print(text, highlight=False, soft_wrap=True)


def print_json(value: object) -> None:
    """Print `value` as JSON on standard output, unformatted, for programs."""
    typer.echo(to_json(value).decode())


def perform(home: Path, task: str, arguments: dict[str, Any], progress: Progress) -> Any:
    """Do a task on a home, here or in its running server.

    The house is imported only now: it compiles kernels, which a mere ``--help`` should not wait for.
    """
    from expedit.app import perform as do

    return do(home, task, arguments, progress)
