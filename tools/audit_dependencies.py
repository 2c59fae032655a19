"""Ask the advisory databases whether a pinned dependency is known to be vulnerable; part of ``make test``.

Python packages of ``constraints.txt`` are asked for at OSV (osv.dev), npm packages of the lock files at their
registry. A known vulnerability fails; a database that cannot be reached is said and passed over, since what
it would tell does not depend on this tree.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(Path(__file__).parent))

from build_frontend import CLIENTS, PARTS, SNIPPET, find_node  # noqa: E402


def python_packages(database: str = "") -> list[str] | None:
    """Return what is known against the pinned Python packages; None when nobody could be asked.

    Parameters
    ----------
    database
        Address of another OSV database.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip_audit", "--vulnerability-service", "osv", "--no-deps"]
        command += ["--disable-pip", "-r", "constraints.txt", "--format", "json", "--output", str(report)]
        command += ["--timeout", "10", "--progress-spinner", "off"]
        if database:
            command += ["--osv-url", database]
        subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
        if not report.exists():
            return None
        found = json.loads(report.read_text())["dependencies"]
    return [
        f"{one['name']} {one['version']}: {flaw['id']}, mended in {flaw['fix_versions'] or 'no version'}"
        for one in found
        for flaw in one.get("vulns", ())
    ]


def npm_packages(folder: Path) -> list[str] | None:
    """Return what is known against the npm packages locked in `folder`; None when nobody could be asked."""
    node = find_node()
    done = subprocess.run(
        [*node.npm, "audit", "--json", "--package-lock-only"],
        cwd=folder,
        env=os.environ | {"PATH": node.path},
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        told = json.loads(done.stdout)
    except json.JSONDecodeError:
        return None
    if "vulnerabilities" not in told:
        return None
    return [
        f"{name}: {flaw['severity']}"
        for name, flaw in told["vulnerabilities"].items()
        if flaw["severity"] in {"high", "critical"}
    ]


def main() -> int:
    """Ask about everything; return 1 when something is known."""
    known: list[str] = []
    asked = {"Python packages": python_packages(os.environ.get("EXPEDIT_OSV_URL", ""))}
    asked |= {f"npm packages of {folder.name}/": npm_packages(folder) for folder in (SNIPPET, PARTS, CLIENTS)}
    for what, found in asked.items():
        if found is None:
            print(f"{what}: the advisory database could not be reached, nothing was checked")
        else:
            print(f"{what}: {len(found)} known vulnerabilities")
            known += found
    print(*known, sep="\n", end="\n" if known else "")
    return 1 if known else 0


if __name__ == "__main__":
    sys.exit(main())
