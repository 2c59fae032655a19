"""How fast products sell: pieces of four weeks that were kept, counted once an hour."""

import numpy as np
import pytest

from expedit.catalog import Sales, SalesFile, live_catalog
from expedit.core import DAY, HOUR
from expedit.events import seal
from expedit.proof import count_sales, keep_sales
from expedit.proof.feature import FEATURE
from expedit.storage import write_whole
from tests.proof.test_counting import SHOP, Log, shop  # noqa: F401


@pytest.fixture
def log(shop):  # noqa: F811
    return Log(shop)


def counted(log):
    seal(log.shop)
    return count_sales(log.shop)


def test_pieces_that_were_kept_are_counted_everywhere(log):
    log.buys("a", days=35)  # before the window
    log.buys("a", days=20, quantity=3)
    log.buys("b", days=1, market="NO")
    log.buys(None, days=2, quantity=2)
    log.buys("c", days=3, product="sock")
    log.write("purchase", "d", days=4, order_id="back", currency="SEK", quantity=5)
    log.write("refund", "d", days=3, order_id="back", currency="SEK", quantity=5)
    assert counted(log) == Sales(log.shop.clock(), 28, {"boot": 6, "sock": 1})


def test_a_young_log_is_no_slow_one(log):
    assert counted(log) == Sales(log.shop.clock())
    log.buys("a", days=4, quantity=8)
    assert counted(log) == Sales(log.shop.clock(), 4.0, {"boot": 8})


@pytest.mark.parametrize(("begun", "days"), [(300, 28), (60, 28), (14, 14.0)])
def test_a_slow_shop_is_no_young_log(log, begun, days):
    log.looks("b", days=begun)
    log.buys("a", days=3)
    assert counted(log) == Sales(log.shop.clock(), days, {"boot": 1})


def test_it_is_counted_once_an_hour(log, shop_clock):
    path = log.shop.home.sales_path
    log.buys("a", days=1)
    seal(log.shop)
    keep_sales(log.shop)
    assert SalesFile(path).current.pieces == {"boot": 1}
    log.buys("b", days=1)
    seal(log.shop)
    shop_clock.advance(HOUR - 1)
    keep_sales(log.shop)
    assert SalesFile(path).current.pieces == {"boot": 1}
    shop_clock.advance(1)
    keep_sales(log.shop)
    assert SalesFile(path).current.pieces == {"boot": 2}


def test_the_job_that_counts_people_counts_sales_too(make_shop):
    shop = make_shop("sqlite", SHOP)  # noqa: F811
    (job,) = FEATURE.jobs
    job.run(shop, lambda *_: None)
    assert shop.home.sales_path.exists()


def test_servers_take_it_up_and_keep_what_they_have_when_it_cannot_be_read(shop):  # noqa: F811
    live = live_catalog(shop)
    boot = live.current().index["boot"]
    row = live.current().created[[boot]]
    assert live.current().sales.a_day(["boot"], row, shop.clock()).tolist() == [0]
    before = live.current()
    write_whole(shop.home.sales_path, Sales(shop.clock(), 28, {"boot": 7}))
    live.poll()
    now = live.current()
    assert (now.sales.pieces, before.sales.pieces, now.version) == ({"boot": 7}, {}, before.version)
    shop.home.sales_path.write_text("{")
    live.poll()
    assert live.current() is now


@pytest.mark.parametrize(
    ("age_days", "later_days", "daily"),
    [(300, 0, 1.0), (7, 0, 4.0), (0, 0, 28.0), (300, 2, 1.0), (300, 3, 0.0)],
)
def test_a_new_product_is_reckoned_from_when_it_came(age_days, later_days, daily):
    at = 400 * DAY
    sales = Sales(at, 28, {"boot": 28})
    found = sales.a_day(["boot", "sock"], np.full(2, at - age_days * DAY), at + later_days * DAY)
    assert found.tolist() == [daily, 0.0]
