"""Fetching reaches the open internet and nothing else, whatever an address is spelled like."""

from __future__ import annotations

import gzip
import ipaddress
import socket
import threading
import time
import zlib
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expedit.connections.addresses import (
    FetchFailed,
    FetchRefused,
    check_url,
    is_public,
    resolve,
    shown_url,
    unwrapped,
)
from expedit.connections.fetching import Fetcher, FetchRules, retry_after, rules_of
from expedit.core import Settings, TooLarge
from tests.support.small_server import Asked, Reply, small_server

LOCAL = FetchRules(allowed=("127.0.0.1",))


def fetcher(**changes: Any) -> Fetcher:
    return Fetcher(FetchRules(allowed=("127.0.0.1",), **changes))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://LOCALHOST./",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://0x7f.1/",
        "http://0x7f000001/",
        "http://127.1/",
        "http://0/",
        "http://0.0.0.0/",
        "http://10.1.2.3/",
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://100.64.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://[::]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[::127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[fe80::1]/",
        "http://[fc00::1]/",
        "http://[fd00:ec2::254]/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://168.63.129.16/",
        "http://１２７.０.０.１/",
        "http://127。0。0。1/",
    ],
)
def test_no_spelling_of_a_private_address_is_reached(url: str) -> None:
    with (
        Fetcher(FetchRules(connect_seconds=0.5)) as fetch,
        pytest.raises((FetchRefused, FetchFailed)) as told,
    ):
        fetch.get(url)
    assert isinstance(told.value, FetchRefused) or "is not known" in str(told.value)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://example.com/feed", "must start with http"),
        ("file:///etc/passwd", "must start with http"),
        ("gopher://example.com/", "must start with http"),
        ("javascript:alert(1)", "must start with http"),
        ("/feed.xml", "must start with http"),
        ("", "must be an http or https address"),
        ("http://", "names no host"),
        ("http://name:secret@example.com/", "carries a user name or password"),
        ("http://name@example.com/", "carries a user name or password"),
        ("http://example.com\\@127.0.0.1/", "holds characters"),
        ("http://example.com/\r\nX-Evil: 1", "holds characters"),
        ("http://[fe80::1%25lo]/", "names no host"),
        ("http://example.com:0/", "names port 0"),
        ("http://example.com:99999/", "names port 99999"),
        ("http://xn--/", "is not an address"),
    ],
)
def test_an_address_that_is_none_is_refused_with_the_reason(url: str, reason: str) -> None:
    with pytest.raises(FetchRefused) as told:
        check_url(url)
    assert reason in str(told.value)
    assert "secret" not in str(told.value)


@given(st.integers(0, 2**32 - 1), st.sampled_from(["mapped", "compatible", "6to4", "nat64", "plain"]))
def test_an_ipv4_address_is_judged_alike_in_every_ipv6_form(number: int, form: str) -> None:
    four = ipaddress.IPv4Address(number)
    six = {
        "plain": four,
        "mapped": ipaddress.IPv6Address((0xFFFF << 32) | number),
        "compatible": ipaddress.IPv6Address(number) if number > 1 else four,
        "6to4": ipaddress.IPv6Address((0x2002 << 112) | (number << 80)),
        "nat64": ipaddress.IPv6Address((0x64FF9B << 96) | number),
    }[form]
    assert unwrapped(six) == four
    assert is_public(six) == is_public(four)


