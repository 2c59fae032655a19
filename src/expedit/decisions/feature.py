"""What decisions offer to the house."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Collection

from expedit.core import Progress, Settings
from expedit.decisions.api import routes
from expedit.decisions.desk import desk
from expedit.decisions.erasure import erase_decisions, erase_person, export_person
from expedit.decisions.finding import find_here
from expedit.decisions.landings import PREFIX
from expedit.decisions.lists import list_desk
from expedit.decisions.live_placements import live_placements
from expedit.decisions.log import decision_log
from expedit.decisions.panel import MENU, PAGES, placements_health
from expedit.decisions.placement_api import placement_routes
from expedit.decisions.rehearsing import emptied_by
from expedit.decisions.sealing import seal_decisions
from expedit.features import Feature, Job
from expedit.merchandising import live_landings, stage
from expedit.storage import Shop
from expedit.web import text


def _seal_every(_: Settings) -> float:
    return 600.0


def _erase_every(_: Settings) -> float:
    return 3600.0


def _seal(shop: Shop, progress: Progress) -> None:
    seal_decisions(shop, progress)


def _erase(shop: Shop, progress: Progress) -> None:
    erase_decisions(shop, progress)


def _start(shop: Shop) -> None:
    list_desk(shop, desk(shop)).start()
    decision_log(shop).start()
    stage(shop).rehearse = emptied_by
    # What was just read stays: the garbage collector need not walk a million products again and again.
    gc.collect()
    gc.freeze()


def _titles(shop: Shop, ids: Collection[str], language: str) -> dict[str, str]:
    known = live_placements(shop).current()
    found = {
        one: known[one].titles[language] for one in ids if one in known and language in known[one].titles
    }
    pages = live_landings(shop).current().by_slug
    for one in ids:
        if one.startswith(PREFIX) and (landing := pages.get(one.removeprefix(PREFIX))) is not None:
            found[one] = text(language, "decisions.landing.titled", name=landing.page.name)
    return found


def _placements(shop: Shop, language: str) -> dict[str, str]:
    titles = {name: one.title(language) for name, one in sorted(live_placements(shop).current().items())}
    often = Counter(titles.values())  # several placements may carry the same heading
    return {
        name: f"{title} ({name})" if often[title] > 1 else title or name for name, title in titles.items()
    }


def _channels(shop: Shop, _language: str) -> dict[str, str]:
    return {one.channel: one.channel for one in live_placements(shop).current().values()}


FEATURE = Feature(
    name="decisions",
    tables=("decision_erasures",),
    person_tables=("decision_erasures",),
    routes=lambda shop: [*routes(shop), *placement_routes(shop)],
    jobs=(
        Job(name="seal decisions", every=_seal_every, run=_seal),
        Job(name="erase decisions", every=_erase_every, run=_erase),
    ),
    export_person=export_person,
    erase_person=erase_person,
    start=_start,
    pages=PAGES,
    menu=MENU,
    find=find_here,
    titles={"placement": _titles},
    lists={"placement": _placements, "channel": _channels},
    health=placements_health,
)
