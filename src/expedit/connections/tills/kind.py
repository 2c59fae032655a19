"""A folder that a till writes its files into: each is imported once and moved out of the way."""

from __future__ import annotations

import time
from pathlib import Path

from expedit.connections.model import Connection, Field, Kind
from expedit.connections.tills.columns import NAMES, TillFormat
from expedit.connections.tills.importing import TillReport, import_till
from expedit.core import InvalidInput, Progress
from expedit.storage import Shop

DONE = "done"
"""Folder, inside the watched one, of files that were imported."""
FAILED = "failed"
"""Folder of files that could not be used, each beside a text that says why."""
QUIET_SECONDS = 10.0
"""A file that was written to within this time may not be complete."""
_ENDINGS = (".csv", ".txt", ".tsv", ".csv.gz", ".txt.gz", ".tsv.gz")
_MOST_AT_ONCE = 100
_MARKS = {"comma": ",", "point": "."}


def format_of(connection: Connection) -> TillFormat:
    """Return how the files of a connection are written."""
    return TillFormat(
        columns=_pairs(connection.text("columns"), "columns"),
        timezone=connection.text("timezone"),
        decimal=_MARKS.get(connection.text("decimal"), ""),
        market=connection.text("market"),
        markets=_pairs(connection.text("markets"), "markets"),
        with_tax=connection.text("with_tax") != "no",
    )


def fetch(shop: Shop, connection: Connection, progress: Progress) -> str:
    """Import the files that lie in the watched folder.

    Raises
    ------
    InvalidInput
        When the folder is not there, or a file could not be used (the others are imported first).
    """
    chosen = connection.text("folder")
    if not chosen:
        return "no folder is watched: files are uploaded"
    folder = Path(chosen)
    if not folder.is_dir():
        raise InvalidInput("folder", f"{folder} is no folder that can be read")
    done, failures, lines = 0, [], 0
    for path in _complete(folder):
        try:
            report = import_till(
                shop, path, source=connection.source, form=format_of(connection), progress=progress
            )
        except InvalidInput as error:
            failures.append(f"{path.name}: {error}")
            _move(path, folder / FAILED, str(error))
        else:
            done += 1
            lines += report.lines
            _move(path, folder / DONE, _told(report))
    if failures:
        raise InvalidInput("", f"{len(failures)} files could not be used; {failures[0]}")
    return f"{done} files, {lines} lines" if done else "no new file"


def _complete(folder: Path) -> list[Path]:
    """Return the files that nobody writes to any more, the oldest first."""
    now = time.time()
    found = []
    for path in folder.iterdir():
        if not path.name.lower().endswith(_ENDINGS) or path.name.startswith(".") or path.is_symlink():
            continue
        facts = path.stat()
        if path.is_file() and facts.st_size and now - facts.st_mtime >= QUIET_SECONDS:
            found.append((facts.st_mtime, path.name, path))
    return [path for _, _, path in sorted(found)][:_MOST_AT_ONCE]


def _move(path: Path, folder: Path, text: str) -> None:
    folder.mkdir(exist_ok=True)
    target = folder / path.name
    number = 1
    while target.exists():  # a till may call every file the same
        number += 1
        target = folder / f"{number}-{path.name}"
    path.rename(target)
    if text:
        (folder / f"{target.name}.txt").write_text(text + "\n")


def _told(report: TillReport) -> str:
    return "\n".join(f"line {one.line}: {one.field}: {one.reason}" for one in report.refused)


def _pairs(text: str, name: str) -> dict[str, str]:
    """Read ``theirs=ours, theirs=ours``."""
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    if any(not equals or not theirs.strip() or not ours.strip() for theirs, equals, ours in pairs):
        raise InvalidInput(name, "must be pairs: Bongnr=receipt, Kundnr=loyalty_id")
    return {theirs.strip(): ours.strip() for theirs, _, ours in pairs}


def _columns(text: str) -> str:
    for ours in _pairs(text, "columns").values():
        if ours not in NAMES:
            raise InvalidInput("columns", f"{ours!r} is none of {', '.join(NAMES)}")
    return text


def _markets(text: str) -> str:
    _pairs(text, "markets")
    return text


def _zone(text: str) -> str:
    TillFormat(timezone=text).zone_of("")
    return text


def _folder(text: str) -> str:
    if not Path(text).is_absolute():
        raise InvalidInput("folder", "must be the whole path of a folder, from its root")
    return text


def every(connection: Connection) -> float:  # noqa: ARG001  (a kind's shape)
    """Return the seconds between two looks at the folder."""
    return 60.0


TILL_LINES = Kind(
    name="till_lines",
    fields=(
        Field("folder", required=False, check=_folder),
        Field("timezone", required=False, check=_zone),
        Field("decimal", "choice", required=False, choices=("", "comma", "point")),
        Field("market", required=False),
        Field("markets", required=False, check=_markets),
        Field("with_tax", "choice", required=False, default="yes", choices=("yes", "no")),
        Field("columns", required=False, check=_columns),
    ),
    fetch=fetch,
    every=every,
    source_kind="till",
    page="/panel/connections/tills",
)
"""The kind, as `expedit.connections.kinds` lists it."""
