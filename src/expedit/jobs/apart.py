"""Heavy work as a process of its own, so that serving is not slowed: ``python -m MODULE HOME``."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from expedit.core import ExpeditError, Progress, Unavailable, no_progress
from expedit.storage import Shop, open_shop


def run_apart(shop: Shop, module: str, doing: str, progress: Progress = no_progress) -> None:
    """Run `module` for the home of `shop` in a process of its own.

    Parameters
    ----------
    doing
        What it does, for the progress and for what is told when it fails.

    Raises
    ------
    Unavailable
        When it failed; the text is what it said last.
    """
    progress(doing, 0, None)
    command = [sys.executable, "-m", module, str(shop.home.root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or [f"it ended with code {done.returncode}"]
        raise Unavailable(f"{doing} failed: {said[-1]}")
    progress(doing, 1, 1)


def main_apart(arguments: Sequence[str], module: str, work: Callable[[Shop], str]) -> int:
    """Do `work` for the home named on the command line, print what it returns, and return the exit code."""
    if len(arguments) != 1:
        sys.stderr.write(f"usage: python -m {module} HOME\n")
        return 2
    try:
        shop = open_shop(Path(arguments[0]), read_only=True)
        try:
            said = work(shop)
        finally:
            shop.close()
    except ExpeditError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{said}\n")
    return 0
