"""Asking a placement from the shop's own command line, without a key and without HTTP."""

from __future__ import annotations

from typing import Any

from expedit.access import Caller
from expedit.core import from_json, to_json
from expedit.decisions.answers import write_decision
from expedit.decisions.askers import find_asker
from expedit.decisions.desk import desk
from expedit.decisions.wire import RecommendBody, check_asking, check_limit
from expedit.storage import Shop


def recommend(shop: Shop, request: dict[str, Any]) -> dict[str, Any]:
    """Answer one placement, as ``POST /v1/recommend`` would answer the holder of every scope.

    Parameters
    ----------
    request
        Body of the request; fields that are None are left out.

    Raises
    ------
    InvalidInput
        Naming the field that does not fit.
    NotFound
        When there is no such placement.
    """
    body = from_json(to_json(request), RecommendBody)
    check_asking(body)
    check_limit(body.limit, "limit")
    at_desk = desk(shop)
    asker = find_asker(shop, Caller(None, frozenset({"admin"})), body, "")
    placement = at_desk.placement(body.placement, "placement")
    decision = at_desk.decide(placement, asker, body.context, limit=body.limit)
    return from_json(write_decision(decision), dict[str, Any])
