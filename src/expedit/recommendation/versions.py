"""Model versions as people look after them: what each measured, which serves, how two differ."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from expedit.core import Corrupt, NotFound, Struct
from expedit.jobs import ask_for, job_states
from expedit.recommendation.live import live_model
from expedit.recommendation.model import Model, load_model
from expedit.recommendation.model_folder import (
    ModelMeta,
    current_version,
    list_versions,
    read_meta,
)
from expedit.recommendation.watching import BuildState, build_state
from expedit.storage import Shop, Transaction

BUILD = "build models"
"""Name of the job that builds."""

_COMPARED = 200
_NEAREST = 10


class Version(Struct, frozen=True):
    """A version on disk.

    Parameters
    ----------
    meta
        What is known of it; None when its description cannot be read.
    size
        Bytes of its folder.
    published
        Whether the pointer names it.
    serving
        Whether this process answers with it; differs from `published` for a second after a change, or when
        the version could not be opened.
    trouble
        Why it cannot serve, as far as is known.
    """

    name: str
    meta: ModelMeta | None
    size: int
    published: bool
    serving: bool
    trouble: str = ""


class BuildWatch(Struct, frozen=True):
    """Where building is.

    Parameters
    ----------
    phase
        ``idle``, ``waiting`` (asked for, nobody has taken it yet) or ``building``.
    asked
        When it was asked for, while it waits.
    state
        The present build or the last one.
    due
        When the next one is due by itself; None when no worker ever ran here.
    """

    phase: Literal["idle", "waiting", "building"]
    asked: int
    state: BuildState | None
    due: int | None


class Overlap(Struct, frozen=True):
    """How much of a list two versions have in common.

    Parameters
    ----------
    name
        ``popular``, ``trending`` or a relation of `RELATIONS`.
    share
        Mean share, 0 … 1, of the first version's entries that the second has too.
    lists
        How many lists were compared.
    """

    name: str
    share: float
    lists: int


def versions_of(shop: Shop) -> list[Version]:
    """Return every version, the newest first."""
    models = shop.home.models
    handle = live_model(shop)
    published, serving = current_version(models), handle.current().version
    found = []
    for name in reversed(list_versions(models)):
        try:
            meta: ModelMeta | None = read_meta(models, name)
            trouble = ""
        except Corrupt as error:
            meta, trouble = None, str(error)
        if handle.error is not None and name == published != serving:
            trouble = str(handle.error)
        found.append(Version(name, meta, _size(models / name), name == published, name == serving, trouble))
    return found


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())


def ask_build(tx: Transaction, now: int) -> None:
    """Have the next free worker build."""
    ask_for(tx, BUILD, now)


def watch_build(shop: Shop) -> BuildWatch:
    """Return where building is, whoever builds."""
    now = shop.clock()
    job = next((one for one in job_states(shop.database, now) if one.name == BUILD), None)
    state = build_state(shop.home)
    if state is not None and state.state == "running":
        return BuildWatch("building", 0, state, job.due if job else None)
    if job is not None and job.running:
        return BuildWatch("building", 0, None, job.due)
    if job is not None and job.due <= now:
        return BuildWatch("waiting", job.due, state, job.due)
    return BuildWatch("idle", 0, state, job.due if job else None)


def compare_versions(models: Path, first: str, second: str) -> list[Overlap]:
    """Return how much the answers of two versions have in common.

    The first version's best sellers say which products' neighbors are compared.

    Raises
    ------
    NotFound, Corrupt
        When one of them cannot be opened.
    """
    known = list_versions(models)
    for name in (first, second):
        if name not in known:
            raise NotFound(f"no model version is called {name[:60]!r}")
    one, other = load_model(models, first), load_model(models, second)
    found = [
        Overlap(name, _share(_ids(one, one.orders[name][:50]), _ids(other, other.orders[name][:50])), 1)
        for name in ("popular", "trending")
        if one.orders[name].size
    ]
    leading = [one.item_ids[place] for place in one.orders["popular"][:_COMPARED].tolist()]
    for name in ("viewed", "bought", "similar"):
        shares = []
        for item in leading:
            mine = _near(one, name, item)
            if mine and item in other.index:
                shares.append(_share(mine, _near(other, name, item)))
        if shares:
            found.append(Overlap(name, float(np.mean(shares)), len(shares)))
    return found


def _ids(model: Model, places: np.ndarray) -> list[str]:
    return [model.item_ids[place] for place in places.tolist()]


def _near(model: Model, relation: str, item: str) -> list[str]:
    items, _ = model.relations[relation].of(model.index[item])
    return [name for name in _ids(model, items) if name != item][:_NEAREST]


def _share(mine: list[str], theirs: list[str]) -> float:
    return len(set(mine) & set(theirs)) / len(mine)
