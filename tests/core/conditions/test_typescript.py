"""The evaluator in TypeScript gives the answers of those in Python, and folds every letter alike."""

from __future__ import annotations

import json
import math
import subprocess
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expedit.core import Vocabulary, compile_mask, compile_matcher, gather_columns, read_condition
from expedit.core.conditions.substrings import folded
from tests.conftest import missing_service
from tests.core.conditions.drawing import NOW, SPELLED, WORDS, conditions, facts
from tests.support.node import node_environment

SNIPPET = Path(__file__).parents[3] / "snippet"
ANSWERING = """
import { createInterface } from "node:readline";
import { readCondition } from "%(conditions)s";
import { folded } from "%(checks)s";
const words = %(words)s;
createInterface({ input: process.stdin }).on("line", (line) => {
  const { when, facts, now, texts } = JSON.parse(line);
  const answers = texts ? texts.map(folded) : facts.map((one) => readCondition(when, words)(one, now));
  process.stdout.write(JSON.stringify(answers) + "\\n");
});
"""
Ask = Callable[[dict[str, Any]], list[Any]]


def written(vocabulary: Vocabulary) -> dict[str, Any]:
    """Return a vocabulary as TypeScript takes it."""
    return {
        name: field.kind if field.items is None else written(field.items)
        for name, field in vocabulary.fields.items()
    }


def as_json(value: Any) -> Any:
    """Return facts as JSON can say them: neither NaN nor infinity."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: as_json(one) for key, one in value.items()}
    return [as_json(one) for one in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def typescript(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Give a function that asks the evaluator in TypeScript, which runs as long as the tests do."""
    esbuild = SNIPPET / "node_modules" / ".bin" / "esbuild"
    if not esbuild.exists():
        missing_service("the front end's parts are not installed: python tools/build_frontend.py")
    folder, environment = tmp_path_factory.mktemp("typescript"), node_environment()
    modules = {"conditions": "conditions", "checks": "conditions-checks"}
    paths = {name: str(SNIPPET / "src" / module) for name, module in modules.items()}
    (folder / "answer.ts").write_text(ANSWERING % (paths | {"words": json.dumps(written(WORDS))}))
    command = [
        esbuild,
        "answer.ts",
        "--bundle",
        "--platform=node",
        "--outfile=answer.cjs",
        "--log-level=error",
    ]
    subprocess.run(command, cwd=folder, env=environment, check=True)
    with subprocess.Popen(
        ["node", "answer.cjs"],
        cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdin is not None and process.stdout is not None

        def ask(question: dict[str, Any]) -> list[Any]:
            process.stdin.write(json.dumps(question) + "\n")
            process.stdin.flush()
            answers: list[Any] = json.loads(process.stdout.readline())
            return answers

        yield ask
        process.stdin.close()


@settings(max_examples=300, deadline=None)
@given(conditions(), st.lists(facts(), min_size=1, max_size=4))
def test_all_evaluators_agree(typescript: Ask, raw: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    rows = as_json(rows)
    condition = read_condition(raw, WORDS)
    matches = compile_matcher(condition)
    answers = [matches(row, NOW) for row in rows]
    assert typescript({"when": raw, "facts": rows, "now": NOW}) == answers
    assert compile_mask(condition)(gather_columns(condition, rows), NOW).tolist() == answers


@settings(max_examples=500, deadline=None)
@given(
    st.sampled_from(["$contains", "$startsWith"]),
    st.lists(SPELLED, min_size=1, max_size=2),
    st.lists(SPELLED, min_size=4, max_size=8),
)
def test_all_evaluators_agree_on_parts(
    typescript: Ask, operator: str, wanted: list[str], texts: list[str]
) -> None:
    raw: dict[str, Any] = {"brand": {operator: wanted}}
    rows = [{"brand": text} for text in [*texts, texts[0] + wanted[0], wanted[0] + texts[0]]]
    condition = read_condition(raw, WORDS)
    matches = compile_matcher(condition)
    answers = [matches(row, NOW) for row in rows]
    assert typescript({"when": raw, "facts": rows, "now": NOW}) == answers
    assert compile_mask(condition)(gather_columns(condition, rows), NOW).tolist() == answers


def test_every_letter_folds_alike(typescript: Ask) -> None:
    known = [
        letter for code in range(0x110000) if unicodedata.category(letter := chr(code)) not in {"Cn", "Cs"}
    ]
    assert typescript({"texts": known}) == [folded(letter) for letter in known]
