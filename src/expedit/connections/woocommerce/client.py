"""Asking a shop's REST interface: keys, pages, patience."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from expedit.connections.addresses import FetchFailed, FetchRefused, check_url, is_private_host
from expedit.connections.fetching import Fetched, Fetcher, FetchRules, retry_after
from expedit.core import InvalidInput, NotAllowed, Struct, from_datetime, from_json

PER_PAGE = 100
"""Most objects of one page that the interface gives."""
_TRIES = 5
_LONGEST_PATIENCE = 60.0
"""Seconds; a shop that asks for more is left alone until the next run."""
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 524})
_PREFIX = "/wp-json/wc/v3/"


class Page(Struct, frozen=True):
    """One page of a list.

    Parameters
    ----------
    number, pages, total
        Which one, how many there are now, and of how many objects (0 = the shop does not say).
    items
        Its objects, decoded.
    server_time
        The shop's clock at that moment, in microseconds; None = it does not say.
    """

    number: int
    pages: int
    total: int
    items: list[Any]
    server_time: int | None = None


class WooClient:
    """A shop's REST interface (v3).

    Parameters
    ----------
    address
        The shop's address, as ``https://shop.example``.
    key, secret
        Consumer key and secret, with the right to read.
    rules
        What may be fetched.
    clock
        Gives the present moment, for ``Retry-After`` dates.
    wait
        Waits so many seconds.
    """

    def __init__(
        self,
        address: str,
        key: str,
        secret: str,
        rules: FetchRules,
        clock: Callable[[], int],
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        url = check_url(address, "url")
        if url.scheme == "http" and not is_private_host(url.host, rules.allowed):
            raise FetchRefused("url", "must be https: the keys would go over the net for everybody to read")
        self._root = str(url.copy_with(query=None, fragment=None)).rstrip("/")
        self._auth: tuple[str, str] | None = (key, secret)
        self._keys = {"consumer_key": key, "consumer_secret": secret}
        self._secure = url.scheme == "https"
        self._fetcher = Fetcher(rules)
        self._clock = clock
        self._wait = wait

    def close(self) -> None:
        """Close the connections."""
        self._fetcher.close()

    def index(self) -> dict[str, Any]:
        """Return what the site says of itself (name, time zone); needs no key."""
        answer = self._fetcher.get(
            f"{self._root}/wp-json/", query={"_fields": "name,timezone_string,gmt_offset"}
        )
        if answer.status != 200:
            raise FetchFailed(f"the site's index answered {answer.status}", answer.status)
        found: dict[str, Any] = _decoded(answer, dict[str, Any])
        return found

    def one(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """Return one object, or None when the shop has it no more."""
        answer = self._patiently(path, query or {})
        return None if answer is None else _decoded(answer, Any)

    def page(self, path: str, number: int, query: Mapping[str, str] | None = None) -> Page:
        """Return one page of a list; beyond the last one it is empty."""
        asked = {"per_page": str(PER_PAGE), "page": str(number), **(query or {})}
        answer = self._patiently(path, asked)
        if answer is None:
            return Page(number, number - 1, 0, [])
        items = _decoded(answer, list[Any])
        pages = _number(answer.headers.get("x-wp-totalpages", ""))
        if not pages:  # a proxy that drops unknown headers often keeps Link
            more = 'rel="next"' in answer.headers.get("link", "") or len(items) == PER_PAGE
            pages = number + 1 if more else number
        return Page(number, pages, _number(answer.headers.get("x-wp-total", "")), items, _date(answer))

    def all(self, path: str, query: Mapping[str, str] | None = None) -> Iterator[Any]:
        """Give every object of a short list."""
        number = 1
        while True:
            page = self.page(path, number, query)
            yield from page.items
            if number >= page.pages or not page.items:
                return
            number += 1

    def _patiently(self, path: str, query: Mapping[str, str]) -> Fetched | None:
        """Ask until there is an answer, waiting longer each time, or as long as the shop asks for.

        Raises
        ------
        NotAllowed
            When the keys do not fit.
        FetchFailed
            When patience is over.
        """
        pause = 1.0
        for attempt in range(1, _TRIES + 1):
            failure: FetchFailed
            try:
                answer = self._ask(path, query)
            except FetchFailed as error:
                failure = error
            else:
                if answer.status == 200:
                    return answer
                if answer.status in {404, 410} or (answer.status == 400 and b"invalid_page" in answer.body):
                    return None
                if answer.status in {401, 403}:
                    raise NotAllowed(f"the shop does not take the keys for {path}: {_reason(answer)}")
                asked = retry_after(answer.headers, self._clock())
                failure = FetchFailed(f"{path}: the shop answered {_reason(answer)}", answer.status, asked)
                if answer.status not in _AGAIN:
                    raise failure
            longest = failure.retry_after if failure.retry_after is not None else pause
            if attempt == _TRIES or longest > _LONGEST_PATIENCE:
                raise failure
            self._wait(longest)
            pause *= 2
        raise AssertionError("the loop ends by an answer or a failure")

    def _ask(self, path: str, query: Mapping[str, str]) -> Fetched:
        url = f"{self._root}{_PREFIX}{path}"
        answer = self._fetcher.get(url, query={**query, **self._own()}, auth=self._auth)
        if answer.status == 401 and self._auth is not None and self._secure:
            # Some hosts keep the Authorization header from PHP; WooCommerce then takes the keys in the query.
            self._auth = None
            answer = self._fetcher.get(url, query={**query, **self._own()})
        return answer

    def _own(self) -> Mapping[str, str]:
        return {} if self._auth is not None else self._keys


def _decoded(answer: Fetched, kind: Any) -> Any:
    body = answer.body.lstrip(b"\xef\xbb\xbf \r\n\t")
    try:
        return from_json(body, kind)
    except (InvalidInput, UnicodeDecodeError, RecursionError):
        raise FetchFailed(
            f"{answer.url} is no REST interface of WooCommerce: its answer begins with"
            f" {body[:40].decode(errors='replace')!r}"
        ) from None


def _reason(answer: Fetched) -> str:
    try:
        told = from_json(answer.body, dict[str, Any])
    except (InvalidInput, UnicodeDecodeError, RecursionError):  # a page of HTML tells nothing more
        told = {}
    message = str(told.get("message", "")).strip()[:200]
    return f"{answer.status} {message}".strip()


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _date(answer: Fetched) -> int | None:
    try:
        return from_datetime(parsedate_to_datetime(answer.headers.get("date", "")))
    except ValueError:
        return None
