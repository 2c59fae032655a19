"""A real server process on a real home: what it serves, what reaches it, how it ends."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from expedit.storage import differences, open_shop
from tests.app.houses import (
    CONSENT,
    PRODUCTS,
    SHOPPER_EVENTS,
    House,
    catalog,
    row,
    shoppers,
    shown,
    stock,
    wait_for,
)
from tests.support.servers import free_port


@pytest.fixture(scope="module")
def site(stocked_template, tmp_path_factory):
    """One server for the tests that leave each other's visitors and products alone."""
    house = stocked_template.copy(tmp_path_factory.mktemp("served") / "home")
    with house.serving() as running:
        yield running


def boots(answer) -> bool:
    return all(int(one[1:]) % 2 == 0 for one in shown(answer))


def test_it_tells_that_it_lives_and_is_ready(site):
    for path in ("/healthz", "/readyz"):
        answer = site.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_the_document_lists_every_route(site):
    document = site.get("/v1/schema/openapi.json").json()
    assert document["info"]["title"] == "expedit"
    assert {
        "/v1/batch", "/v1/track", "/v1/identify", "/v1/recommend", "/v1/decide", "/v1/list", "/healthz",
        "/readyz", "/v1/people/{kind}/{value}", "/v1/people/{subject_id}", "/v1/people/{subject_id}/export",
    } <= set(document["paths"])  # fmt: skip
    assert "/v1/handover" not in document["paths"]


def test_the_snippet(site):
    answer = site.get("/expedit.js")
    if answer.status_code == 404:
        assert "make install" in answer.json()["detail"]
        pytest.skip("the snippet was not built")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert len(answer.content) > 1000


