"""Fetching a feed: asked for only if it changed, tried first, then imported as a whole or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path

from expedit.catalog import ImportReport, import_catalog
from expedit.connections import store
from expedit.connections.addresses import FetchFailed, FetchRefused, check_url
from expedit.connections.feeds.archive import is_zip, unzip
from expedit.connections.feeds.store import FeedImport, note_import
from expedit.connections.fetching import Fetched, Fetcher, FetchRules, retry_after, rules_of
from expedit.connections.model import Connection, Field, Kind
from expedit.connections.plugged import connections
from expedit.core import Conflict, InvalidInput, Progress, Struct, evolve, from_json, to_json
from expedit.storage import Shop

ANYWAY = "retire anyway"
"""Mark by which somebody says that the next import may retire however many."""
_MARK = "feed"


class Seen(Struct, frozen=True):
    """What is remembered of the feed as it was last imported.

    Parameters
    ----------
    etag, modified
        Its validators, sent back so that an unchanged feed is not sent again.
    digest
        SHA-256 of its content, for servers that send none.
    held
        Why nothing was retired the last time, when that was too much; it stays said until it is settled.
    """

    etag: str = ""
    modified: str = ""
    digest: str = ""
    held: str = ""


def fetch(shop: Shop, connection: Connection, progress: Progress) -> str:
    """Fetch the feed and import it if it changed.

    Raises
    ------
    FetchFailed
        When it cannot be had.
    InvalidInput
        When it is no feed; the catalog stays as it was.
    Conflict
        When it lists so much less than before that nothing was retired.
    """
    with shop.database.reading() as tx:
        seen = from_json(store.read_mark(tx, connection.id, _MARK) or "{}", Seen)
        anyway = bool(store.read_mark(tx, connection.id, ANYWAY))
    folder = shop.home.run
    folder.mkdir(parents=True, exist_ok=True)
    packed, plain = folder / f"feed-{connection.id}.part", folder / f"feed-{connection.id}.feed"
    rules = rules_of(shop.settings)
    try:
        answer = _download(shop, connection, rules, packed, Seen() if anyway else seen)
        if answer is None:
            return _unchanged(seen)
        digest = _digest(packed)
        now = Seen(answer.headers.get("etag", ""), answer.headers.get("last-modified", ""), digest, seen.held)
        if digest == seen.digest and not anyway:
            _remember(shop, connection, now)
            return _unchanged(now)
        if is_zip(packed):
            unzip(packed, plain, rules.most_unpacked)
        else:
            packed.replace(plain)
        held, note = _import(shop, connection, plain, progress, anyway=anyway)
    except FetchRefused:
        raise  # nothing was fetched, so there is no import to tell of
    except InvalidInput as error:
        done = FeedImport(shop.clock(), "refused", reason=str(error))
        with shop.database.writing() as tx:
            note_import(tx, connection.id, done, ())
        raise
    finally:
        packed.unlink(missing_ok=True)
        plain.unlink(missing_ok=True)
    _remember(shop, connection, evolve(now, held=held))
    if held:
        raise Conflict(held)
    return note


def _download(
    shop: Shop, connection: Connection, rules: FetchRules, target: Path, seen: Seen
) -> Fetched | None:
    """Fetch the feed into `target`; return None when it is the same as before."""
    headers = {}
    if seen.etag:
        headers["If-None-Match"] = seen.etag
    if seen.modified:
        headers["If-Modified-Since"] = seen.modified
    user = connection.text("user")
    auth = (user, connections(shop).secret(connection.id, "password")) if user else None
    with Fetcher(rules) as fetcher:
        answer = fetcher.download(connection.text("url"), target, headers=headers, auth=auth)
    if answer.status == 304:
        return None
    if answer.status != 200:
        asked = retry_after(answer.headers, shop.clock())
        raise FetchFailed(f"{answer.url} answered {answer.status}", answer.status, asked)
    if not answer.size:
        raise InvalidInput("file", f"{answer.url} is empty")
    return answer


def _import(
    shop: Shop, connection: Connection, path: Path, progress: Progress, *, anyway: bool
) -> tuple[str, str]:
    """Import the feed; return why nothing was retired (empty when that was done), and what was done.

    It is tried first without writing: a feed that breaks in the middle changes nothing.
    """
    whole = connection.text("whole") == "yes"

    def run(*, dry: bool, full: bool) -> ImportReport:
        return import_catalog(
            shop,
            path,
            format=connection.text("format") or None,
            market=connection.text("market") or None,
            full=full,
            force=True,
            source=f"connection:{connection.id}",
            dry=dry,
            progress=progress,
        )

    trial = run(dry=True, full=whole)
    if trial.read == len(trial.refused):
        first = f", first at line {trial.refused[0].line}: {trial.refused[0].reason}" if trial.refused else ""
        raise InvalidInput("file", f"no row of {trial.read} can be used{first}")
    known = trial.retired + trial.changed + trial.unchanged
    most = float(connection.text("most_retired") or 10)
    held = whole and not anyway and trial.retired * 100 > most * known
    report = run(dry=False, full=whole and not held)
    done = FeedImport(
        shop.clock(),
        "held" if held else "imported",
        report.read,
        report.added,
        report.changed,
        report.unchanged,
        report.retired,
        len(report.refused),
        trial.retired if held else 0,
    )
    with shop.database.writing() as tx:
        note_import(tx, connection.id, done, report.refused)
    reason = (
        f"{trial.retired} of {known} products are not in the feed any more, more than {most:g} %: the rest is"
        " imported, but nothing was retired; if that is meant, say so on the page of the feed"
        if held
        else ""
    )
    return reason, (
        f"{report.read} rows: {report.added} added, {report.changed} changed, {report.retired} retired,"
        f" {len(report.refused)} refused"
    )


def _unchanged(seen: Seen) -> str:
    if seen.held:
        raise Conflict(seen.held)
    return "not changed"


def _remember(shop: Shop, connection: Connection, seen: Seen) -> None:
    with shop.database.writing() as tx:
        store.put_mark(tx, connection.id, _MARK, to_json(seen).decode())
        store.put_mark(tx, connection.id, ANYWAY, "")


def retire_anyway(shop: Shop, connection_id: str) -> None:
    """Let the next import retire however many products are not in the feed any more."""
    with shop.database.writing() as tx:
        store.put_mark(tx, connection_id, ANYWAY, "yes")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _address(text: str) -> str:
    return str(check_url(text, "url"))


def _number(text: str) -> str:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 < number <= 100_000:
        raise InvalidInput("", f"{text[:20]!r} is not a number above 0")
    return text.strip()


def every(connection: Connection) -> float:
    """Return the seconds between two looks at the feed."""
    return float(connection.text("minutes") or 240) * 60


MERCHANT_FEED = Kind(
    name="merchant_feed",
    fields=(
        Field("url", "url", check=_address),
        Field("user", required=False),
        Field("password", "secret", required=False),
        Field("minutes", "number", required=False, default="240", check=_number),
        Field("market", required=False),
        Field("format", "choice", required=False, choices=("", "xml", "tsv", "csv", "jsonl")),
        Field("whole", "choice", required=False, default="no", choices=("yes", "no")),
        Field("most_retired", "number", required=False, default="10", check=_number),
    ),
    fetch=fetch,
    every=every,
    source_kind="import",
    page="/panel/connections/feeds",
)
"""The kind, as `expedit.connections.kinds` lists it."""
