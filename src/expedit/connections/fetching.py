"""Fetching from the outside: the one way in which expedit sends an HTTP request.

An address that a merchant types, or that a shop's answer leads to, must never reach what only this machine
can reach (server-side request forgery). So a name is resolved once, every address it gives is checked, and
the very address that was checked is the one connected to; redirects are followed by hand and checked like the
first address. Sizes are counted while bytes arrive, packed and unpacked, and every fetch has a last moment.
"""

from __future__ import annotations

import ssl
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Self

import httpcore
import httpx

from expedit.connections.addresses import FetchFailed, FetchRefused, check_url, resolve, shown_url
from expedit.core import Settings, Struct, TooLarge, field

_MEBIBYTE = 1 << 20
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LARGEST_RATIO = 200
_FREE_BYTES = 16 * _MEBIBYTE
_AGENT = "expedit (+https://github.com/expedit/expedit)"


class FetchRules(Struct, frozen=True):
    """What may be fetched, and how much of it.

    Parameters
    ----------
    allowed
        Hosts, addresses and networks that may be reached although they are private.
    connect_seconds, read_seconds, total_seconds
        Longest wait for a connection, for the next bytes, and for everything together.
    most_packed, most_unpacked
        Most bytes of one answer, as they come over the wire and after gunzip.
    most_redirects
        How many times an answer may lead on.
    proxy
        Address of a forward proxy; then the proxy resolves names a second time and has to refuse private
        addresses itself.
    """

    allowed: tuple[str, ...] = ()
    connect_seconds: float = 10.0
    read_seconds: float = 30.0
    total_seconds: float = 600.0
    most_packed: int = 512 * _MEBIBYTE
    most_unpacked: int = 4096 * _MEBIBYTE
    most_redirects: int = 5
    proxy: str = ""


class Fetched(Struct, frozen=True):
    """An answer.

    Parameters
    ----------
    status
        HTTP status.
    headers
        Names in lower case; several of one name are joined by a comma.
    url
        Where the answer came from, after redirects, without query.
    body
        The whole body, unpacked; empty when it went into a file.
    size
        Bytes of the body, unpacked.
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    url: str = ""
    body: bytes = b""
    size: int = 0


def rules_of(settings: Settings) -> FetchRules:
    """Return the rules that a shop's settings give."""
    return FetchRules(allowed=tuple(settings.allow_private_addresses), proxy=settings.outbound_proxy)


class _Deadline:
    """The last moment of the fetch under way (monotonic seconds)."""

    def __init__(self) -> None:
        self.at = float("inf")

    def left(self, timeout: float | None) -> float | None:
        """Return how long the next wait may be: `timeout`, or less when the end is nearer."""
        return timeout if timeout is None else max(0.001, min(timeout, self.at - time.monotonic()))

    def passed(self) -> bool:
        """Tell whether it is over."""
        return time.monotonic() > self.at


