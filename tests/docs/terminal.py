"""A terminal as a reader has it, and an `expedit` that starts at once.

Starting Python and importing everything takes longer than most commands of the documentation.
`ReadyExpedit` is one process that has imported everything; the program `expedit` in its folder hands it
arguments, environment, folder and open files, and it forks a process that runs the command line with them.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

_SHIM = """\
#!{python} -IS
import json, os, socket, sys

with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
    door.connect({door!r})
    asked = {{"arguments": sys.argv[1:], "environ": dict(os.environ), "folder": os.getcwd()}}
    socket.send_fds(door, [json.dumps(asked).encode()], [0, 1, 2])
    sys.exit(int(door.recv(16) or b"1"))
"""


class ReadyExpedit:
    """Keeps the process; `folder` holds a program `expedit` to be put on the PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        door = folder / "door"
        shim = folder / "expedit"
        shim.write_text(_SHIM.format(python=sys.executable, door=str(door)))
        shim.chmod(0o755)
        self._process = subprocess.Popen([sys.executable, __file__, str(door)], stdin=subprocess.PIPE)
        deadline = time.monotonic() + 120
        while not door.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError("expedit could not be imported")
            time.sleep(0.05)

    def close(self) -> None:
        """End the process once every command has ended."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)


class Terminal:
    """One bash in a folder: variables, exports and the folder last from command to command."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._notes = folder.parent / f"{folder.name}.terminal"
        self._notes.mkdir()
        (self._notes / "answers").write_text("y\n" * 20)
        self._bash = subprocess.Popen(
            ["bash", "--norc", "--noprofile"],
            cwd=folder,
            env=dict(environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._count = 0
        self._send("set -u -o pipefail")

    def run(self, text: str, seconds: float = 60) -> tuple[int, str]:
        """Run a command, saying yes to whatever it asks; return its exit code and what it printed."""
        self._count += 1
        script, output = self._notes / f"{self._count}.sh", self._notes / f"{self._count}.txt"
        script.write_text(text + "\n")
        self._send(f". {script} <{self._notes / 'answers'} >{output} 2>&1; echo $?")
        assert self._bash.stdout is not None
        if not select.select([self._bash.stdout], [], [], seconds)[0]:
            raise AssertionError(f"not done in {seconds} s: {text}\n{output.read_text()[-2000:]}")
        code = self._bash.stdout.readline()
        return int(code or b"1"), output.read_text(errors="replace")

    def begin(self, text: str) -> Path:
        """Begin a command that does not end by itself, as in a second terminal; return where it prints."""
        self._count += 1
        output = self._notes / f"{self._count}.txt"
        self._send(f"{{ {text}\n}} </dev/null >{output} 2>&1 &")
        return output

    def close(self) -> None:
        """Close it, and with it everything that it began."""
        with contextlib.suppress(ProcessLookupError):  # bash ends itself at a variable that is not set
            os.killpg(self._bash.pid, signal.SIGTERM)
            os.killpg(self._bash.pid, signal.SIGKILL)
        self._bash.wait(timeout=20)

    def _send(self, line: str) -> None:
        assert self._bash.stdin is not None
        self._bash.stdin.write(line.encode() + b"\n")
        self._bash.stdin.flush()


def _run(asked: dict[str, object], files: list[int]) -> None:
    """Become the command: in a process of its own, with its files, folder and environment."""
    from expedit.cli import main

    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(str(asked["folder"]))
    kernels = os.environ["NUMBA_CACHE_DIR"]  # set where numba was imported, that is here
    os.environ.clear()
    os.environ.update(asked["environ"], NUMBA_CACHE_DIR=kernels)  # type: ignore[call-overload]
    sys.argv = ["expedit", *asked["arguments"]]  # type: ignore[misc]
    main()


def _keep(guest: socket.socket, runner: int) -> None:
    """Tell `guest` how the command ended; interrupt the command when the guest is gone."""
    while True:
        ended, status = os.waitpid(runner, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            with contextlib.suppress(BrokenPipeError):
                guest.send(str(code if code >= 0 else 128 - code).encode())
            return
        if select.select([guest], [], [], 0.01)[0] and not guest.recv(1):
            os.kill(runner, signal.SIGINT)
            os.waitpid(runner, 0)
            return


def _wait_for_commands(door_path: str) -> None:
    """Import everything, then fork a process for each command until standard input is closed."""
    import importlib
    import pkgutil

    import expedit

    for module in pkgutil.walk_packages(expedit.__path__, "expedit."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    door = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    door.bind(door_path)
    door.listen()
    while True:
        ready = select.select([door, sys.stdin], [], [])[0]
        if sys.stdin in ready:
            break
        guest = door.accept()[0]
        if os.fork() == 0:
            asked, files, _, _ = socket.recv_fds(guest, 1 << 18, 3)
            runner = os.fork()
            if runner == 0:
                guest.close()
                door.close()
                return _run(json.loads(asked), files)
            for file in files:
                os.close(file)
            _keep(guest, runner)
            os._exit(0)
        guest.close()
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


if __name__ == "__main__":
    _wait_for_commands(sys.argv[1])
