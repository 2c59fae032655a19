"""Keys and sources on the command line."""

import re

import pytest

from expedit.access import keys, user_hash
from expedit.core import NoKey
from expedit.storage import open_shop
from tests.app.houses import run


@pytest.fixture
def opened(house):
    shop = open_shop(house.root)
    yield shop
    shop.close()


def test_a_key_is_made_listed_and_revoked(house, opened):
    made = house.done("keys", "add", "night export", "--scope", "people:read", "--scope", "decide")
    secret = made.out.strip()
    assert re.fullmatch(r"sk_[\w-]{32}", secret)
    assert keys(opened).caller(f"Bearer {secret}").scopes == {"people:read", "decide"}
    listed = house.done("keys", "list", "--json").json["api_keys"]
    assert [key["name"] for key in listed] == ["first key", "night export"]
    assert secret not in str(listed)
    (mine,) = [key for key in listed if key["name"] == "night export"]
    assert mine["scopes"] == ["people:read", "decide"]
    assert mine["id"] in house.done("keys", "revoke", mine["id"]).out
    assert [key["name"] for key in house.done("keys", "list", "--json").json["api_keys"]] == ["first key"]
    fresh = open_shop(house.root)
    with pytest.raises(NoKey):
        keys(fresh).caller(f"Bearer {secret}")
    fresh.close()


def test_a_scope_that_there_is_not_is_named(house):
    ran = house.run("keys", "add", "x", "--scope", "everything")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("error InvalidInput: scopes: choose from track, decide, people:read")


def test_revoking_what_is_not_there(house):
    ran = house.run("keys", "revoke", "nothing")
    assert (ran.code, ran.err) == (1, "error NotFound: no key has the id 'nothing'\n")


def test_a_source_is_added_with_the_consent_of_its_kind(house):
    ran = house.done("keys", "add-source", "shop-are", "--kind", "till", "--basis", "contract")
    write_key = ran.out.strip()
    assert re.fullmatch(r"wk_[\w-]{32}", write_key)
    (added,) = [
        source
        for source in house.done("keys", "list", "--json").json["sources"]
        if source["id"] == "shop-are"
    ]
    assert added == {
        "id": "shop-are", "kind": "till", "write_key": "", "consent": {"analytics": True},
        "legal_basis": "contract",
    }  # fmt: skip
    ran = house.run("keys", "add-source", "shop-are")
    assert (ran.code, ran.err) == (1, "error Conflict: a source 'shop-are' exists already\n")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("x", "--kind", "fax"), "error InvalidInput: --kind: choose from browser, server, app"),
        (("x", "--basis", "hope"), "error InvalidInput: --basis: choose from consent, contract"),
        (("två ord",), "error InvalidInput: id: 'två ord' may hold letters"),
    ],
)
def test_a_source_that_cannot_be(house, given, message):
    ran = house.run("keys", "add-source", *given)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(message)


def test_the_signing_secret_can_be_shown_again(house, opened):
    assert house.done("keys", "signing-secret").out.strip() == house.keys["signing_secret"]
    assert user_hash(opened, "u") == user_hash(opened, "u")


@pytest.mark.parametrize("columns", ["60", "200"])
def test_the_table_shows_the_public_write_key_whole_and_no_secret_one(house, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    ran = run("keys", "list", "--home", house.root)
    assert ran.code == 0
    assert house.web in ran.out
    assert house.server not in ran.out
    assert house.secret not in ran.out
