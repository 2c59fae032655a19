"""Importing a catalog file from the panel: tried first, then done, with every refused row and its reason."""

from __future__ import annotations

from expedit.access import audit
from expedit.catalog.addresses import ROOT
from expedit.catalog.live import live_catalog
from expedit.catalog.uploads import ENDINGS, MOST_BYTES, UNDER_WAY, CatalogUpload, uploads
from expedit.core import Conflict, InvalidInput
from expedit.features import Page
from expedit.storage import Shop
from expedit.web import Html, Redirect, Reply, Visit, text

IMPORT = f"{ROOT}/import"
_SHOWN = 200


def show_import(shop: Shop, visit: Visit) -> Reply:  # noqa: ARG001
    """Show where a file is given, and the last ones."""
    return Html(
        "catalog/import.html",
        {
            "markets": list(shop.settings.markets.items()),
            "last": uploads(shop).last(),
            "accept": ",".join((*ENDINGS, ".gz")),
        },
    )


def give_file(shop: Shop, visit: Visit) -> Reply:
    """Take a file and begin to try it."""
    given = visit.uploads.get("file")
    if given is None or not given.body:
        raise InvalidInput("file", text(visit.language, "catalog.import.no_file"))
    if not given.name.lower().removesuffix(".gz").endswith(ENDINGS):
        raise InvalidInput("file", text(visit.language, "catalog.import.wrong_kind"))
    try:
        upload = uploads(shop).give(
            given.name,
            given.body,
            market=visit.form.get("market", ""),
            full=visit.form.get("full") == "yes",
        )
    except Conflict:
        raise Conflict(text(visit.language, "catalog.import.busy")) from None
    audit(shop, visit.viewer, "catalog.upload", upload.name, {"bytes": upload.size, "full": upload.full})
    return Redirect(f"{IMPORT}/{upload.id}")


def show_upload(shop: Shop, visit: Visit) -> Reply:
    """Show how far an upload is, what it would do or did, and its refused rows."""
    upload = uploads(shop).read(visit.path["upload"])
    values = {
        "upload": upload,
        "under_way": upload.state in UNDER_WAY,
        "here_file": uploads(shop).file_is_here(upload),
        "share": _share(upload),
        "shown": _SHOWN,
        "halves": _would_retire_half(shop, upload),
    }
    return Html("catalog/_upload.html" if visit.partial else "catalog/upload.html", values)


def _share(upload: CatalogUpload) -> float | None:
    return None if not upload.total else 100.0 * min(upload.done / upload.total, 1.0)


def _would_retire_half(shop: Shop, upload: CatalogUpload) -> bool:
    """Tell whether the import would take away more than half of what is sold."""
    if upload.report is None or upload.state != "checked":
        return False
    return upload.report.retired * 2 > int(live_catalog(shop).current().active.sum())


def import_upload(shop: Shop, visit: Visit) -> Reply:
    """Import a file that was tried."""
    try:
        upload = uploads(shop).run(visit.path["upload"])
    except Conflict:
        raise Conflict(text(visit.language, "catalog.import.busy")) from None
    audit(shop, visit.viewer, "catalog.import", upload.name, {"upload": upload.id, "full": upload.full})
    return Redirect(f"{IMPORT}/{upload.id}")


IMPORT_PAGES = (
    Page(IMPORT, show=show_import, act=give_file, role="merchandiser", body_limit=MOST_BYTES + 1_000_000),
    Page(f"{IMPORT}/{{upload:str}}", show=show_upload, act=import_upload, role="merchandiser"),
)
