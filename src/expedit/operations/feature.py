"""What operations offer to the house."""

from __future__ import annotations

from pathlib import Path

from expedit.core import HOUR, Progress, Settings
from expedit.features import Feature, Job
from expedit.operations.api import routes
from expedit.operations.backing_up import back_up
from expedit.operations.backups import list_backups
from expedit.operations.erasures import keep_erasures
from expedit.operations.panel import MENU, PAGES
from expedit.operations.retention import keep_no_longer
from expedit.operations.watching import watch
from expedit.storage import Shop


def _a_day(_: Settings) -> float:
    return 86_400.0


def _ten_minutes(_: Settings) -> float:
    return 600.0


def _forget(shop: Shop, progress: Progress) -> None:
    keep_no_longer(shop, progress)


def _back_up(shop: Shop, progress: Progress) -> None:
    """Note who was erased beside the backups, and make the next backup when it is due."""
    if not shop.settings.backup_folder:
        return
    folder = Path(shop.settings.backup_folder)
    folder.mkdir(parents=True, exist_ok=True)
    keep_erasures(shop, folder)
    if not shop.settings.backup_hours:
        return
    made = list_backups(folder)
    if not made or made[-1].at <= shop.clock() - shop.settings.backup_hours * HOUR:
        back_up(shop, folder, progress)


def _start(shop: Shop) -> None:
    watch(shop)


FEATURE = Feature(
    name="operations",
    tables=("server_processes",),
    routes=routes,
    jobs=(Job("back up", _ten_minutes, _back_up), Job("retention", _a_day, _forget)),
    start=_start,
    pages=PAGES,
    menu=MENU,
)
