"""Draws the demo's pictures in a process of its own.

A picture that is asked for before its turn is drawn at once by the server; this only runs ahead.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from expedit.demo.pictures import Gallery
from expedit.demo.world import build_catalog


def open_gallery(made_at: int) -> Gallery:
    """Return the gallery of a world made at a moment; its files are shared by every demo of this user."""
    return Gallery(picture_folder(), build_catalog(made_at).pictures)


def picture_folder() -> Path:
    """Return where drawn pictures are kept: the user's cache folder (XDG Base Directory Specification)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "expedit" / "pictures"


class Drawing:
    """The process that draws ahead; ended with the shop.

    Parameters
    ----------
    made_at
        When the world was made.
    """

    def __init__(self, made_at: int) -> None:
        start = "from expedit.demo.drawing import draw_ahead; draw_ahead()"
        command = [sys.executable, "-c", start, str(made_at)]
        # A session of its own, so that it and its workers can be ended together.
        self._process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL)

    def close(self) -> None:
        """End it, finished or not."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait()


def draw_ahead() -> None:
    """Draw what is missing, politely."""
    os.nice(10)
    open_gallery(int(sys.argv[1])).draw_all()
