"""Whatever is sent by the letter of the OpenAPI document, by whomever: the server answers rightly."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from tests.app.houses import House, Site, catalog

pytestmark = pytest.mark.slow

EXAMPLES = int(os.environ.get("EXPEDIT_FUZZ_EXAMPLES", "25"))
"""Requests for each operation with the shop's key; raise it for a long search."""

WHO = {"a stranger": EXAMPLES // 5, "a page": EXAMPLES // 2, "the shop": EXAMPLES}
"""Who asks, and how often each operation: without the shop's key most are refused before they are read."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    house = House.make(tmp_path_factory.mktemp("fuzz") / "home")
    house.done("import", "catalog", house.write("catalog", catalog()))
    house.done("build", "--tune-seconds", "0")
    with house.serving() as site:
        yield site


def operations(site: Site) -> list[schemathesis.APIOperation]:
    schema = schemathesis.openapi.from_url(f"http://127.0.0.1:{site.port}/v1/schema/openapi.json")
    found = [one.ok() for one in schema.get_all_operations()]
    assert len(found) > 20
    return found


@pytest.mark.parametrize("who", WHO)
def test_every_operation_holds(who: str, site: Site) -> None:
    key = {"a stranger": None, "a page": site.house.web, "the shop": site.house.secret}[who]
    headers = {"authorization": f"Bearer {key}"} if key else {}
    for operation in operations(site):

        @settings(max_examples=WHO[who], deadline=None, suppress_health_check=list(HealthCheck))
        @given(operation.as_strategy())
        def hold(case: schemathesis.Case) -> None:
            case.call_and_validate(headers=headers, checks=[not_a_server_error, response_schema_conformance])

        hold()
