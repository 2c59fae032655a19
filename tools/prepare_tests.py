"""Install the servers, the browser and the tools that the tests need, where they are missing.

As root on Debian this uses apt-get; otherwise it says what to install and lets the tests skip.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path


def _has_postgres() -> bool:
    return bool(shutil.which("initdb")) or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def _has_chromium() -> bool:
    return bool(shutil.which("chromium"))


def _has_libatomic() -> bool:
    try:
        ctypes.CDLL("libatomic.so.1")
    except OSError:
        return False
    return True


def _has_curl() -> bool:
    return bool(shutil.which("curl"))


NEEDS = (
    ("postgresql", _has_postgres),
    ("chromium", _has_chromium),
    ("libatomic1", _has_libatomic),  # Playwright's own Node is linked with it
    ("curl", _has_curl),  # the documentation's commands use it
)


def main() -> int:
    """Install what is missing; return the exit code."""
    missing = [package for package, present in NEEDS if not present()]
    if not missing:
        return 0
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(f"The tests also need {', '.join(missing)}: sudo apt-get install {' '.join(missing)}")
        return 1 if os.environ.get("CI") else 0
    print(f"Installing {', '.join(missing)} for the tests …", flush=True)
    quiet = {"DEBIAN_FRONTEND": "noninteractive", **os.environ}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing],
    ):
        done = subprocess.run(
            command, env=quiet, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if done.returncode:
            print(done.stdout[-3000:])
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
