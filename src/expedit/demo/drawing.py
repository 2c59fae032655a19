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


def open_gallery(root: Path, made_at: int) -> Gallery:
    """Return the gallery of a demo home whose world was made at a moment."""
    return Gallery(root / "pictures", build_catalog(made_at).pictures)


class Drawing:
    """The process that draws ahead; ended with the shop.

    Parameters
    ----------
    root, made_at
        The demo's home and when its world was made.
    """

    def __init__(self, root: Path, made_at: int) -> None:
        start = "from expedit.demo.drawing import draw_ahead; draw_ahead()"
        command = [sys.executable, "-c", start, str(root), str(made_at)]
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
    root, made_at = sys.argv[1:]
    open_gallery(Path(root), int(made_at)).draw_all()
