"""Decisions and events written hour by hour, as they would have happened: questions with known answers."""

from expedit.core import DAY, HOUR
from expedit.decisions import LoggedDecision, LoggedItem, decision_log
from expedit.events import Event, EventItem, append
from expedit.identity import identify, remember_identifiers
from expedit.profiles import record


class Story:
    """Writes decisions and events hour by hour, as they would have happened."""

    def __init__(self, shop):
        self.shop = shop
        self.start = shop.clock() - 20 * DAY
        self.count = 0

    def decide(
        self,
        hours,
        device,
        products,
        arm="personalized",
        placement="home-new",
        strategy="new",
        market="SE",
        **more,
    ):
        self.count += 1
        at = self.start + int(hours * HOUR)
        items = tuple(LoggedItem(product, strategy, strategy) for product in products)
        decision = LoggedDecision(
            f"{at // 1000:012x}{self.count:020x}", at, placement, self.subject(device), "holdout", arm,
            arm == "personalized", market=market, items=items, **more,
        )  # fmt: skip
        decision_log(self.shop).write(decision)
        return decision.id

    def subject(self, device):
        return identify(self.shop.secret, "anonymous_id", device).subject_id if device else ""

    def happen(
        self,
        hours,
        kind,
        device,
        product=None,
        decision=None,
        user=None,
        price=100,
        quantity=1,
        currency="SEK",
        **more,
    ):
        self.count += 1
        at = self.start + int(hours * HOUR)
        found = [identify(self.shop.secret, "anonymous_id", device)] if device else []
        if user:
            found.append(identify(self.shop.secret, "user_id", user))
        item = EventItem(product or "", product=product, quantity=quantity, price=price)
        event = Event(
            f"m{self.count}", "web", kind, at, at, self.subject(device) or found[0].subject_id,
            ids=tuple((one.kind, one.subject_id) for one in found), items=(item,) if product else (),
            decision_id=decision, market="SE", currency=currency,
            **more,
        )  # fmt: skip
        with self.shop.database.writing() as tx:
            remember_identifiers(tx, found)
            append(tx, [event])
            record(tx, self.shop, [event])
