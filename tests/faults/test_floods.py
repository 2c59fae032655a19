"""More than the server can do: ten times too much, too many clients, too slow or too long ones."""

import http.client
import socket
import statistics
import time

import pytest

from tests.app.houses import CONSENT, wait_for
from tests.faults.load import Crowd, Writer, in_turn, memory, p99

on_sqlite = pytest.mark.parametrize("standing", ["sqlite"], indirect=True)  # the database has no part in it


def mixed(writer: Writer):
    """What pages send: single events, small batches, decisions."""
    return in_turn(writer.single, writer.decide, lambda: writer.batch(20), writer.decide)


def ready(site) -> bool:
    return site.get("/readyz").status_code == 200


def test_ten_times_too_much_is_turned_away_kindly(standing, site, long, note):
    writer = Writer(standing.house.web, "flood")
    Crowd(site.port, mixed(writer), 8).send_for(3)  # warm
    seconds = 60 if long else 5
    usual = Crowd(site.port, mixed(writer), 8).send_for(8 if long else 3)
    capacity = len(usual.answered()) / (8 if long else 3)
    before = memory(site.process.pid)
    flood = Crowd(site.port, mixed(writer), 200, rate=10 * capacity).start()
    time.sleep(seconds / 2)
    in_the_middle = [site.get(path).status_code for path in ("/healthz", "/readyz")]
    time.sleep(seconds / 2)
    flood.stop()
    after = memory(site.process.pid)
    admitted, refused = flood.answered(), flood.answered(503)
    recovered = wait_for(lambda: Crowd(site.port, mixed(writer), 2).send_for(1).statuses.keys() == {200}, 30)
    calm = Crowd(site.port, mixed(writer), 8).send_for(3)
    note(
        database=standing.dialect, seconds=seconds, capacity=round(capacity),
        offered=round(10 * capacity), sent=round(len(flood.replies) / seconds),
        admitted=len(admitted), refused=len(refused),
        **{f"{kind}_p99_ms": round(p99([one for one in admitted if one.request.kind == kind]))
           for kind in ("event", "batch of 20", "decide")},
        admitted_p50_ms=round(statistics.median(one.seconds * 1000 for one in admitted)),
        admitted_p99_ms=round(p99(admitted)), usual_p99_ms=round(p99(usual.answered())),
        memory_growth=round(after / before - 1, 3), recovered_s=round(recovered, 1),
        capacity_afterwards=round(len(calm.answered()) / 3),
    )  # fmt: skip
    assert set(flood.statuses) <= {200, 503}, flood.statuses
    assert in_the_middle == [200, 200]
    assert len(refused) > len(admitted) / 10
    assert all(one.retry_after in {1, 2, 3} for one in refused)
    assert admitted
    assert after <= before * 1.2
    assert ready(site)


@on_sqlite
def test_a_client_that_sends_a_byte_a_second_is_cut(standing, tmp_path, monkeypatch, note):
    monkeypatch.setenv("EXPEDIT_HEADER_SECONDS", "2")
    monkeypatch.setenv("EXPEDIT_BODY_SECONDS", "2")
    house = standing.house.copy(tmp_path / "home")
    with house.serving() as site:
        site.track("Product Viewed", {"anonymousId": "warm-up"}, properties={"product_id": "p1"})
        before = memory(site.process.pid)
        head = b"POST /v1/track HTTP/1.1\r\nHost: shop\r\nContent-Length: 3000\r\n\r\n"
        slow = [
            (b"POST /v1/track HTTP/1.1\r\nX-Slow: ", b"a"),
            (head, b"{"),
            (head[:-20] + b"0\r\n\r\n", b" "),
        ]
        lines = []
        for opening, _ in slow * 60:
            line = socket.create_connection(("127.0.0.1", site.port), 20)
            line.sendall(opening)
            lines.append(line)
        began = time.monotonic()
        answers: dict[int, bytes] = {}
        while len(answers) < len(lines) and time.monotonic() < began + 15:
            for number, line in enumerate(lines):
                if number in answers:
                    continue
                try:
                    line.setblocking(False)
                    answers[number] = line.recv(4096)
                except BlockingIOError:
                    try:
                        line.send(slow[number % 3][1])
                    except OSError:
                        answers[number] = b""
                except OSError:
                    answers[number] = b""
            assert site.recommend("home-new", {"anonymousId": "beside-them"})["items"]
            time.sleep(0.3)
        took = time.monotonic() - began
        for line in lines:
            line.close()
        after = memory(site.process.pid)
        note(slow_clients=len(lines), cut_after_s=round(took, 1), memory_growth=round(after / before - 1, 3))
        assert len(answers) == len(lines), "some were never cut"
        # Chunks that are no chunks are an error of their own; whoever is only slow is told so.
        assert {answer.split(b" ")[1] for answer in answers.values() if answer} <= {b"408", b"400"}
        assert sum(b" 408 " in answer[:20] for answer in answers.values()) >= len(lines) / 2
        assert after < before * 1.2
        silent = socket.create_connection(("127.0.0.1", site.port), 20)
        assert silent.recv(10) == b""  # who says nothing at all is not answered either
        silent.close()
        assert ready(site)


