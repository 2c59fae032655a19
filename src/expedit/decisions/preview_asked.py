"""Whom a preview's form asks for, and how it is told who was found."""

from __future__ import annotations

from collections.abc import Mapping

from expedit.audiences import audience_choices
from expedit.catalog import named_products
from expedit.decisions.preview_who import Example, Stand
from expedit.storage import Shop
from expedit.web import text

_LONGEST = 200


def asked_for(asked: Mapping[str, str]) -> tuple[str, str]:
    """Return one of `preview_who.WHO`, and for ``person`` and ``audience`` their id, as a form sends them."""
    who = asked.get("p_who", "")
    key = asked.get("p_audience" if who == "audience" else "p_person", "")
    return who, key.strip()[:_LONGEST]


def told_stand(shop: Shop, language: str, stand: Stand) -> str:
    """Return who asks and how they are answered, in words."""
    standing = text(language, f"decisions.rules.standing_{stand.standing}")
    if stand.example is None:
        return standing
    example = _told_example(shop, language, stand.example)
    personalized = stand.standing in {"personalized", "returning"}
    return example if personalized else f"{example} {standing}"


def told_nobody(shop: Shop, language: str, who: str) -> str:
    """Return why there is nobody to ask."""
    if who != "audience":
        return text(language, "decisions.preview.nobody")
    return text(language, "decisions.preview.nobody_in" if audience_choices(shop) else "audiences.who.none")


def _told_example(shop: Shop, language: str, example: Example) -> str:
    if example.among:
        return text(language, "decisions.rules.example", n=example.among)
    if not example.bought:
        return text(language, "decisions.rules.made_up")
    named = named_products(shop, (example.bought,), language)
    title = named[0].label if named else example.bought
    return text(language, "decisions.rules.made_up_bought", product=title)
