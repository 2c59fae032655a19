"""Traces by OpenTelemetry, when `OTEL_EXPORTER_OTLP_ENDPOINT` is set; otherwise nothing of it is imported.

Which endpoint, headers, sampling and service name follow OpenTelemetry's own environment variables.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from expedit.core import MissingExtra, Progress, evolve
from expedit.features import Job
from expedit.storage import Shop
from expedit.web import Scope

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


class Tracer(Protocol):
    """Makes spans of requests and jobs."""

    def request(self, scope: Scope) -> Any:
        """Return a context whose value is called with the route and status at the end."""
        ...

    def traced(self, jobs: Sequence[Job]) -> tuple[Job, ...]:
        """Return `jobs` such that each run is a span."""
        ...

    def close(self) -> None:
        """Send what waits."""
        ...


def open_tracer(environ: Mapping[str, str] | None = None) -> Tracer | None:
    """Return a tracer where the environment asks for one.

    Raises
    ------
    MissingExtra
        When it is asked for and the packages are not installed.
    """
    given = os.environ if environ is None else environ
    if not any(given.get(name) for name in _ENDPOINTS) or given.get("OTEL_SDK_DISABLED") == "true":
        return None
    try:
        return _OpenTelemetry()
    except ImportError:
        raise MissingExtra("otel", "OTEL_EXPORTER_OTLP_ENDPOINT") from None


class _OpenTelemetry:
    """Spans sent in the background by OTLP over HTTP."""

    def __init__(self) -> None:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.propagate import extract
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        named = {} if "OTEL_SERVICE_NAME" in os.environ else {"service.name": "expedit"}
        self._provider = TracerProvider(resource=Resource.create(named))
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("expedit")
        self._extract = extract
        self._server = trace.SpanKind.SERVER
        self._error = trace.StatusCode.ERROR

    @contextmanager
    def request(self, scope: Scope) -> Iterator[Callable[[str, int], None]]:
        """Make a span of a request, part of the caller's trace if it says so."""
        headers = {
            key.decode("latin-1"): value.decode("latin-1")
            for key, value in scope["headers"]
            if key in {b"traceparent", b"tracestate"}
        }
        method = scope["method"]
        with self._tracer.start_as_current_span(
            method, context=self._extract(headers), kind=self._server
        ) as span:

            def told(route: str, status: int) -> None:
                # Routes only: a path may hold the id of a person.
                span.update_name(f"{method} {route}")
                span.set_attribute("http.request.method", method)
                span.set_attribute("http.route", route)
                span.set_attribute("http.response.status_code", status)
                if status >= 500:
                    span.set_status(self._error)

            yield told

    def traced(self, jobs: Sequence[Job]) -> tuple[Job, ...]:
        """Return `jobs` such that each run is a span."""

        def around(job: Job) -> Callable[[Shop, Progress], None]:
            def run(shop: Shop, progress: Progress) -> None:
                with self._tracer.start_as_current_span(f"job {job.name}"):
                    job.run(shop, progress)

            return run

        return tuple(evolve(job, run=around(job)) for job in jobs)

    def close(self) -> None:
        """Send what waits."""
        self._provider.shutdown()
