"""Recording events: identity and profile state, inside the transaction that appends them to the log.

A person's new facts that are all newer than what their row holds are added to the row's state. Whatever else
(late facts, a merge, a window that moves on) computes the row anew from the facts; both give the same bytes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from expedit.core import PackEncoder, Settings
from expedit.events import Event
from expedit.identity import Holding, Key, Limits, bucket_key_of, holdings_of, observe
from expedit.profiles import store
from expedit.profiles.affinity import Tasting
from expedit.profiles.facts import Filed, LastingFact, encode, fact_of, lasting_of, subject_for
from expedit.profiles.fold import Fold
from expedit.profiles.state import State, decode_state, encode_state
from expedit.profiles.store import ProfileRow
from expedit.profiles.window import Window
from expedit.storage import Shop, Transaction

_pack = PackEncoder().encode


class _New:
    """What a batch brings one person."""

    __slots__ = ("filed", "lasting")

    def __init__(self) -> None:
        self.filed: list[Filed] = []
        self.lasting: list[tuple[Key, LastingFact]] = []


def record(tx: Transaction, shop: Shop, events: Sequence[Event]) -> None:
    """Take personal events into who is who and into profiles; others are passed over.

    Parameters
    ----------
    tx
        The transaction that appends `events` to the log.
    events
        In any order; large batches (an import) cost less an event than small ones, since each person is
        written once. Events that were recorded before change nothing.

    Notes
    -----
    A consent given or denied is recorded even when the event is not personal otherwise: a denial must be
    remembered.
    """
    mine = [event for event in events if event.subject and event.ids and (event.personal or event.consent)]
    if not mine:
        return
    seen = observe(tx, Limits.of(shop.settings.quarantine_links), mine)
    facts: list[tuple[str, int, str, str, bytes]] = []
    lasting: list[tuple[str, int, str, str, bytes]] = []
    news: dict[str, _New] = defaultdict(_New)
    for event in mine:
        fact = fact_of(event) if event.personal else None
        kept = lasting_of(event)
        if fact is None and kept is None:
            continue
        subject, strong = subject_for(event)
        key = Key(event.at, event.message_id, event.source)
        new = news[seen.owner(subject, event.at)]
        if fact is not None:
            facts.append((subject, *key, encode(fact)))
            new.filed.append(Filed(key, subject, "" if strong else subject, fact))
        if kept is not None:
            lasting.append((subject, *key, encode(kept)))
            new.lasting.append((key, kept))
    store.write_facts(tx, facts, lasting=False)
    store.write_facts(tx, lasting, lasting=True)
    _update(tx, shop.settings, news, seen.changed)


def _update(tx: Transaction, settings: Settings, news: dict[str, _New], changed: Collection[str]) -> None:
    """Write the rows of everybody who has news, on the short way where it leads to the same."""
    rows = store.read_rows(tx, news.keys() - changed)
    fresh = holdings_of(tx, [one for one in news if one not in rows and one not in changed])
    window, tasting = Window.of(settings), Tasting.of(settings)
    written: list[ProfileRow] = []
    again = set(changed)
    for person, new in news.items():
        if person in again:
            continue
        row = rows.get(person)
        if row is None:
            bucket_key, first_at = _origin(person, fresh[person])
            row = ProfileRow(person, bucket_key, first_at, -(1 << 62), "", "", _pack(None), _pack({}), None)
        result = _go_on(row, new, window, tasting)
        if result is None:
            again.add(person)
        else:
            written.append(result)
    store.write_rows(tx, written)
    if again:
        refold(tx, settings, again)


def _go_on(row: ProfileRow, new: _New, window: Window, tasting: Tasting) -> ProfileRow | None:
    """Add newer facts to a row; None when it must be computed anew."""
    filed = sorted(new.filed, key=lambda one: one.key) if len(new.filed) > 1 else new.filed
    lasting = sorted(new.lasting, key=lambda one: one[0]) if new.lasting else new.lasting
    last = row.last
    if (filed and filed[0].key <= last) or (lasting and lasting[0][0] <= last):
        return None
    consents, traits = row.consents, row.traits
    if lasting:
        keeping = _Lasting(store.decode_consents(consents), store.decode_traits(traits) if traits else {})
        for key, kept in lasting:
            keeping.add(key, kept)
        if keeping.denied is not None:
            return None
        consents, traits = keeping.packed()
    state = decode_state(row.state)
    if state is not None and (state.half_life, state.weights) != (tasting.half_life, tasting.mark):
        return None
    fold = Fold(state, tasting)
    for one in filed:
        if fold.events and not window.goes_on(
            fold.events, fold.oldest_at, fold.truncated, fold.last, one.key.at
        ):
            return None
        fold.add(one)
    newest = filed[-1].key if filed else lasting[-1][0]
    if lasting and lasting[-1][0] > newest:
        newest = lasting[-1][0]
    return ProfileRow(
        row.person_id,
        row.bucket_key,
        row.first_at,
        newest.at,
        newest.message_id,
        newest.source,
        encode_state(fold.state()),
        consents,
        traits,
    )


class _Lasting:
    """Consents and traits under way; the latest of each wins."""

    def __init__(self, consents: dict[str, bool], traits: dict[str, Any]) -> None:
        self.consents = consents
        self.traits = traits
        self.denied: Key | None = None
        self.last: Key | None = None

    def add(self, key: Key, kept: LastingFact) -> None:
        """Take in the next lasting fact."""
        self.last = key
        if kept.traits:
            for name, value in kept.traits.items():
                self.traits.pop(name, None)
                if value is not None:
                    self.traits[name] = value
        if kept.consent:
            self.consents |= kept.consent
            if kept.consent.get("personalization") is False:
                self.denied = key
                self.traits.clear()

    def packed(self) -> tuple[bytes, bytes | None]:
        return _pack(dict(sorted(self.consents.items()))), _pack(self.traits) if self.traits else None


def _origin(person: str, holdings: Sequence[Holding]) -> tuple[str, int]:
    """Return the person's bucket key and first moment."""
    bucket_key = bucket_key_of(person, holdings)
    return bucket_key, min(max(one.first_at, one.spans[0].since) for one in holdings)