def test_what_is_not_there_is_a_problem(site):
    answer = site.get("/v1/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["status"] == 404


def test_a_cold_start_answers_from_the_catalog(site):
    answer = site.recommend("home-bestsellers", {"anonymousId": "newcomer"}, limit=4)
    assert answer["model"] == ""
    assert len(answer["items"]) == 4
    assert all(item["reason"]["text"] for item in answer["items"])


def test_a_visitors_own_view_is_in_their_very_next_answer(site):
    visitor = {"anonymousId": "next-answer"}
    assert "p3" not in shown(site.recommend("cart-recently-viewed", visitor))
    for product in ("p3", "p8", "p5"):
        site.track("Product Viewed", visitor, properties={"product_id": product})
        answer = site.recommend("cart-recently-viewed", visitor)
        assert shown(answer)[0] == product
        assert answer["items"][0]["reason"]["code"] == "recently_viewed"


def test_withdrawn_consent_holds_from_the_very_next_answer(site):
    visitor = {"anonymousId": "changes-mind"}
    site.track("Product Viewed", visitor, properties={"product_id": "p4"})
    assert shown(site.recommend("cart-recently-viewed", visitor, consent=None))[0] == "p4"
    site.track("consent", visitor, properties={"analytics": True, "personalization": False})
    after = site.recommend("cart-recently-viewed", visitor, consent=None)
    assert after["experiment"] is None
    assert "recently_viewed" not in {item["reason"]["code"] for item in after["items"]}


def test_the_command_line_hands_its_work_over(site):
    """A product that is imported while the server runs can be shown, though no process shares memory."""
    fresh = site.house.write("fresh", [row(900, title="Nykomling")])
    assert site.house.done("import", "catalog", fresh, "--json").json["added"] == 1
    took = wait_for(lambda: "p900" in shown(site.recommend("home-new", limit=PRODUCTS + 2)))
    print(f"an imported product was shown after {took:.2f} s (the promise: 2 s)")


@pytest.mark.parametrize(
    ("changes", "seen"),
    [
        ({"price": "77.00 SEK"}, lambda item: item is not None and item["price"] == "77.00"),
        (
            {"price": "77.00 SEK", "sale_price": "55.00 SEK"},
            lambda item: item is not None and item["salePrice"] == "55.00",
        ),
        ({"price": "77.00 SEK", "stock": {"web": 0}}, lambda item: item is None),
        ({"price": "77.00 SEK", "stock": {"web": 1}}, lambda item: item is not None),
    ],
    ids=["price", "sale", "sold out", "back"],
)
def test_changed_prices_and_stock_reach_the_answers(site, changes, seen):
    def item():
        answer = site.recommend("home-new", limit=100)
        return next((one for one in answer["items"] if one["id"] == "p10"), None)

    site.house.done("import", "catalog", site.house.write("changed", [row(10, **changes)]))
    took = wait_for(lambda: seen(item()))
    print(f"{changes} was in the answers after {took:.2f} s (the promise: 2 s)")


def test_progress_is_told_line_by_line(site):
    """The wire between command line and server: lines of progress, the last one with the result."""
    word = json.loads((site.house.root / "run" / "server.json").read_text())
    assert (word["pid"], word["port"]) == (site.process.pid, site.port)
    path = site.house.write("many", shoppers_again())
    connection = http.client.HTTPConnection("127.0.0.1", site.port)
    work = {"task": "import_events", "arguments": {"path": str(path), "source": "server"}}
    connection.request(
        "POST", "/v1/handover", json.dumps(work),
        {"Content-Type": "application/json", "X-Expedit-Token": word["token"]},
    )  # fmt: skip
    answer = connection.getresponse()
    assert (answer.status, answer.headers["content-type"]) == (200, "application/x-ndjson")
    *steps, last = [json.loads(line) for line in answer]
    assert last["result"]["duplicates"] == SHOPPER_EVENTS
    assert last["result"]["stored"] == 20 * SHOPPER_EVENTS
    assert steps
    assert all(step["label"] and step["done"] >= 0 for step in steps)
    assert [step["done"] for step in steps] == sorted(step["done"] for step in steps)
    connection.close()


def shoppers_again():
    """The known week, and twenty more like it."""
    week = shoppers()
    more = [
        {**call, "messageId": f"{call['messageId']}-{copy}", "anonymousId": f"{call['anonymousId']}-{copy}"}
        for copy in range(20)
        for call in week
    ]
    for call in more:
        if call["event"] == "Order Completed":
            order = f"{call['properties']['order_id']}-{call['messageId']}"
            call["properties"] = {**call["properties"], "order_id": order}
    return week + more


def test_work_is_taken_from_the_home_alone(site):
    for token in ("", "guess"):
        answer = site.client.post(
            "/v1/handover",
            json={"task": "erase_person", "arguments": {"kind": "user_id", "value": "x"}},
            headers={"X-Expedit-Token": token},
        )
        assert answer.status_code == 403


def test_errors_of_handed_over_work_are_those_of_the_command(site):
    ran = site.house.run("people", "show", "user_id", "nobody")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "error NotFound: nobody is known by this user_id\n"
    ran = site.house.run("import", "events", site.house.write("x", []), "--source", "fax")
    assert ran.err.startswith("error NotFound: no source is called 'fax'")


def test_a_second_server_is_refused_with_the_reason(site):
    ran = site.house.run("serve", "--port", str(free_port()))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"error Conflict: another process is serving {site.house.root} or writing in it\n"
    assert site.get("/healthz").status_code == 200


def test_a_taken_port_is_refused_with_the_reason(site, tmp_path):
    ran = House.make(tmp_path / "home").run("serve", "--port", str(site.port))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(f"error Conflict: port {site.port} cannot be used: ")


# ---- who may ask what --------------------------------------------------------------------------------------


def test_a_public_key_reads_nobody(site):
    who = {"anonymousId": "private-person"}
    site.track("Product Viewed", who, properties={"product_id": "p6"})
    told = site.get("/v1/people/anonymous_id/private-person", site.house.secret)
    assert told.status_code == 200
    person = told.json()["personId"]
    decision = site.recommend("home-new", who)["decisionId"]
    wait_for(lambda: site.get(f"/v1/decisions/{decision}", site.house.secret).status_code == 200)
    for key in (site.house.web, site.house.server):
        for path in (
            "/v1/people/anonymous_id/private-person",
            f"/v1/people/{person}/export",
            f"/v1/decisions/{decision}",
        ):
            assert site.get(path, key).status_code == 403, path
        gone = site.client.delete(f"/v1/people/{person}", headers={"Authorization": f"Bearer {key}"})
        assert gone.status_code == 403
    for path in ("/v1/people/anonymous_id/private-person", f"/v1/decisions/{decision}"):
        assert site.get(path).status_code == 401
        assert site.get(path, "sk_guess").status_code == 401
    body = {"writeKey": site.house.web, "placement": "home-new", **who}
    assert site.post("/v1/recommend?explain=1", body).status_code == 403
    explained = site.post("/v1/recommend?explain=1", body, site.house.secret)
    assert explained.status_code == 200
    assert all(item["trace"]["parts"] for item in explained.json()["items"])
    assert site.get("/v1/people/anonymous_id/private-person", site.house.secret).status_code == 200


def test_a_scope_opens_its_own_door_only(site):
    reader = site.house.done("keys", "add", "reader", "--scope", "people:read").out.strip()
    site.track("Product Viewed", {"anonymousId": "read-me"}, properties={"product_id": "p6"})
    wait_for(lambda: site.get("/v1/people/anonymous_id/read-me", reader).status_code == 200)
    person = site.get("/v1/people/anonymous_id/read-me", reader).json()["personId"]
    gone = site.client.delete(f"/v1/people/{person}", headers={"Authorization": f"Bearer {reader}"})
    assert gone.status_code == 403
    assert site.post("/v1/recommend", {"placement": "home-new"}, reader).status_code == 403
    (mine,) = [
        key for key in site.house.done("keys", "list", "--json").json["api_keys"] if key["name"] == "reader"
    ]
    site.house.done("keys", "revoke", mine["id"])
    wait_for(lambda: site.get("/v1/people/anonymous_id/read-me", reader).status_code == 401)


def test_a_user_id_needs_the_shops_signature(site):
    import hashlib
    import hmac

    signature = hmac.new(site.house.keys["signing_secret"].encode(), b"erik", hashlib.sha256).hexdigest()
    server = {"userId": "erik", "messageId": "erik-1", "properties": {"product_id": "p7"}}
    site.track("Product Viewed", server, site.house.server)
    body = {
        "writeKey": site.house.web, "placement": "cart-recently-viewed", "userId": "erik",
        "consent": {"personalization": True},
    }  # fmt: skip
    for wrong in (
        {},
        {"userHash": ""},
        {"userHash": signature[:-1] + ("0" if signature[-1] != "0" else "1")},
    ):
        refused = site.post("/v1/recommend", {**body, **wrong})
        assert refused.status_code == 403
        assert "userHash" in refused.json()["detail"]
    assert shown(site.post("/v1/recommend", {**body, "userHash": signature}).json())[0] == "p7"
    # The same holds for telling about somebody.
    call = {"event": "Product Viewed", "userId": "erik", "properties": {"product_id": "p9"}}
    unsigned = {**call, "userHash": "0" * 64, "context": {"consent": CONSENT}}
    refused = site.post("/v1/track", unsigned, site.house.web)
    assert refused.status_code == 400
    assert "userId" in refused.text
    taken = {**call, "userHash": signature, "context": {"consent": CONSENT}}
    assert site.post("/v1/track", taken, site.house.web).status_code == 200
    assert shown(site.post("/v1/recommend", {**body, "userHash": signature}).json())[:2] == ["p9", "p7"]


# ---- ends --------------------------------------------------------------------------------------------------


def test_ctrl_c_ends_it_and_loses_nothing_that_was_acknowledged(stocked):
    """Shoppers go on sending while it stops; each 200 they got must be in the log."""
    acknowledged: list[str] = []
    with stocked.serving() as site:
        over = threading.Event()

        def shop(who: int) -> None:
            number = 0
            connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
            while not over.is_set():
                number += 1
                name = f"late-{who}-{number}"
                call = {
                    "event": "Product Viewed", "messageId": name, "anonymousId": f"late-{who}",
                    "writeKey": stocked.web, "properties": {"product_id": "p1"},
                    "context": {"consent": CONSENT},
                }  # fmt: skip
                try:
                    connection.request("POST", "/v1/track", json.dumps(call))
                    answer = connection.getresponse()
                    answer.read()
                except (OSError, http.client.HTTPException):
                    return
                if answer.status == 200:
                    acknowledged.append(name)

        threads = [threading.Thread(target=shop, args=(who,)) for who in range(4)]
        for thread in threads:
            thread.start()
        wait_for(lambda: len(acknowledged) > 100, 60)
        site.process.send_signal(signal.SIGINT)
        began = time.monotonic()
        code = site.process.wait(timeout=10)
        print(f"ended after {time.monotonic() - began:.2f} s")
        over.set()
        for thread in threads:
            thread.join()
        said = site.log.read_text()
    assert code == 0, said
    assert "Traceback" not in said
    assert "leaked" not in said
    assert not (stocked.root / "run" / "server.json").exists()
    out = stocked.root.parent / "log.jsonl"
    stocked.done("export", "events", out)
    logged = {json.loads(line)["message_id"] for line in out.read_text().splitlines()}
    assert set(acknowledged) <= logged
    assert len([name for name in logged if name.startswith("old-")]) == SHOPPER_EVENTS


def test_a_killed_server_leaves_a_home_that_can_be_served_again(stocked):
    with stocked.serving() as site:
        site.track(
            "Product Viewed",
            {"anonymousId": "before", "messageId": "before-1"},
            properties={"product_id": "p1"},
        )
        site.process.kill()
        site.process.wait()
    assert (stocked.root / "run" / "server.json").exists()
    # The word it left misleads nobody: the lock went with the process.
    assert stocked.done("seal").out == f"{SHOPPER_EVENTS + 1} events sealed\n"
    with stocked.serving() as site:
        assert shown(site.recommend("cart-recently-viewed", {"anonymousId": "before"}))[0] == "p1"


# ---- two processes -----------------------------------------------------------------------------------------


def test_two_workers_on_postgresql_answer_alike(tmp_path, new_postgres):
    house = stock(House.make(tmp_path / "home", database_url=new_postgres("two_workers")))
    with house.serving("--workers", "2") as site:
        visitor = {"anonymousId": "of-both"}
        site.track("Product Viewed", visitor, properties={"product_id": "p3"})
        answers = set()
        for number in range(40):
            # A new connection each time, so that both processes get some.
            body = {
                "writeKey": house.web, "placement": "cart-recently-viewed", "limit": 6, **visitor,
                "consent": {"personalization": True},
            }  # fmt: skip
            connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
            connection.request("POST", "/v1/recommend", json.dumps(body))
            answer = json.loads(connection.getresponse().read())
            connection.close()
            answers.add(tuple(shown(answer)))
            if number == 0:
                assert answer["items"][0]["id"] == "p3"
        assert len(answers) == 1
        house.done("import", "catalog", house.write("changed", [row(10, price="77.00 SEK")]))

        def everywhere() -> bool:
            prices = set()
            for _ in range(12):
                connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
                body = {"writeKey": house.web, "placement": "home-new", "limit": 100}
                connection.request("POST", "/v1/recommend", json.dumps(body))
                items = json.loads(connection.getresponse().read())["items"]
                connection.close()
                prices |= {item["price"] for item in items if item["id"] == "p10"}
            return prices == {"77.00"}

        print(f"a price was in both processes after {wait_for(everywhere):.2f} s (the promise: 2 s)")
        began = time.monotonic()
        site.process.send_signal(signal.SIGINT)
        assert site.process.wait(timeout=20) == 0, site.log.read_text()
        print(f"ended after {time.monotonic() - began:.2f} s")
        assert "Traceback" not in site.log.read_text()


def test_servers_that_start_together_migrate_once(tmp_path, new_postgres):
    """Two homes' worth of processes meet at an empty database; neither trips over the other."""
    url = new_postgres("together")
    script = (
        "import sys; from expedit.app import FEATURES; from expedit.storage import migrate, open_database; "
        "database = open_database(sys.argv[1]); migrate(database); database.close()"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", script, url], stderr=subprocess.PIPE, env=os.environ)
        for _ in range(2)
    ]
    for process in running:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said.decode()
    house = House.make(tmp_path / "home", database_url=url)
    shop = open_shop(house.root)
    assert differences(shop.database) == []
    shop.close()
    assert (
        house.done("import", "catalog", house.write("catalog", catalog()), "--json").json["added"] == PRODUCTS
    )