@given(
    st.sampled_from(["10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "192.168.0.0/16", "172.16.0.0/12"]),
    st.data(),
)
def test_every_spelling_that_the_resolver_takes_is_refused(block: str, data: st.DataObject) -> None:
    network = ipaddress.ip_network(block)
    number = data.draw(st.integers(int(network.network_address), int(network.broadcast_address)))
    parts = ipaddress.IPv4Address(number).packed
    spelling = data.draw(
        st.sampled_from(
            [
                str(number),
                hex(number),
                f"0{number:o}",
                ".".join(f"0{part:o}" for part in parts),
                ".".join(hex(part) for part in parts),
                f"{parts[0]}.{(parts[1] << 16) | (parts[2] << 8) | parts[3]}",
                f"[::ffff:{ipaddress.IPv4Address(number)}]",
            ]
        )
    )
    with pytest.raises(FetchRefused):
        resolve(check_url(f"http://{spelling}/").host, 80)


@given(st.text(max_size=60))
def test_no_text_makes_the_check_fail_otherwise(text: str) -> None:
    for candidate in (text, f"http://{text}/", f"http://example.com/{text}"):
        try:
            url = check_url(candidate)
        except FetchRefused:
            continue
        assert url.scheme in {"http", "https"}
        assert not url.userinfo
        assert "@" not in shown_url(url).partition("//")[2].partition("/")[0]


def test_what_is_named_in_the_setting_is_reached() -> None:
    assert resolve("127.0.0.1", 80, ["127.0.0.0/8"]) == ("127.0.0.1",)
    assert "127.0.0.1" in resolve("localhost", 80, ["localhost"])
    assert rules_of(Settings(allow_private_addresses=["10.0.0.0/8"])).allowed == ("10.0.0.0/8",)
    with pytest.raises(FetchRefused):
        resolve("127.0.0.1", 80, ["10.0.0.0/8", "localhost"])


def test_a_name_that_is_named_never_leads_to_a_metadata_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("169.254.169.254", 80))])
    with pytest.raises(FetchRefused):
        resolve("feed.internal", 80, ["feed.internal"])


