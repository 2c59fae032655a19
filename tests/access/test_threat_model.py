"""The threat model names a test for every attack, and each of them exists."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "explanation" / "threat-model.md"


def test_every_attack_has_a_test_that_exists() -> None:
    attacks = [line for line in PAGE.read_text().splitlines() if line.count("|") == 4 and "---" not in line]
    attacks = [line for line in attacks if not line.startswith("| attack |")]
    assert len(attacks) > 20
    for line in attacks:
        named = re.findall(r"`([\w/]+\.py)`", line.rpartition("|")[0].rpartition("|")[2])
        assert named or "the same" in line, line
        for name in named:
            assert (TESTS / name).is_file(), name
