"""Keys, scopes and signatures."""

import base64
import hashlib
import hmac

import pytest

from expedit.access import Source, check_user_hash, keys, signing_secret, user_hash
from expedit.core import Conflict, InvalidInput, NoKey, NotAllowed, NotFound, evolve
from expedit.storage import Shop

WEB = Source("web", "browser", "wk_web", {}, "consent")
TILL = Source("till", "till", "wk_till", {"analytics": True}, "contract")


def basic(user: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:".encode()).decode()


def test_a_write_key_tells_the_source_in_three_ways(shop: Shop) -> None:
    keys(shop).add_source(WEB)
    keys(shop).add_source(TILL)
    assert keys(shop).caller(basic("wk_web")).source == WEB
    assert keys(shop).caller("Bearer wk_till").source == evolve(TILL, write_key="")
    caller = keys(shop).caller("", "wk_web")
    assert (caller.source, caller.trusted) == (WEB, False)
    assert keys(shop).caller("", "wk_till").trusted


@pytest.mark.parametrize("authorization", ["", "Bearer wk_none", basic("wk_none"), "Basic %%%", "Basic /w=="])
def test_an_unknown_key_is_refused(sqlite_shop: Shop, authorization: str) -> None:
    with pytest.raises(NoKey):
        keys(sqlite_shop).caller(authorization)


def test_a_secret_key_has_its_scopes_only(shop: Shop) -> None:
    secret = keys(shop).add_api_key("staff", ("people:read",))
    caller = keys(shop).caller(f"Bearer {secret}")
    caller.need("people:read")
    with pytest.raises(NotAllowed, match="people:write"):
        caller.need("people:write")
    every = keys(shop).caller(f"Bearer {keys(shop).add_api_key('boss', ('admin',))}")
    every.need("people:write")


def test_secrets_are_kept_as_digests_and_can_be_revoked(shop: Shop) -> None:
    secret = keys(shop).add_api_key("staff", ("decide",))
    (row,) = shop.database.read_rows("SELECT digest, name FROM api_keys")
    assert secret not in row
    (key,) = keys(shop).api_keys()
    assert (key.name, key.scopes) == ("staff", ("decide",))
    keys(shop).revoke_api_key(key.id)
    with pytest.raises(NoKey):
        keys(shop).caller(f"Bearer {secret}")
    with pytest.raises(NotFound):
        keys(shop).revoke_api_key(key.id)


def test_bad_sources_and_scopes_are_refused(sqlite_shop: Shop) -> None:
    keys(sqlite_shop).add_source(WEB)
    with pytest.raises(Conflict):
        keys(sqlite_shop).add_source(WEB)
    with pytest.raises(InvalidInput, match="id"):
        keys(sqlite_shop).add_source(Source("a b", "browser", "x", {}, "consent"))
    with pytest.raises(InvalidInput, match="consent"):
        keys(sqlite_shop).add_source(Source("a", "browser", "x", {"profiling": True}, "consent"))
    with pytest.raises(InvalidInput, match="scopes"):
        keys(sqlite_shop).add_api_key("none", ())
    with pytest.raises(NotFound, match="known are: web"):
        keys(sqlite_shop).source("wbe")


def test_a_user_id_is_signed_by_the_shop(sqlite_shop: Shop) -> None:
    signature = hmac.new(signing_secret(sqlite_shop).encode(), b"kund-7", hashlib.sha256).hexdigest()
    assert user_hash(sqlite_shop, "kund-7") == signature
    check_user_hash(sqlite_shop, "kund-7", signature.upper())
    for wrong in ("", "0" * 64, user_hash(sqlite_shop, "kund-8")):
        with pytest.raises(NotAllowed):
            check_user_hash(sqlite_shop, "kund-7", wrong)
