"""Logs: structured, with the id of the request, and without anything personal."""

import json
import re

import pytest

from expedit.operations import without_personal
from tests.app.houses import CONSENT

SECRETS = {
    "anna.svensson+shop@example.se": "[email]",
    "203.0.113.77": "[address]",
    "2001:db8:85a3::8a2e:370:7334": "[address]",
    "+46 70 123 45 67": "[phone]",
    "070-123 45 67": "[phone]",
    "0701234567": "[phone]",
    "wk_9f8a7b6c5d4e3f2a1b0c": "[key]",
    "sk_9f8a7b6c5d4e3f2a1b0c": "[key]",
}


@pytest.mark.parametrize(("secret", "instead"), SECRETS.items())
def test_what_is_personal_is_cut_out(secret, instead):
    assert without_personal(f"order of {secret} failed") == f"order of {instead} failed"


def test_passwords_and_bearers_are_cut_out():
    assert without_personal("postgresql://expedit:hunter2@db/x") == "postgresql://expedit:[password]@db/x"
    assert without_personal("Authorization: Bearer abc.def-123") == "Authorization: Bearer [key]"


@pytest.mark.parametrize(
    "plain",
    [
        "2026-11-22T20:19:39.899196Z",
        "model 20261122T203045-92f29c serves",
        "expedit 0.1.0, Python 3.11.7",
        "12:30:45",
        "port 45445 cannot be used",
        "/srv/expedit/log/events/date=2026-11-22/019388f0c0a07000.parquet",
        "0.0123456789 seconds",
    ],
)
def test_what_is_not_personal_stays(plain):
    assert without_personal(plain) == plain


@pytest.mark.slow
def test_no_traffic_leaves_anything_personal_in_the_log(stocked, monkeypatch):
    monkeypatch.setenv("EXPEDIT_LOG_LEVEL", "debug")
    monkeypatch.setenv("EXPEDIT_ACCESS_LOG", "true")
    monkeypatch.setenv("EXPEDIT_LOG_FORMAT", "json")
    with stocked.serving() as site:
        who = {"userId": "kund-4711", "anonymousId": "device-of-anna"}
        context = {"consent": CONSENT, "ip": "203.0.113.77"}
        traits = {"email": "anna.svensson@example.se", "phone": "+46701234567", "name": "Anna Svensson"}
        calls = [
            ("/v1/identify", {**who, "traits": traits, "context": context}),
            ("/v1/track", {**who, "event": "Order Completed", "context": context, "properties": {
                "order_id": "o-77", "email": "anna.svensson@example.se", "products": "not a list"}}),
            ("/v1/batch", {"batch": [{"type": "track", **who, "event": "Product Viewed", "context": context,
                                      "properties": {"product_id": "p3"}}, {"type": "nonsense"}]}),
        ]  # fmt: skip
        for path, body in calls:
            site.client.post(
                path,
                json=body,
                headers={
                    "Authorization": f"Bearer {stocked.server}",
                    "X-Forwarded-For": "203.0.113.77",
                    "X-Request-Id": "traced-77",
                },
            )
        for path in (
            "/v1/people/email/anna.svensson@example.se",
            "/v1/people/user_id/kund-4711",
            "/v1/people/email/anna.svensson@example.se?phone=%2B46701234567",
            "/panel/people?email=anna.svensson@example.se",
        ):
            site.get(path, stocked.secret)
        site.client.post(
            "/v1/track",
            content=b"{anna.svensson@example.se",
            headers={"Authorization": "Bearer wk_0123456789abcdef"},
        )
        said = site.log.read_text()
    for secret in ("anna", "Anna", "203.0.113.77", "0701234567", "46701234567", "kund-4711", "o-77",
                   stocked.server, stocked.secret, stocked.web):  # fmt: skip
        assert secret not in said, secret
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    requests = [line for line in lines if line["event"] == "request"]
    assert {line["request_id"] for line in requests if line["route"] == "/v1/track"} >= {"traced-77"}
    assert {line["route"] for line in requests} >= {"/v1/identify", "/v1/batch", "/v1/people/{kind}/{value}"}
    assert all(re.fullmatch(r"[\w-]+", line["request_id"]) for line in requests)
    assert all(isinstance(line["ms"], float) and line["status"] for line in requests)
    assert all({"level", "timestamp"} <= set(line) for line in lines)
