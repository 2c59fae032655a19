"""Catalog files given to the panel: kept, tried without writing, and imported on demand, in the background.

How far an upload is stands in the database, so that a page may be loaded anew, on any process, at any time.
The file itself lies in the home's ``run/uploads`` until it is imported or a day has passed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import structlog

from expedit.catalog.importing import import_catalog
from expedit.catalog.live import live_catalog
from expedit.catalog.model import ImportReport
from expedit.catalog.store import (
    drop_uploads,
    last_uploads,
    put_upload,
    read_upload,
    uploads_under_way,
)
from expedit.core import (
    DAY,
    MINUTE,
    Conflict,
    ExpeditError,
    InvalidInput,
    NotFound,
    Struct,
    Unavailable,
    evolve,
    from_pack,
    new_id,
    time_of_id,
    to_pack,
)
from expedit.storage import Shop

State = Literal["checking", "checked", "importing", "done", "failed"]
UNDER_WAY = ("checking", "importing")
ENDINGS = (".csv", ".tsv", ".txt", ".xml", ".rss", ".jsonl", ".ndjson", ".json")
MOST_BYTES = 256 * 1024 * 1024
MOST_REFUSED_KEPT = 1_000
_KEPT = 30 * DAY
_FILE_KEPT = DAY
_BEAT = 500_000
_SILENT = 2 * MINUTE

log = structlog.get_logger("expedit.catalog")


class CatalogUpload(Struct, frozen=True):
    """A catalog file that somebody gave, and how far it is.

    Parameters
    ----------
    id, name, size
        Its id, the name it was given under, bytes.
    market, full
        Market of prices that name none; whether what it does not list is to be retired.
    state
        ``checking`` (tried without writing), ``checked``, ``importing``, ``done`` or ``failed``.
    label, done, total
        Step under way.
    report
        What the trial foretold or the import did; of the refused rows the first thousand.
    refused
        How many rows were refused in all.
    error
        Why it failed.
    beat
        When it was last heard of.
    """

    id: str
    name: str
    size: int
    market: str = ""
    full: bool = False
    state: State = "checking"
    label: str = ""
    done: int = 0
    total: int | None = None
    report: ImportReport | None = None
    refused: int = 0
    error: str = ""
    beat: int = 0

    @property
    def given(self) -> int:
        """When it was given, in microseconds."""
        return time_of_id(self.id)


class Uploads:
    """Tries and imports given files, one at a time in the whole shop."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._folder = shop.home.run / "uploads"
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def give(self, name: str, body: bytes, *, market: str = "", full: bool = False) -> CatalogUpload:
        """Keep a file and begin to try it.

        Raises
        ------
        InvalidInput
            When it is empty, too large or of no kind that a catalog comes in.
        Conflict
            When another upload is under way.
        """
        shown = Path(name.replace("\\", "/")).name[:120] or "catalog"
        plain = shown.lower().removesuffix(".gz")
        if not plain.endswith(ENDINGS):
            raise InvalidInput("file", f"{shown!r} is none of {', '.join(ENDINGS)}, nor one of them as .gz")
        if not body:
            raise InvalidInput("file", f"{shown} is empty")
        if len(body) > MOST_BYTES:
            raise InvalidInput("file", f"is larger than {MOST_BYTES // 1024 // 1024} MB")
        if market and market not in self._shop.settings.markets:
            raise InvalidInput(
                "market", f"{market[:20]!r} is none of {', '.join(self._shop.settings.markets)}"
            )
        now = self._shop.clock()
        self._sweep(now)
        upload = CatalogUpload(new_id(now), shown, len(body), market, full, beat=now)
        self._begin(upload)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._path(upload).write_bytes(body)
        self._start(upload, dry=True)
        return upload

    def run(self, upload_id: str) -> CatalogUpload:
        """Begin to import a file that was tried.

        Raises
        ------
        NotFound
            When there is no such upload, or its file is gone.
        Conflict
            When it is under way or done already, or another one is.
        """
        upload = self.read(upload_id)
        if upload.state not in {"checked", "failed"}:
            raise Conflict(f"{upload.name} is {upload.state} already")
        if not self._path(upload).exists():
            raise NotFound(f"the file {upload.name} is no longer here; give it again")
        upload = evolve(
            upload, state="importing", label="", done=0, total=None, error="", beat=self._shop.clock()
        )
        self._begin(upload)
        self._start(upload, dry=False)
        return upload

    def read(self, upload_id: str) -> CatalogUpload:
        """Return an upload; one that has fallen silent has failed.

        Raises
        ------
        NotFound
            When there is none.
        """
        packed = read_upload(self._shop.database, upload_id)
        if packed is None:
            raise NotFound(f"no upload has the id {upload_id[:40]!r}")
        return self._heard(from_pack(packed, CatalogUpload))

    def last(self, limit: int = 10) -> list[CatalogUpload]:
        """Return the last uploads, the newest first."""
        return [
            self._heard(from_pack(packed, CatalogUpload))
            for packed in last_uploads(self._shop.database, limit)
        ]

    def file_is_here(self, upload: CatalogUpload) -> bool:
        """Tell whether the file can still be imported."""
        return self._path(upload).exists()

    def close(self) -> None:
        """Stop what is under way after its present batch, and wait for it."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _heard(self, upload: CatalogUpload) -> CatalogUpload:
        if upload.state in UNDER_WAY and self._shop.clock() - upload.beat > _SILENT:
            return evolve(upload, state="failed", error="interrupted")
        return upload

    def _begin(self, upload: CatalogUpload) -> None:
        """Note that `upload` is under way, unless another one is."""
        with self._shop.database.writing() as tx:
            if tx.dialect == "postgresql":  # of two that begin at the same moment, one waits here
                tx.run("SELECT pg_advisory_xact_lock(hashtext('catalog_uploads'))")
            for packed in uploads_under_way(tx, UNDER_WAY):
                other = self._heard(from_pack(packed, CatalogUpload))
                if other.state in UNDER_WAY and other.id != upload.id:
                    raise Conflict(f"{other.name} is being read just now; wait until it is done")
            put_upload(tx, upload.id, upload.state, to_pack(upload))

    def _sweep(self, now: int) -> None:
        """Forget old uploads, and files that nobody imported."""
        with self._shop.database.writing() as tx:
            drop_uploads(tx, f"{max(now - _KEPT, 0) // 1000:012x}")
        if self._folder.is_dir():
            for path in self._folder.iterdir():
                if now - path.stat().st_mtime_ns // 1000 > _FILE_KEPT:
                    path.unlink(missing_ok=True)

    def _path(self, upload: CatalogUpload) -> Path:
        return self._folder / upload.id

    def _start(self, upload: CatalogUpload, *, dry: bool) -> None:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        work = threading.Thread(target=self._work, args=(upload, dry), name="catalog-upload", daemon=True)
        self._threads.append(work)
        work.start()

    def _work(self, upload: CatalogUpload, dry: bool) -> None:
        teller = _Teller(self._keep, upload, self._shop.clock, self._stopping)
        try:
            report = import_catalog(
                self._shop,
                self._path(upload),
                market=upload.market or None,
                full=upload.full,
                force=True,
                source=f"upload:{upload.name}",
                dry=dry,
                progress=teller,
            )
            if not dry:
                live_catalog(self._shop).poll()  # whoever reads that it is done finds it in the catalog
            state: State = "checked" if dry else "done"
            short = evolve(report, refused=report.refused[:MOST_REFUSED_KEPT])
            self._keep(evolve(upload, state=state, report=short, refused=len(report.refused)))
        except ExpeditError as error:
            self._keep(evolve(upload, state="failed", error=str(error)))
            return
        except Exception as error:  # nobody waits for this thread: its page must tell
            log.error("upload failed", upload=upload.id, exc_info=error)
            self._keep(evolve(upload, state="failed", error=f"{type(error).__name__}: {error}"))
            return
        if not dry:
            self._path(upload).unlink(missing_ok=True)

    def _keep(self, upload: CatalogUpload) -> None:
        kept = evolve(upload, beat=self._shop.clock())
        with self._shop.database.writing() as tx:
            put_upload(tx, kept.id, kept.state, to_pack(kept))


class _Teller:
    """Keeps the progress of an upload, twice a second at most."""

    def __init__(
        self,
        keep: Callable[[CatalogUpload], None],
        upload: CatalogUpload,
        clock: Callable[[], int],
        stopping: threading.Event,
    ) -> None:
        self._keep = keep
        self._upload = upload
        self._clock = clock
        self._stopping = stopping
        self._told = 0

    def __call__(self, label: str, done: int, total: int | None) -> None:
        if self._stopping.is_set():
            raise Unavailable("the server was stopped; what was read so far is in, begin again for the rest")
        if self._clock() - self._told >= _BEAT:
            self._told = self._clock()
            self._keep(evolve(self._upload, label=label, done=done, total=total))


def uploads(shop: Shop) -> Uploads:
    """Return the one keeper of uploads of `shop`."""
    return shop.part(Uploads, lambda: Uploads(shop))
