"""Help teaches: every command says what it does and what its options mean."""

import os
import subprocess
import sys
from importlib.metadata import version

import pytest
import typer.main

from expedit.cli.main import application
from tests.app.houses import run


def commands(group=None, path=()):
    """Yield the words of every command and group."""
    group = group or typer.main.get_command(application)
    for name, command in group.commands.items():
        yield (*path, name), command
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))


ALL = dict(commands())


def test_the_commands_are_these():
    assert {" ".join(words) for words in ALL} == {
        "backup", "build", "connect", "connections", "connections remove", "connections replay",
        "connections reseal", "connections rotate", "demo", "doctor", "evaluate", "evaluate sessions",
        "export", "home", "import", "import catalog", "import events", "import prices",
        "import shopify-orders", "import shopify-products", "import till", "init", "keys", "keys add",
        "keys add-source", "keys list", "keys revoke", "keys signing-secret", "models", "models list",
        "models publish", "models rollback", "move", "people", "people erase", "people export",
        "people show", "people undo-merge", "recommend", "restart", "restore", "seal", "serve", "users",
        "users add", "users disable", "users list", "users reset",
    }  # fmt: skip


@pytest.mark.parametrize("words", [(), *ALL], ids=" ".join)
def test_each_has_help(words):
    ran = run(*words, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert "Usage: expedit" in ran.out
    command = ALL.get(words)
    if command is not None:
        assert (command.help or "").strip().endswith("."), "the help is a sentence"
        for param in command.params:
            assert getattr(param, "help", ""), f"{param.name} has no help"


def test_the_first_help_shows_the_way():
    ran = run("--help")
    for step in ("expedit init", "expedit import catalog", "expedit build", "expedit serve", "expedit demo"):
        assert step in " ".join(ran.out.split()), step


def test_without_words_it_shows_the_help():
    ran = run()
    assert "Usage: expedit" in ran.out + ran.err
    assert "Traceback" not in ran.err


def test_the_version():
    assert run("--version").out == f"expedit {version('expedit')}\n"


def test_the_process_itself():
    done = subprocess.run(
        [sys.executable, "-m", "expedit", "models", "list", "--home", "nowhere"],
        check=False, capture_output=True, text=True, env=os.environ, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "error NotFound: nowhere is no expedit home; make one with: expedit init --home nowhere\n"
    )
