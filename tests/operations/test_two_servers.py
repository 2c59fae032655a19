"""Two server processes on one PostgreSQL: the same answers, the work done once, every change in both."""

from collections import Counter

import pytest

from expedit.recommendation import build
from expedit.storage import open_shop
from tests.app.houses import House, row, shown, stock, wait_for
from tests.operations.homes import opened
from tests.operations.test_restart import processes


@pytest.mark.slow
def test_they_agree_and_share_the_work(tmp_path, new_postgres, monkeypatch):
    monkeypatch.setenv("EXPEDIT_SEAL_MINUTES", "1")
    house = stock(House.make(tmp_path / "home", database_url=new_postgres("two_servers")))
    with house.serving() as one, House(house.root, house.keys).serving() as other:
        assert len(processes(house)) == 2
        sites = (one, other)

        def everywhere(placement: str, who: dict | None = None, **more: object) -> list[list[str]]:
            return [shown(site.recommend(placement, who, **more)) for site in sites]

        # What one took in is in the other's very next answer.
        who = {"anonymousId": "of-both"}
        for number, product in enumerate(("p3", "p8", "p5", "p7")):
            sites[number % 2].track("Product Viewed", who, properties={"product_id": product})
            answers = everywhere("cart-recently-viewed", who)
            assert answers[0] == answers[1]
            assert answers[0][0] == product
        # The same event sent to both counts once.
        for site in sites:
            site.track("Product Viewed", {**who, "messageId": "twice"}, properties={"product_id": "p9"})
        shop = opened(house)
        assert shop.database.read_row("SELECT count(*) FROM events WHERE message_id = 'twice'") == (1,)
        # A changed price is in both.
        house.done("import", "catalog", house.write("changed", [row(10, price="77.00 SEK")]))

        def prices() -> set[str]:
            items = [item for site in sites for item in site.recommend("home-new", limit=100)["items"]]
            return {item["price"] for item in items if item["id"] == "p10"}

        wait_for(lambda: prices() == {"77.00"}, 10)
        # A new model is in both.
        house.done("seal")
        version = build(shop, tune_seconds=0).version
        wait_for(lambda: {site.recommend("home-new")["model"] for site in sites} == {version}, 30)
        # An erasure by one holds in the other.
        person = one.get("/v1/people/anonymous_id/of-both", house.secret).json()["personId"]
        gone = one.client.delete(f"/v1/people/{person}", headers={"Authorization": f"Bearer {house.secret}"})
        assert gone.status_code == 200
        assert other.get("/v1/people/anonymous_id/of-both", house.secret).status_code == 404
        assert everywhere("cart-recently-viewed", who)[1][:1] != ["p9"]
        # Orders are kept by a job every two seconds: whoever takes the lease does it, once.
        leases = Counter()
        for _ in range(40):
            for name, worker in shop.database.read_rows(
                "SELECT name, leased_by FROM jobs WHERE leased_by <> ''"
            ):
                leases[name, worker] += 1
        orders = "SELECT count(*), count(DISTINCT order_id) FROM orders"
        wait_for(lambda: shop.database.read_row(orders)[0] == 10, 20)
        assert shop.database.read_row(orders) == (10, 10)
        # Both see the same scheduled jobs, none twice.
        names = [name for (name,) in shop.database.read_rows("SELECT name FROM jobs")]
        assert len(names) == len(set(names))
        shop.close()
        # One ends in order: the other serves on, and knows it.
        one.process.terminate()
        assert one.process.wait(timeout=20) == 0
        wait_for(lambda: len(processes(house)) == 1, 10)
        assert other.get("/readyz").status_code == 200
    shop = open_shop(house.root)
    assert shop.database.read_row("SELECT count(*) FROM server_processes") == (0,)
    shop.close()
