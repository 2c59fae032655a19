"""Whatever comes in, the parser answers with an event or with a named complaint."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from expedit.core import InvalidInput
from expedit.events import pack_event, unpack_event
from expedit.tracking.calls import call_of, decode_batch, decode_call
from expedit.tracking.mapping import draft_of
from expedit.tracking.names import KINDS_BY_NAME
from tests.tracking.intakes import intake

texts = st.text(max_size=12) | st.sampled_from(
    ["SEK", "1499,00", "19.99", "a@b.se", "granted", "2026-11-22", "\0"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
fields = st.sampled_from(
    "product_id sku item_id quantity price currency products items order_id transaction_id value tax "
    "shipping revenue total coupon url referrer query search_term email phone market decisionId placement "
    "category variant index position ecommerce name item_category loyalty_id payment_ref consent".split()
)
properties = st.dictionaries(
    fields | texts, values | st.lists(st.dictionaries(fields, values, max_size=4)), max_size=6
)
calls = st.fixed_dictionaries(
    {"type": st.sampled_from(["track", "identify", "page", "screen", "alias", "group"]) | values},
    optional={
        "event": st.sampled_from(sorted(KINDS_BY_NAME)) | values,
        "properties": properties | values,
        "traits": properties | values,
        "context": st.dictionaries(
            st.sampled_from("page campaign traits consent app locale market channel userHash".split()),
            values | properties,
            max_size=4,
        )
        | values,
        **dict.fromkeys(
            (
                "messageId anonymousId userId previousId groupId timestamp sentAt receivedAt "
                "originalTimestamp name category channel userHash"
            ).split(),
            values,
        ),
    },
)


def read(body: bytes) -> None:
    try:
        draft = draft_of(decode_call(body, 32_768), intake())
    except InvalidInput as error:
        assert error.reason
        return
    assert unpack_event(pack_event(draft.event)) == draft.event
    assert len(draft.event.message_id) <= 200


@settings(max_examples=400, deadline=None)
@given(calls)
def test_any_call(call: dict[str, Any]) -> None:
    read(json.dumps(call).encode())


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet='{}[]":,\\u0dtrfnle1-."', max_size=60).map(str.encode))
def test_any_bytes(body: bytes) -> None:
    read(body)
    try:
        decode_batch(body, 10)
    except InvalidInput as error:
        assert error.reason


def test_deep_nesting_is_a_complaint() -> None:
    for opening in (b"[" * 30_000, b'{"a":' * 6_000, b'{"properties":' + b"[" * 20_000):
        read(opening)


@settings(max_examples=100, deadline=None)
@given(calls)
def test_a_plain_dict_reads_like_its_json(call: dict[str, Any]) -> None:
    body = json.dumps(call).encode()
    try:
        expected = decode_call(body, 100_000)
    except InvalidInput as error:
        expected = error.field
    try:
        found = call_of(call)
    except InvalidInput as error:
        found = error.field
    assert found == expected
