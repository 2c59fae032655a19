"""OpenTelemetry: nothing of it is there unless it is asked for; then spans arrive by OTLP over HTTP."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from expedit.operations import open_tracer
from tests.app.houses import wait_for


class Receiver:
    """A small OTLP receiver."""

    def __init__(self) -> None:
        self.spans: list = []
        self.resources: list[dict[str, str]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                message = ExportTraceServiceRequest()
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    import gzip

                    body = gzip.decompress(body)
                message.ParseFromString(body)
                for resource in message.resource_spans:
                    values = resource.resource.attributes
                    receiver.resources.append({one.key: one.value.string_value for one in values})
                    for scope in resource.scope_spans:
                        receiver.spans += scope.spans
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def test_nothing_is_imported_when_nobody_asks():
    script = (
        "import sys, expedit.app; from expedit.operations import open_tracer; "
        "assert open_tracer({}) is None; "
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr


def test_it_can_be_asked_for_and_switched_off():
    assert (
        open_tracer({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"})
        is None
    )


@pytest.mark.slow
def test_requests_and_jobs_arrive_as_spans(stocked, receiver, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "200")
    trace, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    with stocked.serving() as site:
        site.client.post(
            "/v1/track",
            json={"event": "Product Viewed", "anonymousId": "x", "properties": {"product_id": "p3"}},
            headers={"Authorization": f"Bearer {stocked.web}", "traceparent": f"00-{trace}-{parent}-01"},
        )
        site.get("/v1/people/email/anna@example.se", stocked.secret)
        names = {"POST /v1/track", "GET /v1/people/{kind}/{value}", "job orders"}
        wait_for(lambda: names <= {span.name for span in receiver.spans}, 30)
    (taken,) = [span for span in receiver.spans if span.name == "POST /v1/track"]
    assert taken.trace_id.hex() == trace
    assert taken.parent_span_id.hex() == parent
    told = {one.key: one.value.string_value or one.value.int_value for one in taken.attributes}
    assert told == {
        "http.request.method": "POST",
        "http.route": "/v1/track",
        "http.response.status_code": 200,
    }
    assert {one["service.name"] for one in receiver.resources} == {"expedit"}
    assert not any("anna" in str(span) for span in receiver.spans)
