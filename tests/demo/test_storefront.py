"""The storefront's own shelf and counter: what search finds."""

from __future__ import annotations

import pytest

from expedit.demo.storefront.goods import Goods, read_goods
from expedit.demo.world import build_catalog

NOW = 1_790_000_000_000_000


@pytest.fixture(scope="module")
def goods(tmp_path_factory: pytest.TempPathFactory) -> Goods:
    feed = tmp_path_factory.mktemp("feed") / "feed.jsonl"
    build_catalog(NOW).to_jsonl(feed, picture="/pictures/{id}.webp")
    return read_goods(feed)


def test_search_tells_a_hat_from_the_color_of_moss(goods: Goods) -> None:
    hats = goods.search("sv", "Mössa")
    assert len(hats) > 5
    assert {good.categories["sv"][-1] for good in hats} == {"Mössor"}
    moss = goods.search("sv", "mossa")
    assert len(moss) > 5
    assert {good.color for good in moss} == {"Mossa"}


def test_search_forgives_missing_dots_when_nothing_is_spelled_so(goods: Goods) -> None:
    assert goods.search("sv", "skaljackor") == goods.search("sv", "SKALJACKOR")
    assert goods.search("sv", "kangor") == goods.search("sv", "kängor") != []


def test_search_needs_every_word(goods: Goods) -> None:
    assert goods.search("sv", "") == []
    assert goods.search("sv", "mössa xyzzy") == []
