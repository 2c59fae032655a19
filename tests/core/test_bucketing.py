"""Buckets are the same in Python and TypeScript, and even."""

import json
from collections import Counter
from pathlib import Path

from expedit.core import BUCKETS, bucket

GOLDEN = Path(__file__).parents[2] / "spec" / "bucketing.json"


def test_golden_cases() -> None:
    cases = json.loads(GOLDEN.read_text())
    cases = cases["cases"] if isinstance(cases, dict) else cases
    assert len(cases) >= 20
    for case in cases:
        assert bucket(case["salt"], case["key"]) == case["bucket"], case


def test_keys_spread_evenly() -> None:
    tenths = Counter(bucket("holdout", f"visitor-{number}") * 10 // BUCKETS for number in range(20_000))
    # 2,000 expected in each tenth; six standard deviations are 255.
    assert all(abs(count - 2000) < 255 for count in tenths.values()), tenths


def test_salts_are_independent() -> None:
    both = sum(
        bucket("one", str(number)) < 1000 and bucket("two", str(number)) < 1000 for number in range(20_000)
    )
    assert 115 <= both <= 285  # 200 expected
