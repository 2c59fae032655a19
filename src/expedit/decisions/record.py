"""What the log keeps of a decision."""

from __future__ import annotations

from expedit.core import Struct
from expedit.merchandising import UNKNOWN_ARRIVAL, Arrival


class LoggedItem(Struct, frozen=True, array_like=True, gc=False):
    """One item as it was shown (or could have been).

    Parameters
    ----------
    product
        Product id.
    strategy, reason
        Which strategy gave it and the code of the sentence shown.
    because
        Id of the product it was there for, or empty.
    score
        Its score.
    propensity
        Probability that it stood where it stood.
    """

    product: str
    strategy: str
    reason: str
    because: str = ""
    score: float = 0.0
    propensity: float = 1.0


class LoggedInputs(Struct, frozen=True, array_like=True, gc=False):
    """What the decision rested on, apart from catalog and model.

    Parameters
    ----------
    products, cart, session
        Ids of the page's products, of the cart's and of those seen in the session, oldest first.
    category
        Path of the page's category.
    query
        Search text of the page.
    cart_value
        What the cart was taken to be worth, in minor units of the market's currency; -1 where it did not
        matter.
    taken
        Ids of the products that stood further up on the page, which this placement does not repeat.
    place
        Scopes of the place where the visitor roughly was, as ``country:SE``, where the placement asked.
    arrival
        How the visit began.
    """

    products: tuple[str, ...] = ()
    cart: tuple[str, ...] = ()
    session: tuple[str, ...] = ()
    category: str = ""
    query: str = ""
    cart_value: int = -1
    taken: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    arrival: Arrival = UNKNOWN_ARRIVAL


class LoggedDecision(Struct, frozen=True, array_like=True, gc=False):
    """One decision, as it is kept for ever (or until its subject is erased).

    Parameters
    ----------
    id, at
        Its id, and the moment that the id begins with, in microseconds.
    placement
        Name of the placement; ``list`` for a listing.
    subject
        Subject id of who asked; empty without consent to personalization.
    experiment, arm
        The exposure: which experiment, which arm; both empty for those who take no part.
    personal, explored
        Whether the profile shaped the answer, and whether chance shuffled the tail.
    market, channel, locale, source
        Where, through what, in which language, and through which source's key.
    model, catalog
        Version of the model and of the catalog.
    limit, considered
        Items asked for, candidates looked at.
    items
        What was shown, in order.
    inputs
        What it rested on.
    candidates, removed
        Eligible candidates that were not shown, and (product, reason) of those left out; kept for a share of
        decisions and for those that were asked to explain themselves.
    full
        Whether `candidates` and `removed` were kept.
    recipe
        Fingerprint of the placement's definition and of the share that explores; empty in older logs.
    rules
        Fingerprint of the rules in force; empty when there were none.
    measured, off, among
        The rule over which a coin was thrown, whether it was left out, and how many rules it was drawn from;
        empty, False and 0 when none was.
    share
        Of how many decisions one is measured; 0 when this one was not.
    continues
        Of a later page of a listing the id of the first page's decision, whose coin is that of all pages.
    """

    id: str
    at: int
    placement: str
    subject: str = ""
    experiment: str = ""
    arm: str = ""
    personal: bool = False
    explored: bool = False
    market: str = ""
    channel: str = "web"
    locale: str = ""
    source: str = ""
    model: str = ""
    catalog: int = 0
    limit: int = 0
    considered: int = 0
    items: tuple[LoggedItem, ...] = ()
    inputs: LoggedInputs = LoggedInputs()
    candidates: tuple[LoggedItem, ...] = ()
    removed: tuple[tuple[str, str], ...] = ()
    full: bool = False
    recipe: str = ""
    rules: str = ""
    measured: str = ""
    off: bool = False
    among: int = 0
    share: float = 0.0
    continues: str = ""

    @property
    def stands_for(self) -> float:
        """Return of how many decisions in which the measured rule held this one is the one that was drawn."""
        return self.among / self.share if self.share else 0.0
