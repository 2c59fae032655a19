"""Search for input that a parser answers with anything but a result or a complaint of its own.

``python tools/fuzz.py [PARSER] [SECONDS]`` lets atheris (``pip install atheris``) follow each parser of
``tests/security/parsers.py`` for a while; what it finds is printed and makes the command fail.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 30
FOLLOWED = [f"expedit.{room}" for room in ("core", "catalog", "tracking", "web", "connections", "decisions")]


def search(name: str) -> None:
    """Search one parser in this process, until libFuzzer's own limit ends it."""
    import atheris

    import expedit.recommendation  # noqa: F401  (its kernels are compiled: they cannot be followed)

    with atheris.instrument_imports(include=FOLLOWED):
        from expedit.core import ExpeditError
        from tests.security.parsers import parsers
    parser = next(one for one in parsers() if one.name == name)

    def one(body: bytes) -> None:
        try:
            parser.read(body)
        except ExpeditError:
            return

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


def main() -> int:
    """Search every parser, each in a process of its own; return how many fell."""
    sys.path.insert(0, str(ROOT))
    if len(sys.argv) > 2 and sys.argv[1] == "--one":
        name = sys.argv[2]
        sys.argv = [sys.argv[0], *sys.argv[3:]]
        search(name)
        return 0
    from tests.security.parsers import parsers

    wanted = [one for one in sys.argv[1:] if not one.isdigit()]
    seconds = next((int(one) for one in sys.argv[1:] if one.isdigit()), SECONDS)
    fallen = 0
    for parser in parsers():
        if wanted and parser.name not in wanted:
            continue
        with tempfile.TemporaryDirectory() as folder:
            corpus = Path(folder)
            for number, seed in enumerate(parser.seeds):
                (corpus / str(number)).write_bytes(seed)
            done = subprocess.run(
                [
                    sys.executable,
                    __file__,
                    "--one",
                    parser.name,
                    f"-max_total_time={seconds}",
                    "-timeout=10",
                    "-rss_limit_mb=2048",
                    "-verbosity=0",
                    "-print_final_stats=1",
                    f"-artifact_prefix={folder}/",
                    str(corpus),
                ],
                capture_output=True,
                text=True,
                check=False,
            )
        runs = next((line.split()[-1] for line in done.stderr.splitlines() if "executed_units" in line), "?")
        print(f"{parser.name}: {'held' if done.returncode == 0 else 'FELL'} ({runs} inputs)", flush=True)
        if done.returncode:
            fallen += 1
            print((done.stdout + done.stderr)[-3000:])
    return min(fallen, 1)


if __name__ == "__main__":
    sys.exit(main())
