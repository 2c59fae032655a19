"""CSS selectors of placements: what can be told without a browser refuses nothing that a browser takes."""

from __future__ import annotations

import pytest

from expedit.core import InvalidInput
from expedit.decisions.selectors import FAULTS, check_selector, fault_of
from tests.decisions.selectors import AHEAD, VALID, WRONG


@pytest.mark.parametrize("selector", [*VALID, *AHEAD])
def test_what_a_browser_takes_is_taken(selector: str) -> None:
    assert fault_of(selector) == ""
    assert check_selector(selector) == selector


@pytest.mark.parametrize(("selector", "fault"), WRONG.items())
def test_what_is_wrong_is_told_apart(selector: str, fault: str) -> None:
    assert fault_of(selector) == fault
    with pytest.raises(InvalidInput) as caught:
        check_selector(selector)
    assert caught.value.field == "selector"
    assert caught.value.reason == f"is no CSS selector: it {FAULTS[fault]}"


def test_no_selector_is_none() -> None:
    assert check_selector("") == ""