def refold(tx: Transaction, settings: Settings, person_ids: Iterable[str]) -> None:
    """Compute the rows of persons anew from their facts; who has none any more loses the row."""
    holdings = holdings_of(tx, set(person_ids))
    lasting = store.all_lasting(tx, {one.subject_id for held in holdings.values() for one in held})
    people = sorted(holdings)
    told = [_told(holdings[person], lasting) for person in people]
    window = Window.of(settings)
    done = store.newest_facts(
        tx,
        [(holdings[person], keeping.denied) for person, keeping in zip(people, told, strict=True)],
        window.most + 1,
    )
    written: list[ProfileRow] = []
    gone: list[str] = []
    for person, keeping, filed in zip(people, told, done, strict=True):
        last = max([key for key in (keeping.last, filed[-1].key if filed else None) if key], default=None)
        if last is None:
            gone.append(person)
            continue
        bucket_key, first_at = _origin(person, holdings[person])
        state = encode_state(_folded(filed, window, Tasting.of(settings)))
        consents, traits = keeping.packed()
        written.append(
            ProfileRow(
                person, bucket_key, first_at, last.at, last.message_id, last.source, state, consents, traits
            )
        )
    store.write_rows(tx, written)
    store.delete_rows(tx, gone)


def _told(held: Sequence[Holding], lasting: dict[str, list[tuple[Key, LastingFact]]]) -> _Lasting:
    """Return a person's consents and traits, from what was told while the subjects were theirs."""
    keeping = _Lasting({}, {})
    mine = [
        (key, one.subject_id, kept)
        for one in held
        for key, kept in lasting.get(one.subject_id, ())
        if any(span.since <= key.at < span.until for span in one.spans)
    ]
    for key, _, kept in sorted(mine, key=lambda row: row[:2]):
        keeping.add(key, kept)
    return keeping


def denial_of(held: Sequence[Holding], lasting: dict[str, list[tuple[Key, LastingFact]]]) -> Key | None:
    """Return the key of a person's latest denial of personalization: nothing before it counts."""
    return _told(held, lasting).denied


def _folded(filed: Sequence[Filed], window: Window, tasting: Tasting) -> State | None:
    """Return the state that the facts in the window make."""
    remembered, truncated = window.cut(filed)
    fold = Fold(None, tasting)
    for one in remembered:
        fold.add(one)
    fold.truncated = truncated
    return fold.state()
