"""The audit log: who did what, when; by filter, page by page, or all as a file."""

from __future__ import annotations

import csv
import io
from datetime import date

from expedit.access.audit import COMMAND_LINE, SYSTEM, Entry, Wanted, actions_of, all_audit, read_audit
from expedit.access.panel.telling import ADMIN, AUDIT_WORDS, action_name, names_of
from expedit.access.users import users_of
from expedit.core import DAY, InvalidInput, format_time, parse_time, to_json
from expedit.features import Page
from expedit.storage import Shop
from expedit.web import Download, Html, Reply, Visit, text

AUDIT_PATH = "/panel/audit"
PAGE_SIZE = 50


def show_audit(shop: Shop, visit: Visit) -> Reply:
    """Show the entries that the address asks for."""
    wanted = wanted_by(visit)
    if visit.query.get("format") == "csv":
        return Download(csv_of(shop, wanted), "text/csv; charset=utf-8", "expedit-audit.csv")
    before = visit.query.get("before", "")
    entries = read_audit(shop, wanted, int(before) if before.isdecimal() else None, PAGE_SIZE + 1)
    names = names_of(shop)
    return Html(
        "access/audit.html",
        {
            "entries": entries[:PAGE_SIZE],
            "more": entries[PAGE_SIZE - 1].seq if len(entries) > PAGE_SIZE else None,
            "started": bool(before),
            "names": names,
            **AUDIT_WORDS,
            "actors": [
                *((user.id, user.name) for user in users_of(shop)),
                (COMMAND_LINE, text(visit.language, "access.audit.command_line")),
                (SYSTEM, text(visit.language, "access.audit.system")),
            ],
            "actions": sorted(
                ((action, action_name(visit.language, action)) for action in actions_of(shop)),
                key=lambda one: one[1],
            ),
            "filtered": wanted != Wanted(),
        },
    )


def wanted_by(visit: Visit) -> Wanted:
    """Return what the address asks for; a day that is none is as good as no day."""
    query = visit.query
    since, until = _day(query.get("since", "")), _day(query.get("until", ""))
    return Wanted(
        query.get("actor", ""),
        query.get("action", ""),
        query.get("subject", "").strip(),
        since or 0,
        until + DAY if until else 2**62,
    )


def csv_of(shop: Shop, wanted: Wanted) -> bytes:
    """Return the entries as a file that spreadsheets open."""
    file = io.StringIO(newline="")
    rows = csv.writer(file)
    rows.writerow(("at", "actor", "name", "action", "subject", "details"))
    names = names_of(shop)
    for entry in all_audit(shop, wanted):
        rows.writerow(map(_harmless, _row(entry, names)))
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def _row(entry: Entry, names: dict[str, str]) -> tuple[str, ...]:
    name = names.get(entry.actor, "")
    details = to_json(entry.details).decode()
    return format_time(entry.at), entry.actor, name, entry.action, entry.subject, details


def _harmless(cell: str) -> str:
    # A spreadsheet takes what begins like this for a formula.
    return "'" + cell if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell


def _day(given: str) -> int:
    try:
        return parse_time(date.fromisoformat(given).isoformat())
    except (ValueError, InvalidInput):
        return 0


AUDIT_PAGES = (Page(AUDIT_PATH, show_audit, role=ADMIN),)