class _TimedStream(httpcore.NetworkStream):
    """A connection on which no wait goes past the deadline: a byte a second buys no time."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what arrives next."""
        if self._deadline.passed():
            raise httpcore.ReadTimeout("the last moment of this fetch is over")
        return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send `buffer`."""
        self._inner.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Go on encrypted."""
        inner = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _TimedStream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Return what the connection knows of itself."""
        return self._inner.get_extra_info(info)


class _CheckedBackend(httpcore.NetworkBackend):
    """Connects only to addresses that were checked: check and connection see one resolution."""

    def __init__(self, allowed: tuple[str, ...], deadline: _Deadline) -> None:
        self._allowed = allowed
        self._deadline = deadline
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first of the host's addresses that answers."""
        failure: Exception | None = None
        for address in resolve(host, port, self._allowed):
            try:
                stream = self._backend.connect_tcp(
                    address, port, self._deadline.left(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _TimedStream(stream, self._deadline)
        raise failure or httpcore.ConnectError(f"{host} has no address")

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class _CheckedTransport(httpx.HTTPTransport):
    """httpx's own transport over connections to checked addresses."""

    def __init__(self, allowed: tuple[str, ...], deadline: _Deadline) -> None:
        super().__init__(trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=4,
            max_keepalive_connections=2,
            keepalive_expiry=15.0,
            network_backend=_CheckedBackend(allowed, deadline),
        )


class Fetcher:
    """Fetches under `rules`; keeps connections open until it is closed, so one serves a whole pull.

    One thread at a time may use it.
    """

    def __init__(self, rules: FetchRules) -> None:
        self._rules = rules
        self._deadline = _Deadline()
        transport: httpx.HTTPTransport = (
            httpx.HTTPTransport(proxy=rules.proxy, trust_env=False)
            if rules.proxy
            else _CheckedTransport(rules.allowed, self._deadline)
        )
        self._client = httpx.Client(
            transport=transport,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(rules.read_seconds, connect=rules.connect_seconds),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        most: int = 32 * _MEBIBYTE,
    ) -> Fetched:
        """Fetch into memory.

        Parameters
        ----------
        headers, query
            Sent with the request; `query` is added to the address's own.
        auth
            Name and password (Basic); not sent on when a redirect leads to another host.
        most
            Most bytes of the body, unpacked.

        Raises
        ------
        FetchRefused
            When the address may not be fetched.
        FetchFailed
            When the other side does not answer in time or breaks off; statuses are given back, not raised.
        TooLarge
            When the answer is larger than allowed.
        """
        with self._open(url, headers or {}, query or {}, auth) as answer:
            body = b"".join(self._unpacked(answer, most))
        return _fetched(answer, body, len(body))

    def download(
        self,
        url: str,
        file: Path,
        *,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> Fetched:
        """Fetch into `file`, which is written only by an answer with status 200; otherwise like `get`."""
        with self._open(url, headers or {}, {}, auth) as answer:
            if answer.status_code != 200:
                body = b"".join(self._unpacked(answer, _MEBIBYTE))
                return _fetched(answer, body, len(body))
            size = 0
            with file.open("wb") as target:
                for part in self._unpacked(answer, self._rules.most_unpacked):
                    target.write(part)
                    size += len(part)
        return _fetched(answer, b"", size)

    @contextmanager
    def _open(
        self,
        text: str,
        headers: Mapping[str, str],
        query: Mapping[str, str],
        auth: tuple[str, str] | None,
    ) -> Iterator[httpx.Response]:
        """Open the answer, following redirects; each step is checked as the first one was."""
        url = check_url(text)
        if query:
            url = url.copy_merge_params(dict(query))
        self._deadline.at = time.monotonic() + self._rules.total_seconds
        sent = {"User-Agent": _AGENT, "Accept": "*/*", **headers, "Accept-Encoding": "gzip"}
        credentials = httpx.BasicAuth(*auth) if auth else None
        try:
            for _ in range(self._rules.most_redirects + 1):
                if self._rules.proxy:
                    resolve(url.host, url.port or 443, self._rules.allowed)
                request = self._client.build_request("GET", url, headers=sent)
                answer = self._client.send(request, auth=credentials, stream=True)
                try:
                    onward = _onward(answer)
                    if onward is None:
                        yield answer
                        return
                finally:
                    answer.close()
                if (onward.scheme, onward.host, onward.port) != (url.scheme, url.host, url.port):
                    credentials = None
                    sent = {name: value for name, value in sent.items() if name.lower() != "authorization"}
                url = onward
        except httpx.TimeoutException as error:
            if self._deadline.passed():
                raise FetchFailed(f"{url.host} took longer than {self._rules.total_seconds:g} s") from None
            raise FetchFailed(f"{url.host} did not answer in time ({type(error).__name__})") from None
        except httpx.HTTPError as error:
            raise FetchFailed(f"{url.host} broke off: {str(error) or type(error).__name__}") from None
        raise FetchRefused("url", f"leads on more than {self._rules.most_redirects} times")

    def _unpacked(self, answer: httpx.Response, most: int) -> Iterator[bytes]:
        """Give the body's bytes, gunzipped when the transfer was packed, within every limit."""
        coding = answer.headers.get("content-encoding", "identity").strip().lower()
        if coding not in {"identity", "", "gzip", "x-gzip"}:
            raise FetchFailed(f"the answer is packed as {coding[:20]!r}, which was not asked for")
        unpack = zlib.decompressobj(wbits=31) if "gzip" in coding else None
        packed = given = 0
        for part in answer.iter_raw():
            packed += len(part)
            if self._deadline.passed():
                raise FetchFailed(f"the answer took longer than {self._rules.total_seconds:g} s")
            if packed > self._rules.most_packed:
                raise TooLarge("", f"the answer is larger than {self._rules.most_packed} bytes")
            for piece in (part,) if unpack is None else _gunzip(unpack, part):
                given += len(piece)
                if given > most:
                    raise TooLarge("", f"the answer is larger than {most} bytes")
                if unpack is not None and given > max(_FREE_BYTES, _LARGEST_RATIO * packed):
                    raise TooLarge("", f"the answer unpacks to more than {_LARGEST_RATIO} times its size")
                yield piece
        if unpack is not None and packed and not unpack.eof:
            raise FetchFailed("the packed answer ends too early")


def _gunzip(unpack: Any, part: bytes) -> Iterator[bytes]:
    """Give what `part` unpacks to, a piece at a time, so that no bomb is held whole."""
    while part:
        try:
            yield unpack.decompress(part, 1 << 20)
        except zlib.error as error:
            raise FetchFailed(f"the packed answer is broken: {error}") from None
        part = unpack.unconsumed_tail


def _onward(answer: httpx.Response) -> httpx.URL | None:
    """Return where a redirect leads, or None when the answer is none."""
    if answer.status_code not in _REDIRECTS or "location" not in answer.headers:
        return None
    try:
        joined = str(answer.request.url.join(answer.headers["location"]))
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchRefused("url", f"leads on to what is no address: {error}") from None
    onward = check_url(joined)
    if answer.request.url.scheme == "https" and onward.scheme != "https":
        raise FetchRefused("url", f"leads on from https to http ({onward.host})")
    return onward


def _fetched(answer: httpx.Response, body: bytes, size: int) -> Fetched:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Fetched(answer.status_code, headers, shown_url(answer.request.url), body, size)


def retry_after(headers: Mapping[str, str], now: int) -> float | None:
    """Return the seconds that ``Retry-After`` asks for (a number or an HTTP date), or None.

    Parameters
    ----------
    now
        The present moment in microseconds.

    References
    ----------
    RFC 9110, section 10.2.3.
    """
    text = headers.get("retry-after", "").strip()
    if text.isdecimal():
        return float(min(int(text), 86_400))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return min(max(0.0, moment.timestamp() - now / 1_000_000), 86_400.0)
