"""Counting as a process of its own: ``python -m expedit.proof.apart HOME`` writes what servers then show."""

from __future__ import annotations

import sys

from expedit.core import Progress, no_progress
from expedit.jobs import main_apart, run_apart
from expedit.proof.counting import count_people
from expedit.proof.selling import keep_sales
from expedit.storage import Shop, write_whole

_MODULE = "expedit.proof.apart"


def count_apart(shop: Shop, progress: Progress = no_progress) -> None:
    """Count in a process of its own.

    Raises
    ------
    Unavailable
        When it failed; the text is what it said last.
    """
    run_apart(shop, _MODULE, "count people", progress)


def main(arguments: list[str]) -> int:
    """Count once for the home named on the command line; return the exit code."""
    return main_apart(arguments, _MODULE, _count)


def _count(shop: Shop) -> str:
    write_whole(shop.home.proof_path, count_people(shop))
    keep_sales(shop)
    return str(shop.home.proof_path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
