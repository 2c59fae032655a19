"""How many people bought or looked at a product: known answers on both databases, and what must not count."""

import subprocess
import sys
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expedit.catalog import Offer, Product, Variant, live_catalog, upsert
from expedit.core import DAY, HOUR, MINUTE, Settings, Unavailable, evolve
from expedit.events import Event, EventItem, append, erase_subjects, seal
from expedit.identity import identify, remember_identifiers
from expedit.profiles import record
from expedit.proof import Count, Counts, LiveProof, Proofs, count_people, counting, live_proof
from expedit.proof.apart import count_apart, main
from expedit.proof.feature import FEATURE
from expedit.storage import write_whole

SHOP = Settings(markets={"SE": "SEK", "NO": "NOK"}, proof_floor=3, proof_days=7, proof_most_days=30)


@pytest.fixture(params=["sqlite", "postgres"])
def shop(request, make_shop):
    made = make_shop(request.param, SHOP)
    with made.database.writing() as tx:
        upsert(tx, [Product(one, one, variants=(Variant(one, offers=(Offer("SE", 100, "SEK"),)),))
                    for one in ("boot", "sock")], made.clock())  # fmt: skip
    live_catalog(made).poll()
    return made


class Log:
    """Writes what people do, days ago."""

    def __init__(self, shop):
        self.shop = shop
        self.count = 0

    def write(self, kind, who, product="boot", days=1.0, *, user=None, market="SE", quantity=1, **more):
        """Have a device (None: a visit without consent) do something."""
        self.count += 1
        ids = [identify(self.shop.secret, "anonymous_id", f"device-{who}")] if who else []
        if user:
            ids.append(identify(self.shop.secret, "user_id", user))
        at = self.shop.clock() - int(days * DAY)
        items = (
            () if product is None else (EventItem(product, product=product, quantity=quantity, price=100),)
        )
        event = Event(
            f"m{self.count}", "web", kind, at, at, ids[0].subject_id if ids else "",
            ids=tuple((one.kind, one.subject_id) for one in ids), items=items, market=market,
            **{"session": f"s{self.count}", **more},
        )  # fmt: skip
        with self.shop.database.writing() as tx:
            remember_identifiers(tx, ids)
            append(tx, [event])
            record(tx, self.shop, [event])

    def looks(self, *people, **more):
        for who in people:
            self.write("view_item", who, **more)

    def buys(self, *people, **more):
        for who in people:
            self.write("purchase", who, order_id=f"o{self.count}", currency="SEK", **more)

    def counted(self):
        """Return the counts by product, market and kind, after sealing."""
        seal(self.shop)
        found = count_people(self.shop)
        assert found.at == self.shop.clock()
        return {(one.product, one.market, one.kind): (one.people, one.days) for one in found.counts}


@pytest.fixture
def log(shop):
    return Log(shop)


def test_people_are_counted_and_not_their_visits(log):
    log.looks("a", "b", "c", "a", "a")
    log.buys("a", "b", "d", "d", quantity=5)
    assert log.counted() == {("boot", "SE", "viewed"): (3, 7), ("boot", "SE", "bought"): (3, 7)}


def test_too_few_in_a_week_are_counted_over_a_month_and_too_few_then_not_at_all(log):
    log.looks("a", "b", days=2)
    log.looks("c", "d", days=20)
    log.looks("a", "b", product="sock", days=2)
    log.looks("c", product="sock", days=31)
    assert log.counted() == {("boot", "SE", "viewed"): (4, 30)}


def test_a_window_ends_to_the_microsecond(log):
    log.looks("a", "b", days=1)
    log.looks("c", days=7)
    assert log.counted() == {("boot", "SE", "viewed"): (3, 7)}
    log.shop.clock.advance(1)
    assert log.counted() == {("boot", "SE", "viewed"): (3, 30)}
    log.shop.clock.advance(23 * DAY)
    assert log.counted() == {}


def test_the_longer_window_is_never_the_shorter_one(log):
    log.shop.settings = evolve(log.shop.settings, proof_days=20, proof_most_days=10)
    log.looks("a", "b", days=2)
    log.looks("c", days=15)
    assert log.counted() == {("boot", "SE", "viewed"): (3, 20)}


def test_an_order_that_is_told_again_is_not_of_today(log):
    for who in ("a", "b", "c"):
        log.write("purchase", who, days=40, order_id=f"o-{who}", currency="SEK")
        log.write("purchase", who, days=1, order_id=f"o-{who}", currency="SEK")
    assert log.counted() == {}


def test_one_person_on_two_devices_is_one(log):
    log.looks("phone", user="eva")
    log.looks("laptop", user="eva")
    log.looks("b")
    assert log.counted() == {}
    log.looks("c")
    assert log.counted() == {("boot", "SE", "viewed"): (3, 7)}


def test_who_cannot_be_told_apart_does_not_count(log):
    """Their key changes every day: one of them would be seven a week."""
    log.looks(None, None, None, None, "a", "b")
    log.buys(None, None, None, None, "a", "b")
    assert log.counted() == {}


def test_what_went_back_was_not_bought(log):
    log.buys("a", "b", "c", "d")
    log.write("refund", "a", order_id="o0", currency="SEK")
    assert log.counted() == {("boot", "SE", "bought"): (3, 7)}
    log.write("cancel", "b", None, order_id="o1")
    assert log.counted() == {}


