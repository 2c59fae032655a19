"""Counting as a process of its own, so that serving is not slowed.

``python -m expedit.proof.apart HOME`` counts once and writes what servers then show.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from expedit.core import ExpeditError, Progress, Unavailable, no_progress
from expedit.proof.counting import count_people, write_counts
from expedit.storage import Shop, open_shop


def count_apart(shop: Shop, progress: Progress = no_progress) -> None:
    """Count in a process of its own.

    Raises
    ------
    Unavailable
        When it failed; the text is what it said last.
    """
    progress("count people", 0, None)
    command = [sys.executable, "-m", "expedit.proof.apart", str(shop.home.root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or [f"it ended with code {done.returncode}"]
        raise Unavailable(f"people could not be counted: {said[-1]}")
    progress("count people", 1, 1)


def main(arguments: list[str]) -> int:
    """Count once for the home named on the command line; return the exit code."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m expedit.proof.apart HOME\n")
        return 2
    try:
        shop = open_shop(Path(arguments[0]), read_only=True)
        try:
            write_counts(shop.home.proof_path, count_people(shop))
        finally:
            shop.close()
    except ExpeditError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
