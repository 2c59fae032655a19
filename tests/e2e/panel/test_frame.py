"""The panel's frame, walked in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.e2e


def test_an_address_that_leads_nowhere_says_so_in_the_frame(panel: Page, looks) -> None:
    answer = panel.goto("/panel/nowhere")
    assert answer is not None and answer.status == 404
    assert panel.get_by_role("heading", level=1).inner_text() == "Not found"
    panel.screenshot(path=looks / "frame-404.png")