def test_robots_do_not_count(log, monkeypatch):
    """Whoever looks at more than anybody would, is nobody; and what it orders neither counts."""
    log.looks("a", "b", "c", "robot")
    log.buys("a", "b", "c", "robot")
    for number in range(5):
        log.looks("robot", product=f"x{number}")
    monkeypatch.setattr(counting, "MOST_LOOKED_AT", 5)
    assert log.counted() == {("boot", "SE", "viewed"): (3, 7), ("boot", "SE", "bought"): (3, 7)}


def test_markets_are_counted_apart(log):
    log.looks("a", "b", "c")
    log.looks("a", "d", market="NO")
    log.looks("e", "f", "g", market=None)  # nobody knows where
    log.looks("h", "i", "j", market="DK")  # where the shop no longer is
    assert log.counted() == {("boot", "SE", "viewed"): (3, 7)}


def test_a_shop_of_one_market_knows_where(log):
    log.shop.settings = evolve(log.shop.settings, markets={"SE": "SEK"})
    log.looks("a", "b")
    log.looks("c", "a", market=None)
    assert log.counted() == {("boot", "SE", "viewed"): (3, 7)}


def test_who_is_erased_is_counted_no_more(log):
    log.looks("a", "b", "c")
    seal(log.shop)
    gone = identify(log.shop.secret, "anonymous_id", "device-a").subject_id
    with log.shop.database.writing() as tx:
        erase_subjects(tx, [gone], log.shop.clock())
    assert log.counted() == {}


def test_servers_take_up_what_is_counted_and_let_go_of_what_is_old(log):
    shop = log.shop
    proof = live_proof(shop)
    assert proof.current(shop.clock()).of("SE", "viewed", "boot") is None
    log.looks("a", "b", "c")
    seal(shop)
    write_whole(shop.home.proof_path, count_people(shop))
    assert proof.poll()
    assert not proof.poll()
    now = shop.clock()
    assert proof.current(now).of("SE", "viewed", "boot") == Count("boot", "SE", "viewed", 3, 7)
    assert proof.current(now).of("SE", "bought", "boot") is None
    assert proof.current(now).of("NO", "viewed", "boot") is None
    assert proof.current(now + HOUR - 1).of("SE", "viewed", "boot") is not None
    assert proof.current(now + HOUR).of("SE", "viewed", "boot") is None
    shop.home.proof_path.write_text("{")
    assert not proof.poll()
    assert proof.current(now).of("SE", "viewed", "boot") is not None


def test_the_thread_finds_new_counts(log, monkeypatch):
    monkeypatch.setattr("expedit.proof.live.POLL_SECONDS", 0.01)
    proof = LiveProof(log.shop.home.proof_path)
    FEATURE.start(log.shop)
    live_proof(log.shop).close()
    proof.start()
    write_whole(log.shop.home.proof_path, Counts(log.shop.clock(), (Count("boot", "SE", "bought", 9, 7),)))
    for _ in range(500):
        found = proof.current(log.shop.clock()).of("SE", "bought", "boot")
        if found is not None:
            break
        time.sleep(0.01)
    proof.close()
    assert found == Count("boot", "SE", "bought", 9, 7)


def test_counting_is_a_job_of_its_own_process(make_shop, monkeypatch):
    shop = make_shop("sqlite", SHOP)
    (job,) = FEATURE.jobs
    assert job.every(shop.settings) == 5 * MINUTE / 1_000_000
    job.run(shop, lambda *_: None)
    assert LiveProof(shop.home.proof_path).current(shop.clock()) is not None
    assert shop.home.proof_path.exists()
    shop.home.proof_path.unlink()
    shop.settings = evolve(shop.settings, proof_minutes=0)
    job.run(shop, lambda *_: None)
    assert not shop.home.proof_path.exists()
    assert main([]) == 2
    assert main([str(shop.home.root / "nowhere")]) == 1
    failed = subprocess.CompletedProcess([sys.executable], 1, "", "no\nit broke\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(Unavailable, match="count people failed: it broke"):
        count_apart(shop)


PEOPLE = st.sampled_from(["a", "b", "c", "d", "e"])
ACTS = st.lists(
    st.tuples(PEOPLE, st.sampled_from(["boot", "sock"]), st.integers(0, 40), st.booleans()), max_size=25
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS, floor=st.integers(1, 4))
def test_a_count_is_what_counting_by_hand_gives(make_shop, acts, floor):
    """Whatever people do, and whatever the floor."""
    log = Log(make_shop("sqlite", evolve(SHOP, proof_floor=floor)))
    for who, product, days, buys in acts:
        (log.buys if buys else log.looks)(who, product=product, days=days + 0.5)
    expected = {}
    for kind, bought in (("bought", True), ("viewed", False)):
        for product in ("boot", "sock"):
            for window in (30, 7):
                people = {who for who, what, days, buys in acts
                          if (what, buys) == (product, bought) and days + 0.5 <= window}  # fmt: skip
                if len(people) >= floor:
                    expected[product, "SE", kind] = (len(people), window)
    assert log.counted() == expected


def test_proofs_are_found_by_market_and_kind():
    counts = Counts(1, (Count("boot", "SE", "bought", 9, 7), Count("boot", "NO", "bought", 4, 30)))
    proofs = Proofs(counts)
    assert [proofs.of(market, "bought", "boot") for market in ("SE", "NO", "EU")] == [*counts.counts, None]
    assert proofs.of("SE", "bought", "sock") is None
