"""Templates, and what every page of the storefront is given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from expedit.core import Struct, to_json
from expedit.demo.storefront.engine import Engine
from expedit.demo.storefront.goods import FORMATS, Goods
from expedit.demo.storefront.texts import words_of
from expedit.demo.storefront.views import FREE_FREIGHT, MARKETS, Views, languages
from expedit.demo.storefront.visits import Visit

_HERE = Path(__file__).parent


class Place(Struct, frozen=True):
    """Where a request comes from.

    Parameters
    ----------
    key
        The storefront's cookie.
    visitor
        expedit's visitor id, which the shop's server may read as it is first-party; empty without consent.
    path
        The address asked for.
    """

    key: str
    visitor: str
    path: str


class Pages:
    """Renders pages.

    Parameters
    ----------
    goods, engine
        What the shop sells, and how it speaks with expedit.
    write_key
        The public key in the pages.
    """

    def __init__(self, goods: Goods, engine: Engine, write_key: str) -> None:
        self.goods = goods
        self.engine = engine
        self._write_key = write_key
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def views(self, locale: str, visit: Visit, now: int) -> Views:
        """Return the shop's goods as `visit` sees them."""
        return Views(self.goods, words_of(locale), locale, visit, now)

    def fragment(self, template: str, views: Views, **values: Any) -> str:
        """Render a part of a page."""
        return self._templates.get_template(template).render(t=views.words, locale=views.locale, **values)

    def page(self, template: str, views: Views, place: Place, title: str, **values: Any) -> str:
        """Render a whole page.

        Parameters
        ----------
        template
            Name of the template.
        views
            The visitor's view of the goods.
        place
            Where the request comes from.
        title
            Title of the page.
        values
            What the template needs beside; ``events`` is what the page tells the data layer.
        """
        locale, visit = views.locale, views.visit
        events = [*visit.events, *values.pop("events", [])]
        current = values.pop("current", ())
        return self._templates.get_template(template).render(
            t=views.words,
            locale=locale,
            market=MARKETS[locale],
            title=title,
            menu=views.children((), current),
            languages=languages(place.path),
            cart_count=sum(visit.cart.values()),
            consent=visit.consent,
            write_key=self._write_key,
            free_freight=views.money(FREE_FREIGHT[views.market.code]),
            page_json=self._page_json(views, events),
            **values,
        )

    def _page_json(self, views: Views, events: list[Any]) -> Markup:
        visit, words = views.visit, views.words
        user = visit.user
        content = {
            "events": events,
            "likes": visit.likes,
            "consent": visit.consent,
            "format": FORMATS[views.locale].replace("_", "-"),
            "user": None
            if user is None
            else {"id": user.id, "email": user.email, "name": user.name, "hash": self.engine.sign(user.id)},
            "words": {
                "added": words["added"],
                "toCart": words["to_cart"],
                "like": words["like"],
                "prior": words["prior"],
                "why": words["why"],
                "isNew": words["new_badge"],
                "forgetAsk": words["forget_ask"],
            },
        }
        # Inside a script element only "</" could end it.
        return Markup(to_json(content).decode().replace("</", "<\\/"))  # noqa: S704
