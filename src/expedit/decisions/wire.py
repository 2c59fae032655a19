"""What requests and answers look like on the wire; field names in camel case."""

from __future__ import annotations

from expedit.core import InvalidInput, Struct, field, format_minor
from expedit.decisions.placements import MOST_ITEMS

MOST_PLACEMENTS = 20
MOST_IDS = 200
LONGEST_TEXT = 500


class AskContext(Struct, frozen=True, rename="camel", gc=False):
    """What the page is about.

    Parameters
    ----------
    product_ids
        Products (or variants, SKUs, GTINs) that the page shows as its subject.
    cart
        Products in the cart.
    category
        Path of the category, as ``Jackor > Skaljackor``, in any of the shop's languages.
    query
        Search text.
    market, locale, channel
        Where, in which language, through what; the shop's first market, its language and the placement's
        channel when missing.
    url
        Address of the page.
    session_products
        Products looked at since the page was opened, oldest first, kept by the page itself: used when
        nothing may be remembered.
    cart_value
        What the cart is worth, in major units of the market's currency, as ``412.50``; reckoned from the
        products' prices when missing.
    arrived_at, arrived_from
        Address of the page that the visit began with, and of the page that led there; the shop keeps them for
        the visit. Without them the marks of an advertisement or a mail in `url` are read.
    country, region, postal_code, store
        Roughly where the visitor is, as ISO codes, and the store that asks; where the page says nothing of
        the country, the request's headers or its address do.
    """

    product_ids: tuple[str, ...] | None = None
    cart: tuple[str, ...] | None = None
    category: str | None = None
    query: str | None = None
    market: str | None = None
    locale: str | None = None
    channel: str | None = None
    url: str | None = None
    session_products: tuple[str, ...] | None = None
    cart_value: str | None = None
    country: str | None = None
    region: str | None = None
    postal_code: str | None = None
    store: str | None = None
    arrived_at: str | None = None
    arrived_from: str | None = None


class PlacementAsk(Struct, frozen=True, rename="camel", gc=False):
    """One placement that asks; its context goes before the request's."""

    placement: str
    limit: int | None = None
    context: AskContext | None = None


class Asking(Struct, frozen=True, rename="camel", kw_only=True):
    """Who asks, and with whose key; part of every request.

    Parameters
    ----------
    write_key
        Public key of the source, unless the Authorization header carries a key.
    anonymous_id
        The visitor's id; the first-party cookie stands in for it.
    user_id, user_hash
        The shop's own id of the person, and the shop's signature of it, needed with a public key.
    context
        What the page is about.
    consent
        What the visitor allows now, by purpose; goes before what was said earlier.
    """

    write_key: str | None = None
    anonymous_id: str | None = None
    user_id: str | None = None
    user_hash: str | None = None
    context: AskContext = AskContext()
    consent: dict[str, bool] | None = None


class DecideBody(Asking, frozen=True, rename="camel", kw_only=True):
    """Body of ``POST /v1/decide``.

    Parameters
    ----------
    placements
        What is asked, in the order of the page.
    distinct
        Whether a placement leaves out what an earlier one of the same call shows.
    """

    placements: tuple[PlacementAsk, ...]
    distinct: bool = True


class RecommendBody(Asking, frozen=True, rename="camel", kw_only=True):
    """Body of ``POST /v1/recommend``."""

    placement: str
    limit: int | None = None


class PriceRange(Struct, frozen=True, rename="camel"):
    """Prices in effect, in major units of the market's currency, both ends included."""

    min: float | None = None
    max: float | None = None


