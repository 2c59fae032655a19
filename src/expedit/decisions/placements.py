"""Placements: named spots that ask for a decision, and those that every shop has.

Every built-in placement is there without a file. File and panel change a built-in one, or add new ones.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from expedit.core import Struct, field
from expedit.recommendation import STRATEGIES

Filter = Literal[
    "in_stock",
    "not_in_cart",
    "not_bought",
    "one_per_group",
    "same_category",
    "exclude_subject",
    "other_category",
]
"""What a candidate must pass; named in ``filters``."""

FILTERS: tuple[str, ...] = get_args(Filter)

STRATEGY_NAMES = tuple(STRATEGIES)
"""Strategies a ladder may name."""

Proof = Literal["rating", "bought", "viewed"]
"""What others may be said to think of an item; named in ``proof``."""

PROOFS: tuple[str, ...] = get_args(Proof)

LASTING = frozenset({"mail", "receipt"})
"""Channels whose answers are read later than they are made: what they say has to stay true."""

POSITIONS = ("append", "before", "after", "replace")
PAGE_TYPES = ("home", "category", "search", "product", "cart", "checkout", "order")
LOCALES = ("sv", "nb", "en")
MOST_ITEMS = 100

ELIGIBLE: tuple[str, ...] = ("in_stock", "not_in_cart", "not_bought", "one_per_group", "exclude_subject")
"""The filters of a placement that names none."""


class Step(Struct, frozen=True, forbid_unknown_fields=True):
    """One step of a placement's ladder.

    Parameters
    ----------
    strategy
        Name of the strategy that gives candidates.
    share
        Most of the placement that the step may fill, 0 … 1, as long as other steps can fill the rest.
    options
        Handed to the strategy, as ``{"scope": "category"}``.
    """

    strategy: str
    share: float = 1.0
    options: dict[str, str | int | float | bool] = field(default_factory=dict)


class Placement(Struct, frozen=True, forbid_unknown_fields=True):
    """A named spot in some channel that asks for a decision.

    Parameters
    ----------
    name
        As requests name it.
    titles
        Heading by language.
    channel
        Where it is shown and whose stock counts: ``web``, ``app``, ``mail``, ``receipt`` or a store location;
        a request that names another channel is answered for that one.
    size
        How many items it shows when the request names no limit.
    ladder
        Steps in order; a step is asked only while the placement is not full.
    filters
        What every candidate must pass, before anything is cut.
    fallback
        Strategy of the last step, empty for none: then the placement is honestly short.
    personal
        Whether the person's tastes may re-rank the candidates of steps that know nothing of the person.
    bought_days
        How long a bought product counts as just bought.
    selector, position, pages
        Where the snippet puts it in a page whose theme need not be edited: a CSS selector, how it stands to
        that element, and on which types of page (none: on all).
    proof
        What others may be said to think of its items: ``rating``, and of ``bought`` and ``viewed`` the first
        that enough people did; counts are left out where they would be read later than they are made.
    template
        Name of the shop's own template that the snippet draws its cards with; empty for the one that is
        called like the placement.
    enabled
        False takes the placement away; only an edition of the panel is kept like that.
    """

    name: str
    titles: dict[str, str]
    ladder: tuple[Step, ...]
    size: int = 4
    channel: str = "web"
    filters: tuple[str, ...] = ELIGIBLE
    fallback: str = "popular"
    personal: bool = True
    bought_days: int = 180
    selector: str = ""
    position: str = "append"
    pages: tuple[str, ...] = ()
    proof: tuple[str, ...] = ("rating", "bought")
    template: str = ""
    enabled: bool = True

    @property
    def lasting(self) -> bool:
        """Whether its answers are read later than they are made."""
        return self.channel in LASTING

    def title(self, locale: str) -> str:
        """Return the heading in the language of `locale`, else in English, else any."""
        return (
            self.titles.get(locale[:2])
            or self.titles.get("en")
            or next(iter(self.titles.values()), self.name)
        )

    def steps(self) -> tuple[Step, ...]:
        """Return the ladder with the fallback as its last step."""
        if not self.fallback or any(step == Step(self.fallback) for step in self.ladder):
            return self.ladder
        return (*self.ladder, Step(self.fallback))


def _steps(*names: str | tuple[str, dict[str, Any]]) -> tuple[Step, ...]:
    return tuple(Step(name) if isinstance(name, str) else Step(name[0], **name[1]) for name in names)


PRICE_DROPS: dict[str, Any] = {"options": {"seen": True}}
USED_UP: dict[str, Any] = {"options": {"used_up": True}}
IN_CATEGORY: dict[str, Any] = {"options": {"scope": "category"}}
OF_THE_PAST: tuple[str, ...] = ("in_stock", "not_in_cart", "one_per_group", "exclude_subject")
"""Filters of what a person has met before: it may also be what they bought."""

BUILT_IN: tuple[Placement, ...] = (
    Placement(
        "home-bestsellers",
        {"sv": "Populärt just nu", "nb": "Populært akkurat nå", "en": "Popular right now"},
        _steps(("popular", {"options": {"scope": "place"}}), "popular", "trending", "new"),
        size=8,
        fallback="new",
    ),
    Placement(
        "home-your-favorites",
        {
            "sv": "Favoriter i det du gillar",
            "nb": "Favoritter i det du liker",
            "en": "Favorites of your kind",
        },
        _steps(
            ("popular", {"options": {"scope": "history"}}),
            ("popular", {"options": {"scope": "people"}}),
            ("popular", {"options": {"scope": "place"}}),
        ),
        size=8,
    ),
    Placement(
        "home-season",
        {"sv": "Populärt så här års", "nb": "Populært på denne tiden", "en": "Popular this time of year"},
        _steps(("popular", {"options": {"scope": "season"}})),
        size=8,
        fallback="",
    ),
    Placement(
        "home-for-you",
        {"sv": "Utvalt för dig", "nb": "Utvalgt for deg", "en": "Picked for you"},
        _steps("personal", "viewed_together", "trending"),
        size=8,
    ),
    Placement(
        "home-new",
        {"sv": "Nyheter", "nb": "Nyheter", "en": "New in"},
        _steps("new"),
        size=8,
    ),
    Placement(
        "home-trending",
        {"sv": "På väg upp", "nb": "På vei opp", "en": "Trending"},
        _steps("trending"),
        size=8,
    ),
    Placement(
        "home-on-sale",
        {"sv": "Nedsatt just nu", "nb": "Nedsatt akkurat nå", "en": "Reduced right now"},
        _steps("on_sale"),
        size=8,
        fallback="",
    ),
    Placement(
        "category-top",
        {"sv": "Favoriter i kategorin", "nb": "Favoritter i kategorien", "en": "Category favorites"},
        _steps(("popular", IN_CATEGORY), ("new", IN_CATEGORY)),
        size=4,
    ),
    Placement(
        "product-similar",
        {"sv": "Liknande produkter", "nb": "Lignende produkter", "en": "Similar products"},
        _steps("similar", ("popular", IN_CATEGORY)),
        size=4,
    ),
    Placement(
        "product-looks-like",
        {"sv": "Mer i samma stil", "nb": "Mer i samme stil", "en": "More in this style"},
        _steps(("visually_similar", IN_CATEGORY), "visually_similar", "similar"),
        size=4,
        fallback="",
    ),
    Placement(
        "product-upsell",
        {"sv": "Ett steg upp", "nb": "Et steg opp", "en": "A step up"},
        _steps("upsell"),
        size=4,
        fallback="",
    ),
    Placement(
        "product-alternatives",
        {"sv": "Fler att välja på", "nb": "Flere å velge mellom", "en": "More to choose from"},
        _steps("better_margin", "similar", ("popular", IN_CATEGORY)),
        size=4,
    ),
    Placement(
        "product-viewed-together",
        {"sv": "Andra tittade också på", "nb": "Andre så også på", "en": "Others also viewed"},
        _steps("viewed_together", "similar"),
        size=4,
    ),
    Placement(
        "product-bought-together",
        {"sv": "Köps ofta tillsammans", "nb": "Kjøpes ofte sammen", "en": "Often bought together"},
        _steps("bought_together", "complementary", "viewed_together"),
        size=4,
    ),
    Placement(
        "product-complementary",
        {"sv": "Går bra ihop med", "nb": "Passer godt sammen med", "en": "Goes well with"},
        _steps("complementary", "bought_together"),
        size=4,
        filters=(
            "in_stock",
            "not_in_cart",
            "not_bought",
            "one_per_group",
            "exclude_subject",
            "other_category",
        ),
    ),
    Placement(
        "cart-addons",
        {"sv": "Ta med också", "nb": "Ta med også", "en": "Add to your order"},
        _steps("cart_addon", "bought_together", "complementary"),
        size=4,
    ),
    Placement(
        "cart-recently-viewed",
        {"sv": "Du tittade nyss på", "nb": "Du så nylig på", "en": "You recently viewed"},
        _steps("recently_viewed"),
        size=4,
        filters=OF_THE_PAST,
        fallback="",  # what was never looked at must not stand under this heading
    ),
    Placement(
        "cart-reminders",
        {"sv": "Har du glömt något?", "nb": "Har du glemt noe?", "en": "Did you forget something?"},
        _steps("cart_reminder"),
        size=4,
        filters=OF_THE_PAST,
        fallback="",
    ),
    Placement(
        "checkout-addons",
        {"sv": "Lägg till innan du betalar", "nb": "Legg til før du betaler", "en": "Add before you pay"},
        _steps(("cart_addon", {"options": {"cart_share": 0.1}})),
        size=3,
        fallback="",
        proof=("rating",),  # nobody who pays is to be hurried
    ),
    Placement(
        "search-empty",
        {"sv": "Kanske något av detta", "nb": "Kanskje noe av dette", "en": "Perhaps one of these"},
        _steps("personal", "trending"),
        size=8,
    ),
    Placement(
        "account-for-you",
        {"sv": "Utvalt för dig", "nb": "Utvalgt for deg", "en": "Picked for you"},
        _steps("personal", "viewed_together", "trending"),
        size=8,
    ),
    Placement(
        "account-buy-again",
        {"sv": "Dags att köpa igen", "nb": "På tide å kjøpe igjen", "en": "Time to buy again"},
        _steps("buy_again"),
        size=8,
        filters=OF_THE_PAST,
        fallback="",
    ),
    Placement(
        "account-new-for-you",
        {"sv": "Nytt för dig", "nb": "Nytt for deg", "en": "New for you"},
        _steps(("new", {"options": {"since_last_visit": True}}), "new"),
        size=8,
    ),
    Placement(
        "account-price-drops",
        {
            "sv": "Billigare än när du tittade",
            "nb": "Billigere enn da du så på det",
            "en": "Cheaper than when you looked",
        },
        _steps(("on_sale", PRICE_DROPS)),
        size=8,
        filters=OF_THE_PAST,
        fallback="",
    ),
    Placement(
        "mail-for-you",
        {"sv": "Utvalt för dig", "nb": "Utvalgt for deg", "en": "Picked for you"},
        _steps("personal", "viewed_together", "trending"),
        size=6,
        channel="mail",
    ),
    Placement(
        "mail-reminders",
        {"sv": "Har du glömt något?", "nb": "Har du glemt noe?", "en": "Did you forget something?"},
        _steps("cart_reminder"),
        size=4,
        channel="mail",
        filters=OF_THE_PAST,
        fallback="",
    ),
    Placement(
        "mail-buy-again",
        {"sv": "Dags att köpa igen", "nb": "På tide å kjøpe igjen", "en": "Time to buy again"},
        _steps("buy_again"),
        size=4,
        channel="mail",
        filters=OF_THE_PAST,
        fallback="",
    ),
    Placement(
        "mail-price-drops",
        {
            "sv": "Billigare än när du tittade",
            "nb": "Billigere enn da du så på det",
            "en": "Cheaper than when you looked",
        },
        _steps(("on_sale", PRICE_DROPS)),
        size=4,
        channel="mail",
        filters=OF_THE_PAST,
        fallback="",
    ),
    Placement(
        "mail-after-purchase",
        {"sv": "Passar till ditt köp", "nb": "Passer til kjøpet ditt", "en": "Goes with your purchase"},
        _steps("complementary", "bought_together"),
        size=3,
        channel="mail",
        fallback="",
    ),
    Placement(
        "receipt",
        {"sv": "Passar till ditt köp", "nb": "Passer til kjøpet ditt", "en": "Goes with your purchase"},
        _steps("bought_together", "complementary"),
        size=3,
        channel="receipt",
        fallback="",  # what goes with nothing of it must not stand under this heading
    ),
    Placement(
        "receipt-care",
        {"sv": "Skötsel och påfyllning", "nb": "Stell og påfyll", "en": "Care and refills"},
        _steps(("complementary", USED_UP), ("bought_together", USED_UP)),
        size=2,
        channel="receipt",
        fallback="",
    ),
    Placement(
        "receipt-buy-again",
        {"sv": "Dags att köpa igen", "nb": "På tide å kjøpe igjen", "en": "Time to buy again"},
        _steps("buy_again"),
        size=2,
        channel="receipt",
        filters=OF_THE_PAST,
        fallback="",
    ),
)
"""Placements that every shop has."""
