"""People: found by anything they are known by, shown on one page, helped from there."""

from __future__ import annotations

import json
from typing import Any, Final

from expedit.access import PURPOSES, User, Wanted, audit, audit_in, find_user, read_audit
from expedit.core import HOUR, InvalidInput, NotFound, PersonRef, format_time, to_builtins
from expedit.features import Found, MenuItem, Page, installed
from expedit.identity import (
    Known,
    identifiers_in,
    known_as,
    merges_of,
    person_of,
    quarantined,
    separations_of,
)
from expedit.orders import orders_of
from expedit.profiles.caring import (
    person_or_nobody,
    put_together,
    release_identifier,
    say_consent,
    take_apart,
)
from expedit.profiles.read import read_profile
from expedit.profiles.seeking import Sighting, masked, newest_people, seek, sightings
from expedit.profiles.showing import bars, cart_products, recent_products, tell_merges, timeline
from expedit.profiles.store import consent_history
from expedit.storage import Shop
from expedit.web import Download, Html, Redirect, Reply, Viewer, Visit, text

PATH = "/panel/people"
_ONE = f"{PATH}/{{person_id:str}}"
_DIMENSIONS: Final = ("category", "brand", "color", "size", "price_band")


def may_see(viewer: Viewer) -> bool:
    """Tell whether a viewer sees identifiers, traits and what people wrote; others see them masked."""
    return viewer.may("merchandiser")


# ── finding ─────────────────────────────────────────────────────────────────────────────────────────────


def show_people(shop: Shop, visit: Visit) -> Reply:
    """Show the people who did something last."""
    return _listed(visit, newest_people(shop), words="")


def search_people(shop: Shop, visit: Visit) -> Reply:
    """Go to the person known by the words in the form, or list everybody who is."""
    words = visit.form.get("words", "")[:300]
    found = seek(shop, words)
    if len(found) == 1:
        return Redirect(f"{PATH}/{found[0].person_id}")
    return _listed(visit, sightings(shop, found), words=words.strip())


def _listed(visit: Visit, found: tuple[Sighting, ...], words: str) -> Html:
    clear = may_see(visit.viewer)
    rows = [(one, [_written(who.kind, who.value, clear) for who in one.identifiers]) for one in found]
    return Html("profiles/people.html", {"rows": rows, "words": words, "searched": bool(words)})


def _written(kind: Any, value: str, clear: bool) -> tuple[str, str]:
    return kind, value if clear else masked(kind, value)


def find_people(shop: Shop, viewer: Viewer, words: str) -> list[Found]:
    """Find people for the panel's search, by a whole identifier or order number."""
    if len(words.strip()) < 3:
        return []
    clear = may_see(viewer)
    hits = []
    for one in sightings(shop, seek(shop, words)[:5]):
        names = [_written(who.kind, who.value, clear)[1] for who in one.identifiers[:2]]
        hits.append(
            Found(names[0] if names else one.person.person_id[:8], " · ".join(names[1:]),
                  f"{PATH}/{one.person.person_id}", "profiles.found.person")
        )  # fmt: skip
    return hits


# ── one person ──────────────────────────────────────────────────────────────────────────────────────────


def _person(shop: Shop, visit: Visit) -> PersonRef:
    return person_or_nobody(person_of(shop.database, visit.path.get("person_id", "")))


