"""The socket that requests come in by: bound here, given by systemd, or handed on by the server before."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable

import structlog

from expedit.core import Conflict

LISTEN_FD = "EXPEDIT_LISTEN_FD"
PREDECESSOR = "EXPEDIT_PREDECESSOR"

LEAVE = signal.SIGUSR1
"""Tells a server that its successor stands ready to take requests from the same socket."""

_BACKLOG = 2048
_FIRST_GIVEN = 3  # the first descriptor that systemd passes (sd_listen_fds)

_log = structlog.get_logger("server")


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket: an inherited one, or a new one on `host` and `port`.

    Raises
    ------
    Conflict
        When the port cannot be used.
    """
    inherited = os.environ.pop(LISTEN_FD, "")
    if inherited:
        return socket.socket(fileno=int(inherited))
    if os.environ.get("LISTEN_PID") == str(os.getpid()) and os.environ.get("LISTEN_FDS", "0") != "0":
        return socket.socket(fileno=_FIRST_GIVEN)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise Conflict(f"port {port} cannot be used: {error.strerror}; choose another with --port") from None
    return listener


def predecessor() -> int | None:
    """Return the process that this one takes over from, if it is one's own parent as it should be."""
    given = os.environ.pop(PREDECESSOR, "")
    return os.getppid() if given == str(os.getppid()) else None


class Succession:
    """Starts the server that follows this one, by the same command, on the same socket.

    Parameters
    ----------
    listener
        The socket to hand on.
    """

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._lock = threading.Lock()

    def begin(self, *_: object) -> None:
        """Start the successor, unless one is starting already; a signal handler."""
        threading.Thread(target=self._follow, name="expedit-succession", daemon=True).start()

    def _follow(self) -> None:
        if not self._lock.acquire(blocking=False):
            return
        try:
            descriptor = self._listener.fileno()
            given = {**os.environ, LISTEN_FD: str(descriptor), PREDECESSOR: str(os.getpid())}
            _log.info("successor starts")
            command = [sys.executable, *sys.orig_argv[1:]]
            process = subprocess.Popen(command, env=given, pass_fds=(descriptor,))
            code = process.wait()  # a successor that serves outlives this process
            _log.error("the successor ended, this server stays", code=code)
        finally:
            self._lock.release()


def on_signals(handlers: dict[signal.Signals, Callable[..., None]]) -> Callable[[], None]:
    """Install signal handlers; return a function that puts the former ones back."""
    former = {number: signal.signal(number, handler) for number, handler in handlers.items()}

    def restore() -> None:
        for number, handler in former.items():
            signal.signal(number, handler)

    return restore


def notify(*lines: str) -> None:
    """Tell systemd something (sd_notify), where it asked to be told."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        try:
            told.connect(address)
            told.send("\n".join(lines).encode())
        except OSError as error:
            _log.warning("systemd could not be told", error=str(error))
