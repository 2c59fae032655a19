"""How a visit began, read from its first address and what led there; and that nothing personal is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expedit.merchandising.arrivals import KINDS, UNKNOWN, Arrival, arrival

SHOP = "https://shop.example"


@pytest.mark.parametrize(
    ("path", "referrer", "expected"),
    [
        ("/", "", Arrival("direct")),
        ("/sv/", "", Arrival("direct")),
        ("/en-GB", "", Arrival("direct")),
        ("/sv/p/parka", "", Arrival("bookmark")),
        ("/sv/c/jackor", "https://www.google.se/", Arrival("search", "google")),
        ("/", "https://www.google.co.uk/search?q=varm+parka", Arrival("search", "google", "", "varm parka")),
        ("/", "https://duckduckgo.com/?q=Dun", Arrival("search", "duckduckgo", "", "dun")),
        ("/", "https://se.search.yahoo.com/search?p=ull", Arrival("search", "yahoo", "", "ull")),
        ("/?utm_source=bing&utm_medium=organic", "", Arrival("search", "bing")),
        ("/?gclid=abc&utm_campaign=Host&utm_term=Skaljacka", "https://www.google.se/",
         Arrival("ad", "google", "host", "skaljacka")),
        ("/?utm_source=meta&utm_medium=paid_social&utm_campaign=dun", "https://l.facebook.com/",
         Arrival("ad", "meta", "dun")),
        ("/?msclkid=1", "", Arrival("ad", "bing")),
        ("/?utm_source=brev&utm_medium=email&utm_campaign=v47", "", Arrival("mail", "brev", "v47")),
        ("/?mc_eid=123", "", Arrival("mail")),
        ("/p/1", "https://mail.google.com/", Arrival("mail")),
        ("/p/1?fbclid=x", "", Arrival("social", "facebook")),
        ("/p/1", "https://l.instagram.com/", Arrival("social", "instagram")),
        ("/p/1", "https://t.co/abc", Arrival("social", "x")),
        ("/p/1", "https://www.blogg.example/tips", Arrival("link", "blogg.example")),
        ("/?utm_source=qr&utm_campaign=butik", "", Arrival("link", "qr", "butik")),
        ("/p/1", f"{SHOP}/c/jackor", UNKNOWN),
        ("/p/1", "not an address", Arrival("bookmark")),
        ("/", "https://googleplex-fans.example/", Arrival("link", "googleplex-fans.example")),
    ],
)  # fmt: skip
def test_every_way_in(path: str, referrer: str, expected: Arrival) -> None:
    assert arrival(SHOP + path, referrer) == expected


def test_nothing_is_known_of_no_address() -> None:
    assert arrival("", "https://www.google.se/") == UNKNOWN
    assert arrival("http://[", "http://[") == Arrival("direct")


@pytest.mark.parametrize("words", ["eva@example.com", "0701234567", "x" * 81, "order 123456"])
def test_what_could_name_a_person_is_not_kept(words: str) -> None:
    found = arrival(f"{SHOP}/?utm_medium=email&utm_source={words}&utm_campaign={words}", "")
    assert found == Arrival("mail")
    assert arrival(f"{SHOP}/", f"https://www.google.se/search?q={words}") == Arrival("search", "google")


@given(address=st.text(max_size=60), referrer=st.text(max_size=60), query=st.text(max_size=40))
def test_it_never_fails_and_keeps_little(address: str, referrer: str, query: str) -> None:
    for one in (address, f"{SHOP}/{address}?{query}"):
        found = arrival(one, referrer)
        assert found.kind in {*KINDS, ""}
        assert all(
            len(value) <= 80 and "@" not in value for value in (found.source, found.campaign, found.phrase)
        )
