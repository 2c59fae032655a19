"""Every command of every page is executed, page by page, in an empty folder, and prints what it shows."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import missing_service
from tests.docs.pages import PAGES, ROOT, Command, File, read_page
from tests.docs.shop import DocumentedShop, put_files
from tests.docs.terminal import ReadyExpedit, Terminal
from tests.support.postgres import PostgresServer
from tests.support.servers import free_port

NOT_RUN = {
    "make": "installs, tests or measures for minutes; the suite itself runs by it",
    ".venv/bin/python": "measures for minutes",
    "pip": "installs from a package index",
    "/opt/expedit/bin/pip": "installs from a package index",
    "python3": "makes an environment outside of the folder",
    "install": "writes outside of the folder",
    "useradd": "changes the users of the machine",
    "runuser": "needs that user",
    "systemctl": "needs systemd",
    "docker": "needs a container engine",
}
"""Programs whose commands are read by bash, but not executed, and why."""

ELSEWHERE = {
    "docs/tutorial/a-real-shop.md": "test_tutorial.py executes it, with the real file",
    "docs/benchmarks.md": "its commands take minutes on public data sets; they make its figures",
}


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


WRITTEN = {name_of(page): read_page(page.read_text()) for page in PAGES}
RUN = [name for name, parts in WRITTEN.items() if name not in ELSEWHERE and any(parts)]


def commands(name: str) -> list[Command]:
    return [part for part in WRITTEN[name] if isinstance(part, Command)]


def wait_for_server(url: str, output: Path, seconds: float = 120) -> None:
    """Return once `url` answers 200."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"no server in {seconds} s: {output.read_text()}")