@on_sqlite
def test_one_client_too_many_is_told_so(standing, tmp_path, monkeypatch):
    monkeypatch.setenv("EXPEDIT_MAX_CONNECTIONS", "20")
    house = standing.house.copy(tmp_path / "home")
    with house.serving() as site:
        site.client.close()
        lines = [http.client.HTTPConnection("127.0.0.1", site.port, timeout=10) for _ in range(20)]
        for line in lines:
            line.connect()
        lines[-1].request("GET", "/healthz")
        assert lines[-1].getresponse().read()
        late = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
        late.request("GET", "/healthz")
        answer = late.getresponse()
        assert (answer.status, answer.getheader("retry-after") in {"1", "2", "3"}) == (503, True)
        assert b"try again" in answer.read()
        lines.pop(0).close()

        def one_more() -> bool:
            again = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
            again.request("GET", "/healthz")
            status = again.getresponse().status
            again.close()
            return status == 200

        wait_for(one_more)
        for line in lines:
            line.close()


def raw(site, data: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", site.port), 20) as line:
        line.sendall(data)
        got = b""
        while part := line.recv(4096):
            got += part
            if b"\r\n\r\n" in got:
                break
    return got


@pytest.mark.parametrize(
    ("request_head", "status"),
    [
        (b"GET /healthz?" + b"x" * 9000 + b" HTTP/1.1\r\nHost: shop\r\n\r\n", b"414"),
        (b"GET /healthz HTTP/1.1\r\nHost: shop\r\nX-Long: " + b"x" * 33_000 + b"\r\n\r\n", b"431"),
        (b"GET /healthz HTTP/1.1\r\nHost: shop\r\n" + b"X-Many: y\r\n" * 8000, b"431"),
        (b"POST /v1/track HTTP/1.1\r\nHost: shop\r\nContent-Length: 40000\r\n\r\n" + b" " * 40_000, b"413"),
        (b"BREW / HTTP/1.1\r\n\r\n", b"400"),
    ],
    ids=["address", "one header", "many headers", "body", "no HTTP"],
)
def test_what_is_too_long_is_refused(site, request_head, status):
    assert raw(site, request_head).split(b" ")[1] == status
    assert ready(site)


@pytest.mark.parametrize("depth", [900, 100_000])
def test_what_is_too_deep_is_refused(site, standing, depth):
    body = (
        b'{"event":"x","anonymousId":"deep-one","properties":' + b'{"a":' * depth + b"1" + b"}" * depth + b"}"
    )
    answer = site.client.post(
        "/v1/track", content=body, headers={"Authorization": f"Bearer {standing.house.web}"}
    )
    assert answer.status_code in {400, 413}
    call = {"event": "view_cart", "anonymousId": "deep-one", "context": {"consent": CONSENT}}
    assert site.post("/v1/track", call, standing.house.web).status_code == 200