def show_person(shop: Shop, visit: Visit) -> Reply:
    """Show one person: who they are, what is known, what happened, what they allowed."""
    person = _person(shop, visit)
    if person.person_id != visit.path["person_id"]:  # a device, or somebody who was merged
        return Redirect(f"{PATH}/{person.person_id}")
    clear = may_see(visit.viewer)
    if clear:
        note_view(shop, visit.viewer, person)
    known = known_as(shop.database, person)
    profile = read_profile(shop.database, person.person_id)
    merges, separations = tell_merges(
        shop,
        merges_of(shop.database, person.subject_ids),
        separations_of(shop.database, person.subject_ids),
        clear=clear,
    )
    told: dict[str, Any] = {
        "person": person,
        "title": _title(visit, known, clear),
        "known": [(one, _written(one.kind, one.value, clear)[1]) for one in known],
        "profile": profile,
        "clear": clear,
        "orders": orders_of(shop, person.subject_ids)[:50],
        "merges": merges,
        "separations": separations,
        "actors": _actors(shop, {one.by for one in separations}),
        "consents": _consents(shop, person, {} if profile is None else profile.consents),
        "timeline": timeline(shop, person, visit.language, before=visit.query.get("before", ""), clear=clear),
        "panels": _panels(shop, person, visit),
        "erase_word": text(visit.language, "profiles.erase.word"),
    }
    if profile is not None:
        told |= {
            "tastes": [
                (name, found) for name in _DIMENSIONS if (found := bars(getattr(profile.affinities, name)))
            ],
            "recent": recent_products(shop, profile, visit.language, visit.at),
            "cart": cart_products(shop, profile, visit.language, visit.at),
            "traits": sorted(profile.traits.items()) if clear else [],
        }
    return Html("profiles/person.html", told)


def note_view(shop: Shop, viewer: Viewer, person: PersonRef) -> None:
    """Write down who looked at whom, once an hour."""
    wanted = Wanted(viewer.user_id, "profiles.view", person.person_id, since=shop.clock() - HOUR)
    if not read_audit(shop, wanted, limit=1):
        audit(shop, viewer, "profiles.view", person.person_id)


def show_timeline(shop: Shop, visit: Visit) -> Reply:
    """Show the next page of a person's timeline, below the one before."""
    person = _person(shop, visit)
    page = timeline(
        shop, person, visit.language, before=visit.query.get("before", ""), clear=may_see(visit.viewer)
    )
    return Html("profiles/_timeline.html", {"person": person, "timeline": page})


def _title(visit: Visit, known: tuple[Known, ...], clear: bool) -> str:
    if not known:
        return text(visit.language, "profiles.person.unknown")
    named = next((one for one in known if one.kind == "email"), known[0])
    if named.kind == "anonymous_id":
        return text(visit.language, "profiles.person.visitor")
    return _written(named.kind, named.value, clear)[1] or text(visit.language, "profiles.person.unknown")


def _actors(shop: Shop, ids: set[str]) -> dict[str, str]:
    names = {}
    for actor in ids:
        try:
            found: User = find_user(shop, actor)
        except NotFound:  # the command line, a key, or somebody who left
            names[actor] = actor
        else:
            names[actor] = found.name
    return names


def _consents(shop: Shop, person: PersonRef, now: dict[str, bool]) -> list[dict[str, Any]]:
    with shop.database.reading() as tx:
        history = consent_history(tx, person.subject_ids)
    return [
        {
            "purpose": purpose,
            "given": now.get(purpose),
            "history": [
                (at, source, consent[purpose]) for at, source, consent in history if purpose in consent
            ],
        }
        for purpose in PURPOSES
    ]


def _changes(answers: list[tuple[int, str, bool]]) -> list[tuple[int, str, bool]]:
    """Return the answers that changed something, the newest first: browsers repeat a standing one."""
    return [
        one
        for place, one in enumerate(answers)
        if place + 1 == len(answers) or answers[place + 1][2] != one[2]
    ]


def _panels(shop: Shop, person: PersonRef, visit: Visit) -> list[tuple[str, Html]]:
    cards = [card for feature in installed(shop) for card in feature.person_panel]
    return [
        (text(visit.language, card.text), card.show(shop, person, visit))
        for card in sorted(cards, key=lambda card: card.order)
    ]


# ── doing ───────────────────────────────────────────────────────────────────────────────────────────────


def act_on_consent(shop: Shop, visit: Visit) -> Reply:
    """Note a consent given or withdrawn."""
    person = _person(shop, visit)
    given = visit.form.get("given") == "yes"
    note = visit.form.get("note", "")
    if given and not note.strip():
        raise InvalidInput("note", text(visit.language, "profiles.consent.note_missing"))
    say_consent(shop, visit.viewer, person, visit.form.get("purpose", ""), given, note)
    key = "profiles.consent.was_given" if given else "profiles.consent.was_withdrawn"
    return Redirect(f"{PATH}/{person.person_id}#consent", said=text(visit.language, key))