def test_a_name_with_one_private_address_among_public_ones_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both = [(2, 1, 6, "", ("93.184.216.34", 80)), (2, 1, 6, "", ("10.0.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(FetchRefused, match=r"10\.0\.0\.1"):
        resolve("shop.example", 80)


def test_a_name_is_resolved_once_so_that_it_cannot_change_between_check_and_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolved: list[str] = []
    connected: list[Any] = []

    def getaddrinfo(host: str, *_: Any, **__: Any) -> list[Any]:
        resolved.append(host)
        address = "93.184.216.34" if len(resolved) == 1 else "127.0.0.1"
        return [(2, 1, 6, "", (address, 80))]

    def create_connection(address: Any, *_: Any, **__: Any) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket, "create_connection", create_connection)
    with Fetcher(FetchRules()) as fetch, pytest.raises(FetchFailed):
        fetch.get("http://rebinding.example/")
    assert resolved == ["rebinding.example"]
    assert connected == [("93.184.216.34", 80)]


def test_the_body_the_headers_and_the_address_come_back() -> None:
    def answer(asked: Asked) -> Reply:
        return Reply(b"hello", headers=(("ETag", '"1"'),))

    with small_server(answer) as server, fetcher() as fetch:
        got = fetch.get(f"{server.url}/a?key=hidden", query={"page": "2"}, auth=("ck", "cs"))
    assert (got.status, got.body, got.size, got.headers["etag"]) == (200, b"hello", 5, '"1"')
    assert got.url == f"{server.url}/a"
    assert server.asked[0].query == {"key": "hidden", "page": "2"}
    assert server.asked[0].headers["authorization"] == httpx.BasicAuth("ck", "cs")._auth_header
    assert server.asked[0].headers["host"] == server.url.removeprefix("http://")


def test_a_redirect_to_a_private_address_is_refused() -> None:
    def answer(_: Asked) -> Reply:
        return Reply(status=302, headers=(("Location", "http://192.168.0.1/admin"),))

    with (
        small_server(answer) as server,
        fetcher() as fetch,
        pytest.raises(FetchRefused, match=r"192\.168\.0\.1"),
    ):
        fetch.get(server.url)
    assert len(server.asked) == 1


def test_a_redirect_to_another_host_takes_no_password_along() -> None:
    def last(_: Asked) -> Reply:
        return Reply(b"there")

    with small_server(last) as target:

        def first(_: Asked) -> Reply:
            return Reply(status=301, headers=(("Location", f"{target.url}/moved"),))

        with small_server(first) as server, fetcher() as fetch:
            got = fetch.get(server.url, auth=("ck", "cs"), headers={"Authorization": "Bearer x"})
    assert got.body == b"there"
    assert "authorization" in server.asked[0].headers
    assert "authorization" not in target.asked[0].headers


def test_a_circle_of_redirects_ends() -> None:
    def answer(_: Asked) -> Reply:
        return Reply(status=302, headers=(("Location", "/again"),))

    with small_server(answer) as server, fetcher(most_redirects=3) as fetch:
        with pytest.raises(FetchRefused, match="more than 3 times"):
            fetch.get(server.url)
        assert len(server.asked) == 4


def test_what_is_larger_than_allowed_is_not_read_to_its_end(tmp_path: Path) -> None:
    def answer(_: Asked) -> Reply:
        return Reply(b"x" * 3_000_000)

    with small_server(answer) as server, fetcher(most_packed=1_000_000) as fetch:
        with pytest.raises(TooLarge, match="larger than 1000000 bytes"):
            fetch.download(server.url, tmp_path / "feed")
        with pytest.raises(TooLarge, match="larger than 500 bytes"):
            fetch.get(server.url, most=500)


def test_a_packed_answer_is_unpacked_and_a_bomb_refused(tmp_path: Path) -> None:
    bomb = zlib.compressobj(9, wbits=31)
    packed = b"".join(bomb.compress(bytes(1 << 20)) for _ in range(64)) + bomb.flush()
    bodies = {
        "/good": gzip.compress(b"feed" * 1000),
        "/bomb": packed,
        "/broken": gzip.compress(b"feed" * 1000)[:-9],
    }

    def answer(asked: Asked) -> Reply:
        return Reply(bodies[asked.path], headers=(("Content-Encoding", "gzip"),))

    with small_server(answer) as server, fetcher() as fetch:
        assert fetch.get(f"{server.url}/good").body == b"feed" * 1000
        with pytest.raises(TooLarge, match="more than 200 times its size"):
            fetch.download(f"{server.url}/bomb", tmp_path / "feed")
        with pytest.raises(FetchFailed, match="ends too early"):
            fetch.get(f"{server.url}/broken")


def test_a_packing_that_was_not_asked_for_is_not_unpacked() -> None:
    with (
        small_server(lambda _: Reply(b"?", headers=(("Content-Encoding", "br"),))) as server,
        fetcher() as fetch,
    ):
        with pytest.raises(FetchFailed, match="'br'"):
            fetch.get(server.url)
        assert server.asked[0].headers["accept-encoding"] == "gzip"


def test_a_connection_that_is_cut_off_is_a_failure_and_not_a_short_answer() -> None:
    short = Reply(b"x" * 1000, cut=10)
    with (
        small_server(lambda _: short) as server,
        fetcher() as fetch,
        pytest.raises(FetchFailed, match="broke off"),
    ):
        fetch.get(server.url)


@pytest.mark.parametrize(
    "begin", [b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Slow: "]
)
def test_a_server_that_sends_a_byte_now_and_then_is_left_in_time(begin: bytes) -> None:
    def drip(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(begin)
            for _ in range(60):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return
                time.sleep(0.05)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=drip, args=(listening,), daemon=True)
        thread.start()
        started = time.monotonic()
        with (
            fetcher(read_seconds=1.0, total_seconds=0.4) as fetch,
            pytest.raises(FetchFailed, match="took longer"),
        ):
            fetch.get(f"http://127.0.0.1:{listening.getsockname()[1]}/")
        assert time.monotonic() - started < 2
        thread.join()


def test_statuses_are_given_back_and_leave_the_file_alone(tmp_path: Path) -> None:
    target = tmp_path / "feed"
    target.write_bytes(b"before")
    with (
        small_server(lambda _: Reply(b"slow down", 429, (("Retry-After", "7"),))) as server,
        fetcher() as fetch,
    ):
        got = fetch.download(server.url, target)
    assert (got.status, got.body, retry_after(got.headers, 0)) == (429, b"slow down", 7.0)
    assert target.read_bytes() == b"before"


def test_the_environment_names_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with small_server(lambda _: Reply(b"direct")) as server, fetcher() as fetch:
        assert fetch.get(server.url).body == b"direct"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        ("Thu, 01 Jan 1970 00:00:30 GMT", 20.0),
        ("Thu, 01 Jan 1970 00:00:01 GMT", 0.0),
        ("999999999", 86_400.0),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}, 10_000_000) == seconds


def test_what_is_shown_of_an_address_holds_no_secret() -> None:
    assert (
        shown_url("https://shop.example:8443/feed.xml?key=secret#x") == "https://shop.example:8443/feed.xml"
    )
    assert shown_url("http://[2001:db8::1]/a") == "http://[2001:db8::1]/a"
