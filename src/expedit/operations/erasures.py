"""Who was erased, kept beside the backups, so that restoring an older one brings nobody back."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from expedit.core import PersonRef, Struct, from_json, to_json
from expedit.operations.backups import ERASURES
from expedit.profiles import person_of
from expedit.storage import Shop


class Erasures(Struct, frozen=True, omit_defaults=False):
    """The list.

    Parameters
    ----------
    at
        When it was written.
    subjects
        Subject id (a keyed hash, no identifier itself) and the moment up to which it is erased.
    """

    at: int
    subjects: dict[str, int]


Erase = Callable[[Shop, PersonRef], object]
"""Erases a person from every feature; `app` gives it."""


def keep_erasures(shop: Shop, folder: Path) -> int:
    """Write the list of erasures into `folder`, with what an earlier list there knows; return how many."""
    rows = shop.database.read_rows("SELECT subject, at FROM erased_subjects")
    subjects = read_erasures(folder).subjects
    for subject, at in rows:
        subjects[subject] = max(at, subjects.get(subject, at))
    draft = folder / f".{ERASURES}.tmp"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(to_json(Erasures(shop.clock(), subjects)))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / ERASURES)
    return len(subjects)


def read_erasures(folder: Path) -> Erasures:
    """Read the list in `folder`; an empty one where there is none."""
    try:
        return from_json((folder / ERASURES).read_bytes(), Erasures)
    except FileNotFoundError:
        return Erasures(0, {})


def erase_again(shop: Shop, known: Erasures, erase: Erase) -> int:
    """Erase whom the list names and the restored database does not know to be erased; return how many.

    Each is erased as of the moment of the original erasure: what the same person does later is theirs.
    """
    done = dict(shop.database.read_rows("SELECT subject, at FROM erased_subjects"))
    missing: dict[int, list[str]] = defaultdict(list)
    for subject, at in known.subjects.items():
        if done.get(subject, -1) < at:
            missing[at].append(subject)
    count = 0
    for at, subjects in sorted(missing.items()):
        person = next((found for one in subjects if (found := person_of(shop.database, one))), None)
        ref = PersonRef(person.person_id if person else subjects[0], tuple(sorted(subjects)))
        erase(_as_of(shop, at), ref)
        count += len(subjects)
    return count


def _as_of(shop: Shop, at: int) -> Shop:
    """Return the shop as it was at that moment, for everything that looks at the clock."""
    return Shop(shop.settings, shop.home, shop.database, lambda: at)