def act_on_merge(shop: Shop, visit: Visit) -> Reply:
    """Undo a merge, or take a separation back."""
    person = _person(shop, visit)
    if "separation" in visit.form:
        put_together(shop, visit.viewer, visit.form["separation"])
        said = text(visit.language, "profiles.merge.rejoined")
    else:
        take_apart(shop, visit.viewer, visit.form.get("merge", ""))
        said = text(visit.language, "profiles.merge.undone")
    return Redirect(f"{PATH}/{person.person_id}", said=said)


def export_person(shop: Shop, visit: Visit) -> Reply:
    """Give everything that every room holds of a person as a file."""
    person = _person(shop, visit)
    told = {
        "personId": person.person_id,
        "exportedAt": format_time(shop.clock()),
        "features": {
            feature.name: feature.export_person(shop, person)
            for feature in installed(shop)
            if feature.export_person is not None
        },
    }
    audit(shop, visit.viewer, "profiles.export", person.person_id)
    body = json.dumps(to_builtins(told), indent=2, ensure_ascii=False).encode()
    return Download(body, "application/json", f"person-{person.person_id[:8]}.json")


def erase_person(shop: Shop, visit: Visit) -> Reply:
    """Erase a person from every room, in one transaction with its line in the audit log."""
    person = _person(shop, visit)
    if visit.form.get("word", "").strip() != text(visit.language, "profiles.erase.word"):
        raise InvalidInput("word", text(visit.language, "profiles.erase.word_wrong"))
    with shop.database.writing(shred=True) as tx:
        # The reverse order lets a feature still see what it stands on.
        for feature in reversed(installed(shop)):
            if feature.erase_person is not None:
                feature.erase_person(shop, tx, person)
        audit_in(
            tx, shop, visit.viewer, "profiles.erase", person.person_id, {"subjects": len(person.subject_ids)}
        )
    return Redirect(PATH, said=text(visit.language, "profiles.erase.done"))


# ── quarantine ──────────────────────────────────────────────────────────────────────────────────────────


def show_quarantine(shop: Shop, visit: Visit) -> Reply:
    """List the identifiers that gathered too many people and are not believed."""
    rows = quarantined(shop.database)
    with shop.database.reading() as tx:
        values = {one.subject_id: one.value for one in identifiers_in(tx, [row[0] for row in rows])}
    clear = may_see(visit.viewer)
    told = [
        (subject, kind, _written(kind, values.get(subject, ""), clear)[1], others)
        for subject, kind, others in rows
    ]
    return Html("profiles/quarantine.html", {"rows": told, "limit": shop.settings.quarantine_links})


def act_on_quarantine(shop: Shop, visit: Visit) -> Reply:
    """Release an identifier."""
    release_identifier(shop, visit.viewer, visit.form.get("subject", ""))
    return Redirect("/panel/quarantine", said=text(visit.language, "profiles.quarantine.released"))


PAGES = (
    Page(PATH, show=show_people, act=search_people, act_role="viewer"),
    Page(_ONE, show=show_person),
    Page(f"{_ONE}/events", show=show_timeline),
    Page(f"{_ONE}/consent", show=show_person, act=act_on_consent),
    Page(f"{_ONE}/merges", act=act_on_merge),
    Page(f"{_ONE}/export", act=export_person),
    Page(f"{_ONE}/erase", show=show_person, act=erase_person),
    Page("/panel/quarantine", show=show_quarantine, act=act_on_quarantine),
)
MENU = (
    MenuItem(PATH, "profiles.menu.people", icon="users", order=100, group="web.group.customers"),
    MenuItem(
        "/panel/quarantine", "profiles.menu.quarantine", icon="shield-lock", order=190,
        group="web.group.customers",
    ),
)  # fmt: skip