class ListFilters(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What a listing is narrowed to; values of one kind are alternatives, kinds are joined by *and*."""

    brand: tuple[str, ...] = ()
    color: tuple[str, ...] = ()
    size: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    price: PriceRange | None = None
    on_sale: bool = False
    in_stock: bool = True
    attributes: dict[str, tuple[str, ...]] = field(default_factory=dict)


class ListBody(Asking, frozen=True, rename="camel", kw_only=True):
    """Body of ``POST /v1/list``.

    Parameters
    ----------
    category, product_ids
        What is listed: a category and all below it, or these products; neither means all.
    filters
        What it is narrowed to.
    sort
        ``recommended``, ``newest``, ``price_asc`` or ``price_desc``.
    limit
        Items of a page.
    cursor
        ``nextCursor`` of the page before; everything else of the request is then taken from it.
    rules
        Whether the merchandiser's rules are laid over it; false to ask for facts of products.
    """

    category: str | None = None
    product_ids: tuple[str, ...] | None = None
    filters: ListFilters = field(default_factory=ListFilters)
    sort: str = "recommended"
    limit: int | None = None
    cursor: str | None = None
    rules: bool = True


class ReasonAnswer(Struct, frozen=True, rename="camel"):
    """Why an item is shown."""

    code: str
    text: str
    because: dict[str, str] | None = None


class SwatchAnswer(Struct, frozen=True, rename="camel"):
    """Another color of the same style."""

    id: str
    color: str
    image_url: str


class RatingAnswer(Struct, frozen=True, rename="camel"):
    """What buyers think: the average, of which best, of how many ratings, and in words."""

    value: str
    best: int
    count: int
    text: str


class ProofAnswer(Struct, frozen=True, rename="camel"):
    """How many different people did what (``bought``, ``viewed``) within how many days, and in words."""

    kind: str
    people: int
    days: int
    text: str


class ItemAnswer(Struct, frozen=True, rename="camel", kw_only=True):
    """A product in an answer; amounts are decimal text in major units.

    Parameters
    ----------
    price_until
        Only where the answer is read later (channels ``mail`` and ``receipt``): when a sale starts or ends
        next, null when none is known to.
    rating, proof
        As the placement's ``proof`` says; absent where nobody rated, or too few did.
    """

    id: str
    title: str
    url: str
    image_url: str
    brand: str
    category: str
    color: str
    price: str
    sale_price: str | None
    prior_price: str | None
    currency: str
    badge: str | None
    sizes: tuple[str, ...]
    swatches: tuple[SwatchAnswer, ...]
    reason: ReasonAnswer
    price_until: str | None = None
    rating: RatingAnswer | None = None
    proof: ProofAnswer | None = None


class ExperimentAnswer(Struct, frozen=True, rename="camel"):
    """The experiment that the asker takes part in, and their arm."""

    name: str
    arm: str


class DecisionAnswer(Struct, frozen=True, rename="camel", kw_only=True):
    """Answer of ``POST /v1/recommend``; `experiment` is null for those who take no part."""

    decision_id: str
    placement: str
    title: str
    items: tuple[ItemAnswer, ...]
    experiment: ExperimentAnswer | None
    model: str
    template: str | None = None
    explain: dict[str, object] | None = None


class DecideAnswer(Struct, frozen=True, rename="camel"):
    """Answer of ``POST /v1/decide``, in the order of the request."""

    decisions: tuple[DecisionAnswer, ...]


class FacetValue(Struct, frozen=True, rename="camel"):
    """One value that the listing could be narrowed to, and how many products that would leave."""

    value: str
    count: int


class PriceFacet(Struct, frozen=True):
    """The lowest and the highest price in effect, as decimal text."""

    min: str
    max: str

    @classmethod
    def of(cls, low: int, high: int, currency: str) -> PriceFacet:
        """Return the facet of two amounts in minor units."""
        return cls(format_minor(low, currency), format_minor(high, currency))


class PriceStep(Struct, frozen=True, omit_defaults=False):
    """A range of prices in effect, both ends included, as decimal text; null is without an end."""

    min: str | None
    max: str | None
    count: int

    @classmethod
    def of(cls, low: int | None, high: int | None, count: int, currency: str) -> PriceStep:
        """Return the range between two amounts in minor units."""
        ends = [None if end is None else format_minor(end, currency) for end in (low, high)]
        return cls(ends[0], ends[1], count)


class Facets(Struct, frozen=True, rename="camel", omit_defaults=False):
    """What a listing could be narrowed to: each count is of products that all *other* filters leave.

    Parameters
    ----------
    brand, color, category, size, attributes
        Values with their counts, the most first.
    price, prices
        The lowest and the highest price, and ranges that hold about as many products each.
    on_sale, in_stock
        How many are reduced, and how many are there.
    """

    brand: tuple[FacetValue, ...]
    color: tuple[FacetValue, ...]
    category: tuple[FacetValue, ...]
    size: tuple[FacetValue, ...]
    price: PriceFacet | None
    on_sale: int
    prices: tuple[PriceStep, ...] = ()
    attributes: dict[str, tuple[FacetValue, ...]] = field(default_factory=dict)
    in_stock: int = 0


class ListAnswer(Struct, frozen=True, rename="camel", kw_only=True):
    """Answer of ``POST /v1/list``; `facets` come with the first page."""

    decision_id: str
    title: str
    total: int
    items: tuple[ItemAnswer, ...]
    facets: Facets | None
    next_cursor: str | None
    experiment: ExperimentAnswer | None
    model: str
    explain: dict[str, object] | None = None


def check_asking(asking: Asking) -> None:
    """Complain about a value that is too long, or of a purpose that nobody knows."""
    check_context(asking.context, "context")
    for name in ("anonymous_id", "user_id", "user_hash", "write_key"):
        if len(getattr(asking, name) or "") > LONGEST_TEXT:
            raise InvalidInput(_camel(name), f"is longer than {LONGEST_TEXT} characters")


def check_context(context: AskContext, field: str) -> None:
    """Complain about a list or text of `context` that is too long."""
    for name in ("product_ids", "cart", "session_products"):
        ids = getattr(context, name)
        if ids is not None and len(ids) > MOST_IDS:
            raise InvalidInput(f"{field}.{_camel(name)}", f"holds more than {MOST_IDS} products")
    for name in ("category", "query", "cart_value", "country", "region", "postal_code", "store"):
        if len(getattr(context, name) or "") > LONGEST_TEXT:
            raise InvalidInput(f"{field}.{_camel(name)}", f"is longer than {LONGEST_TEXT} characters")


def check_limit(limit: int | None, field: str) -> None:
    """Complain about a limit that is no count of items."""
    if limit is not None and not 1 <= limit <= MOST_ITEMS:
        raise InvalidInput(field, f"must be 1 … {MOST_ITEMS}")


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
