"""A day in a home: events sealed and not, refused ones, decisions, a model, somebody erased."""

from expedit.app import create_application, erase_person, perform_here
from expedit.core import no_progress
from expedit.decisions import decision_log
from expedit.events import keep_dead_letter
from expedit.operations.tables import Sum, sum_table, travelling_tables
from expedit.profiles import find_person
from expedit.recommendation import build
from expedit.storage import Shop, open_shop
from tests.app.houses import House, shoppers

ERASED = "device-1"


def opened(house: House) -> Shop:
    return open_shop(house.root)


def live_a_day(house: House) -> House:
    shop = opened(house)
    assert create_application(shop, work=False)  # every room is at home in the shop
    perform_here(shop, "seal", {"rewrite": False}, no_progress)
    build(shop, tune_seconds=0)
    for number in range(20):
        request = {"writeKey": house.web, "placement": "home-bestsellers", "anonymousId": f"device-{number}"}
        perform_here(shop, "recommend", {"request": request}, no_progress)
    erase_person(shop, find_person(shop, "anonymous_id", ERASED))
    decision_log(shop).flush()
    with shop.database.writing() as tx:
        keep_dead_letter(tx, "web", "{", "", "is no JSON", shop.clock())
    shop.close()
    late = [{**call, "messageId": f"late-{call['messageId']}"} for call in shoppers()[:30]]
    house.done("import", "events", house.write("late", late))
    return house


def sums(house_or_shop: House | Shop) -> dict[str, Sum]:
    """Return what is in every table."""
    shop = opened(house_or_shop) if isinstance(house_or_shop, House) else house_or_shop
    try:
        with shop.database.reading() as tx:
            return {table.name: sum_table(tx, table) for table in travelling_tables(tx)}
    finally:
        if isinstance(house_or_shop, House):
            shop.close()
