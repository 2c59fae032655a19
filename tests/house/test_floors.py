"""The floor plan: imports go down, through doors, never sideways."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "expedit"
FORBIDDEN_NAMES = {"utils", "common", "helpers", "manager", "service", "base", "misc"}
LONGEST_MODULE = 500


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def room_of(path: Path) -> str:
    parts = path.relative_to(SOURCE).parts
    return parts[0] if len(parts) > 1 else ""


def test_imports_go_only_down() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_rooms_are_entered_through_their_doors() -> None:
    broken = []
    for path in modules():
        for name in imports_of(path):
            parts = name.split(".")
            if parts[0] != "expedit" or len(parts) < 3 or parts[1] == room_of(path):
                continue
            if room_of(path) == "app" and parts[2:] == ["feature"]:
                continue
            broken.append(f"{path.relative_to(SOURCE)} imports {name}")
    assert broken == []


def test_only_app_reads_features() -> None:
    readers = {
        room_of(path) for path in modules() for name in imports_of(path) if name.endswith(".feature")
    } - {"features"}
    assert readers == {"app"}


def test_msgspec_is_imported_in_one_place() -> None:
    users = [
        str(path.relative_to(SOURCE))
        for path in modules()
        if any(name.split(".")[0] == "msgspec" for name in imports_of(path))
    ]
    assert users == ["core/codec.py"]


def test_core_does_no_io() -> None:
    io = {
        "socket",
        "sqlite3",
        "subprocess",
        "http",
        "urllib",
        "pathlib",
        "threading",
        "asyncio",
        "sqlalchemy",
    }
    found = {
        (path.name, name)
        for path in (SOURCE / "core").rglob("*.py")
        for name in imports_of(path)
        if name.split(".")[0] in io
    }
    assert found == {("codec.py", "threading")}  # a lock, no thread


def test_modules_are_small_and_well_named() -> None:
    long = {
        str(p.relative_to(SOURCE)): n
        for p in modules()
        if (n := len(p.read_text().splitlines())) > LONGEST_MODULE
    }
    assert long == {}
    assert [str(p) for p in modules() if p.stem in FORBIDDEN_NAMES] == []


def test_every_room_has_a_door() -> None:
    for room in (folder for folder in SOURCE.iterdir() if folder.is_dir() and folder.name != "__pycache__"):
        door = ast.parse((room / "__init__.py").read_text())
        assert ast.get_docstring(door), f"{room.name} has no paragraph at its door"
        names = [
            ast.literal_eval(node.value)
            for node in door.body
            if isinstance(node, ast.Assign) and any(getattr(t, "id", "") == "__all__" for t in node.targets)
        ]
        assert len(names) == 1, f"{room.name} has no __all__"
        # What is offered exists, and is offered once.
        assert len(names[0]) == len(set(names[0])), room.name
