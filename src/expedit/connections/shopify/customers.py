"""From Shopify's customers to calls: who they are, and what they answered about marketing. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from expedit.connections.shopify.bodies import Customer, Marketing, id_of, moment_of
from expedit.core import format_time
from expedit.tracking import Call, call_of

_SUBSCRIBED = "subscribed"
_REFUSED = frozenset({"unsubscribed", "redacted", "invalid"})


def calls_of(customer: Customer) -> list[Call]:
    """Return the calls that a customer means: who it is, and an answer for each channel.

    Notes
    -----
    An answer counts from its own moment (``consent_updated_at``), whatever else changed later. Shopify's
    ``pending`` (double opt-in not confirmed yet) and ``not_subscribed`` are no consent; where nobody ever
    answered they are no answer either.
    """
    user = id_of(customer.id)
    updated = customer.updated_at or customer.created_at
    at = moment_of(updated, "updated_at")
    ids = {"userId": user}
    named = {name: value for name, value in (("email", customer.email), ("phone", customer.phone)) if value}
    traits: dict[str, Any] = {**named}
    if customer.first_name:
        traits["firstName"] = customer.first_name
    if customer.last_name:
        traits["lastName"] = customer.last_name
    if customer.default_address and customer.default_address.country_code:
        traits["country"] = customer.default_address.country_code
    if tags := _tags(customer.tags):
        traits["tags"] = tags
    calls = [
        call_of(
            {
                "type": "identify",
                "messageId": f"customer:{user}:{at}",
                "timestamp": format_time(at),
                **ids,
                "traits": traits,
            }
        )
    ]
    for purpose, granted, said in _answers(customer, at):
        calls.append(
            call_of(
                {
                    "type": "track",
                    "event": "consent",
                    "messageId": f"consent:{user}:{purpose}:{said}:{int(granted)}",
                    "timestamp": format_time(said),
                    **ids,
                    "properties": {"purposes": {purpose: granted}},
                    "context": {"traits": named},
                }
            )
        )
    return calls


def _answers(customer: Customer, at: int) -> Iterator[tuple[str, bool, int]]:
    """Give (purpose, yes or no, when it was said)."""
    email = customer.email_marketing_consent
    if email is None and customer.accepts_marketing is not None:  # before API version 2022-04
        said = customer.accepts_marketing_updated_at
        if said or customer.accepts_marketing:
            email = Marketing(_SUBSCRIBED if customer.accepts_marketing else "unsubscribed", said)
    for purpose, answer in (("email", email), ("sms", customer.sms_marketing_consent)):
        if answer is None or not answer.state:
            continue
        state = answer.state.lower()
        if state != _SUBSCRIBED and state not in _REFUSED and not answer.consent_updated_at:
            continue
        when = answer.consent_updated_at
        said_at = moment_of(when, f"{purpose}_marketing_consent.consent_updated_at") if when else at
        yield purpose, state == _SUBSCRIBED, said_at


def _tags(given: str | list[str] | None) -> list[str]:
    parts = given.split(",") if isinstance(given, str) else given or []
    return sorted({part.strip()[:100] for part in parts if part.strip()})[:50]
