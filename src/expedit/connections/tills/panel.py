"""The page of tills: upload a file, see what came of the last ones, and which articles nobody knows."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from expedit.access import audit
from expedit.connections.model import Connection
from expedit.connections.plugged import connections
from expedit.connections.tills.importing import TillReport, import_till
from expedit.connections.tills.kind import format_of
from expedit.connections.tills.store import read_files, read_unknown
from expedit.core import InvalidInput, from_json
from expedit.features import Page
from expedit.storage import Shop
from expedit.web import Html, Redirect, Reply, Visit, text

PATH = "/panel/connections/tills"
KIND = "till_lines"
_LARGEST = 50_000_000
_MOST_LISTED = 100


def _tills(shop: Shop) -> list[Connection]:
    return [one for one in connections(shop).all() if one.kind == KIND]


def show_tills(shop: Shop, visit: Visit) -> Reply:
    """Show the tills that are plugged in, their files and unknown articles."""
    tills = _tills(shop)
    names = {one.source: one.name for one in tills}
    with shop.database.reading() as tx:
        files = [
            (names.get(source, source), at, name, from_json(report, TillReport))
            for source, at, name, report in read_files(tx, 20)
        ]
        unknown = read_unknown(tx, _MOST_LISTED)
    wanted = visit.query.get("file", "")
    chosen = next((one for one in files if str(one[1]) == wanted), files[0] if files else None)
    return Html(
        "connections/tills.html",
        {"tills": tills, "files": files, "unknown": unknown, "chosen": chosen, "most": _MOST_LISTED},
    )


def upload_lines(shop: Shop, visit: Visit) -> Reply:
    """Import a file that somebody uploaded, as the chosen till writes them."""
    one = next((till for till in _tills(shop) if till.id == visit.form.get("till")), None)
    if one is None:
        raise InvalidInput("till", text(visit.language, "connections.till.choose"))
    upload = visit.uploads.get("file")
    if upload is None or not upload.body:
        raise InvalidInput("file", text(visit.language, "connections.till.file_missing"))
    shop.home.run.mkdir(parents=True, exist_ok=True)
    handle, place = tempfile.mkstemp(prefix="till-", dir=shop.home.run)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(upload.body)
        report = import_till(
            shop, Path(place), source=one.source, form=format_of(one), name=Path(upload.name).name[:100]
        )
    finally:
        Path(place).unlink()
    audit(shop, visit.viewer, "connections.upload_till_lines", one.id, {"lines": report.lines})
    said = text(
        visit.language,
        "connections.till.taken",
        lines=report.lines,
        receipts=report.receipts,
        refused=report.refused_lines,
        duplicates=report.duplicates,
    )
    return Redirect(PATH, said=said)


PAGES = (Page(PATH, show=show_tills, act=upload_lines, body_limit=_LARGEST),)
