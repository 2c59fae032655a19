"""Work that the command line hands over to the server of its home."""

import asyncio
import http.server
import json
import threading
import time

import httpx
import pytest

from expedit.app import TASKS, create_application, perform, perform_here
from expedit.app.tasks import ServerFile, write_server_file
from expedit.core import NotFound, Unavailable, no_progress
from expedit.storage import Home
from tests.support.servers import free_port


def hand_over(shop, task, arguments, token="word") -> tuple[int, list[dict]]:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=create_application(shop, "word", work=False))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            work = {"task": task, "arguments": arguments}
            return await client.post("/v1/handover", json=work, headers={"x-expedit-token": token})

    answer = asyncio.run(send())
    return answer.status_code, [json.loads(line) for line in answer.content.splitlines()]


def test_the_last_line_is_the_result(sqlite_shop):
    assert hand_over(sqlite_shop, "seal", {}) == (200, [{"result": {"sealed": 0, "rewritten": 0}}])


def test_an_error_keeps_its_kind(sqlite_shop):
    assert hand_over(sqlite_shop, "dance", {}) == (
        200, [{"error": "no task is called 'dance'", "kind": "NotFound"}],
    )  # fmt: skip
    with pytest.raises(NotFound):
        perform_here(sqlite_shop, "dance", {}, no_progress)


def test_a_fault_in_the_work_is_told_and_does_not_cut_the_answer(sqlite_shop, monkeypatch):
    def break_down(*_):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setitem(TASKS, "seal", break_down)
    assert hand_over(sqlite_shop, "seal", {}) == (200, [{"error": "ZeroDivisionError: division by zero"}])


def test_a_server_without_a_word_takes_no_work(sqlite_shop):
    async def send() -> int:
        transport = httpx.ASGITransport(app=create_application(sqlite_shop, work=False))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            work = {"task": "seal"}
            answer = await client.post("/v1/handover", json=work, headers={"x-expedit-token": ""})
            return answer.status_code

    assert asyncio.run(send()) == 403
    assert hand_over(sqlite_shop, "seal", {}, token="guess")[0] == 403


class Answering(http.server.BaseHTTPRequestHandler):
    """Does any work at once."""

    def do_POST(self):
        assert self.headers["X-Expedit-Token"] == "word"
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"label":"read","done":1,"total":2}\n{"result":{"sealed":7}}\n')

    def log_message(self, *_):
        """Keep quiet."""


def test_a_server_that_is_still_starting_is_waited_for(stocked):
    home, port = Home(stocked.root), free_port()
    lock = home.try_lock()
    write_server_file(home, ServerFile(1, port, "word"))
    servers = []

    def listen_late() -> None:
        time.sleep(0.5)
        servers.append(http.server.HTTPServer(("127.0.0.1", port), Answering))
        servers[0].handle_request()
        servers[0].server_close()

    thread = threading.Thread(target=listen_late)
    thread.start()
    told = []
    result = perform(stocked.root, "seal", {}, lambda *step: told.append(step))
    thread.join()
    lock.close()
    assert result == {"sealed": 7}
    assert told == [("read", 1, 2)]


def test_a_server_that_never_answers_is_named(stocked, monkeypatch):
    monkeypatch.setattr("expedit.app.tasks._START_SECONDS", 0.2)
    home, port = Home(stocked.root), free_port()
    lock = home.try_lock()
    write_server_file(home, ServerFile(1, port, "word"))
    with pytest.raises(Unavailable, match=f"does not answer on port {port}"):
        perform(stocked.root, "seal", {}, no_progress)
    lock.close()