class Desk:
    """Terminals in which `expedit` starts at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "bin").mkdir()
        self._expedit = ReadyExpedit(folder / "bin")
        self._terminals: list[Terminal] = []

    def terminal(self, name: str, home: Path | None, variables: dict[str, str]) -> tuple[Path, Terminal]:
        """Open one in an empty folder of its own; `HOME` is the folder too."""
        folder = self.folder / name.replace("/", "-").removesuffix(".md")
        folder.mkdir()
        (folder / ".curlrc").write_text("fail-with-body\n")  # an answer of 400 or more is a failed command
        environ = {
            "PATH": f"{self.folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "EXPEDIT_NUMBA_CACHE": os.environ["EXPEDIT_NUMBA_CACHE"],
            **({"EXPEDIT_HOME": str(home)} if home else {}),
            **variables,
        }
        opened = Terminal(folder, environ)
        self._terminals.append(opened)
        return folder, opened

    def close(self) -> None:
        for terminal in self._terminals:
            terminal.close()
        self._expedit.close()


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    folder = Path(tempfile.mkdtemp(prefix="expedit-docs-"))  # short: the address of a socket may not be long
    desk = Desk(folder)
    yield desk
    desk.close()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def shop(desk: Desk) -> DocumentedShop:
    home = desk.folder / "made" / "home"
    folder, terminal = desk.terminal("made", home, {})
    return DocumentedShop.make(folder, terminal)


@pytest.fixture(scope="module")
def served(desk: Desk, shop: DocumentedShop) -> tuple[Path, int]:
    """Give the home and port of a server that all pages share which ask one and start none."""
    home, port = desk.folder / "served-home", free_port()
    shutil.copytree(shop.home, home)
    _, terminal = desk.terminal("served", home, {})
    wait_for_server(f"http://127.0.0.1:{port}/readyz", terminal.begin(f"expedit serve --port {port}"))
    return home, port


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    if not PostgresServer.available():
        missing_service("no PostgreSQL server binaries: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="expedit-postgres-"))
    server = PostgresServer(folder)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder)


def home_for(said: str, name: str, desk: Desk, shop: DocumentedShop) -> Path | None:
    """Return a copy of the shop, or nothing for a page that makes a home itself."""
    if "expedit init --markets" in said:
        return None
    home = desk.folder / f"home-{name.replace('/', '-')}"
    shutil.copytree(shop.home, home)
    return home


def follow(name: str, folder: Path, terminal: Terminal, port: int, places: dict[str, str]) -> list[str]:
    """Do what the page says with `places` put where it names others; return what went wrong."""
    wrong, other = [], free_port()
    places = {**places, ":8000": f":{port}", ":8001": f":{other}", "server 8001": f"server {other}"}
    places["expedit serve"] = f"expedit serve --port {port}"
    for place in ("tmp", "srv"):
        (folder / place).mkdir()
        places[f"/{place}/"] = f"{folder}/{place}/"
    for part in WRITTEN[name]:
        text = part.text
        for written, real in places.items():
            text = text.replace(written, real)
        if isinstance(part, File):
            (Path(terminal.run("pwd")[1].strip()) / part.name).write_text(text)
        elif not NOT_RUN.keys().isdisjoint(part.programs):
            continue
        elif "expedit serve" in text:
            wait_for_server(f"http://127.0.0.1:{port}/readyz", terminal.begin(text))
        elif "http.server" in text:
            wait_for_server(f"http://127.0.0.1:{other}/", terminal.begin(text))
        else:
            code, printed = terminal.run(text)
            if code and not (part.text.startswith("expedit doctor") and "to mend" in printed):
                wrong.append(f"line {part.line} ends with {code}: {text}\n{printed[-3000:]}")
            elif missing := part.not_shown_by(printed):
                wrong.append(f"line {part.line} does not print {missing}: {text}\n{printed[-3000:]}")
    return wrong


@pytest.mark.slow
@pytest.mark.parametrize("name", RUN)
def test_commands_do_what_the_page_says(
    name: str, desk: Desk, shop: DocumentedShop, request: pytest.FixtureRequest
) -> None:
    said = "\n".join(command.text for command in commands(name))
    if (":8000" in said or "$EXPEDIT/" in said) and "expedit serve" not in said:
        home, port = request.getfixturevalue("served")
    else:
        home, port = home_for(said, name, desk, shop), free_port()
    variables, places = {**shop.variables, "EXPEDIT": f"http://127.0.0.1:{port}"}, {}
    if ":5432" in said:
        server: PostgresServer = request.getfixturevalue("postgres")
        at = ("-h", "127.0.0.1", "-p", str(server.port), "-U", "expedit")
        server._run("dropdb", "--if-exists", "--force", *at, "expedit")
        variables |= {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": "expedit"}
        places[":5432"] = f":{server.port}"
    folder, terminal = desk.terminal(name, home, variables)
    put_files(folder, said)
    wrong = follow(name, folder, terminal, port, places)
    terminal.close()
    assert not wrong, f"{name}\n" + "\n".join(wrong)


def test_what_is_not_run_is_named_for_a_reason() -> None:
    used = {program for name in RUN for command in commands(name) for program in command.programs}
    assert set(NOT_RUN) <= used | {
        program for name in ELSEWHERE for c in commands(name) for program in c.programs
    }
    assert set(ELSEWHERE) <= set(WRITTEN)


def test_output_is_compared_but_for_numbers_dots_and_space() -> None:
    command = Command(1, "expedit x", ("612 read, 204 added", "model …: 3 products"))
    assert command.not_shown_by("7 read,  1,204 added\nmodel 2026-a8: 0 products\n") == []
    assert command.not_shown_by("7 read, 8 changed\nmodel 2026-a8: 0 products\n") == ["612 read, 204 added"]
    assert command.not_shown_by("model a: 1 products\n7 read, 1 added\n") == ["model …: 3 products"]


def test_commands_are_told_apart() -> None:
    page = '```sh\n# why\nA=$(f x) g "h | i" \\\n  j && k > l\ncat <<< 1\n```\n\n'
    page += "```console\n$ m '\n> n'\no\n\n$ p\n```\n"
    found = [part for part in read_page(page) if isinstance(part, Command)]
    assert [(c.line, c.programs, c.shown) for c in found] == [
        (3, ["f", "g", "k"], ()),
        (5, ["cat"], ()),
        (9, ["m"], ("o",)),
        (13, ["p"], ()),
    ]
    with pytest.raises(ValueError, match="line 2"):
        read_page("```sh\nif true\n```\n")
