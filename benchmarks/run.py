"""Run every benchmark, one after the other, and print one JSON object a line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ORDER = (
    "kernel", "build", "catalog_import", "import_events", "ingest", "recommend", "listings", "conditions",
    "audiences",
)  # fmt: skip


def main() -> int:
    """Run the benchmarks named on the command line, or all of them."""
    folder = Path(__file__).parent
    failed = []
    for name in sys.argv[1:] or ORDER:
        print(f"— {name}", file=sys.stderr, flush=True)
        done = subprocess.run([sys.executable, str(folder / f"{name}.py")], check=False)
        if done.returncode:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
