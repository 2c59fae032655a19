"""Memory of a server that shoppers use for an hour: it has to be flat.

Run ``python benchmarks/soak.py --minutes 60``. A real server on a home of its own takes events, small batches
and decisions of 5,000 visitors at a steady rate, seals and swaps as a shop would, and its resident memory is
noted every ten seconds. Prints one JSON object: the series in megabytes and the growth from the end of the
first fifth (everything is loaded and warm by then) to the end. Exits with 1 when that is more than a tenth,
or when an answer was neither 200 nor a refusal that names when to come back.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.app.houses import House, stock
from tests.faults.load import Crowd, Writer, in_turn, memory, p99

VISITORS = 5_000
EVERY_SECONDS = 10
MOST_GROWTH = 0.10


def main() -> int:
    """Soak one server; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=60, help="requests a second")
    options = parser.parse_args()
    os.environ.setdefault("EXPEDIT_SEAL_MINUTES", "1")
    minutes = min(options.minutes, 24 * 60)
    with tempfile.TemporaryDirectory() as folder:
        house = stock(House.make(Path(folder) / "home"))
        with house.serving() as site:
            series = []
            writer = Writer(house.web, "soak", VISITORS)
            makers = in_turn(writer.single, writer.decide, lambda: writer.batch(10), writer.decide)
            crowd = Crowd(site.port, makers, 16, options.rate).start()
            end = time.monotonic() + minutes * 60
            answers: dict[int, int] = {}
            unkind = sent = 0
            slowest: list[float] = []
            while time.monotonic() < end:
                time.sleep(min(EVERY_SECONDS, max(0.0, end - time.monotonic())))
                done = [crowd.replies.popleft() for _ in range(len(crowd.replies))]
                sent += len(done)
                slowest.append(p99(done))
                for reply in done:
                    answers[reply.status] = answers.get(reply.status, 0) + 1
                    unkind += reply.status not in {200, 503} or (
                        reply.status == 503 and not reply.retry_after
                    )
                series.append(round(memory(site.process.pid) / 1e6, 1))
            crowd.stop()
    settled = series[len(series) // 5 :]
    growth = statistics.mean(settled[-3:]) / statistics.mean(settled[:3]) - 1
    print(
        json.dumps(
            {
                "minutes": minutes,
                "requests": sent,
                "answers": answers,
                "p99_ms_median": round(statistics.median(slowest), 1),
                "memory_mb": series,
                "growth": round(growth, 4),
            }
        )
    )
    return int(growth > MOST_GROWTH or unkind > 0)


if __name__ == "__main__":
    sys.exit(main())
