"""Build from the shop's own log and publish; as a process of its own, so that serving is not slowed.

``python -m expedit.recommendation.building HOME`` builds once.
"""

from __future__ import annotations

import sys
from pathlib import Path

from expedit.core import Corrupt, Progress, no_progress
from expedit.jobs import main_apart, run_apart
from expedit.recommendation.build import BuildParams, build_model
from expedit.recommendation.model_folder import ModelMeta, current_version, prune, publish, read_meta
from expedit.recommendation.session_model import SessionParams
from expedit.recommendation.training import read_training
from expedit.recommendation.watching import watched
from expedit.storage import Shop

_MODULE = "expedit.recommendation.building"


def build(shop: Shop, progress: Progress = no_progress, *, tune_seconds: float | None = None) -> ModelMeta:
    """Learn a new version from the sealed log and the catalog, publish it and prune old ones.

    How far it is stands in the home (`build_state`) for whoever wants to watch.

    Parameters
    ----------
    shop
        Only read from: a read-only one will do.
    tune_seconds
        Time for tuning; None takes the setting, 0 keeps the parameters of the version that serves.

    Raises
    ------
    Conflict
        When a build is under way already.
    """
    seconds = shop.settings.tune_seconds if tune_seconds is None else tune_seconds
    models = shop.home.models
    with watched(shop.home, shop.clock, progress) as watch:
        params = BuildParams(tune_seconds=seconds, session=_present_params(models))
        meta = build_model(read_training(shop, watch), models, params, now=shop.clock(), progress=watch)
        publish(models, meta.version)
        prune(models, max(shop.settings.keep_models, 1))
        watch.version = meta.version
    return meta


def _present_params(models: Path) -> SessionParams:
    """Return the parameters that serve; the defaults before the first version, or when it cannot be read."""
    version = current_version(models)
    if version is None:
        return SessionParams()
    try:
        return SessionParams.from_dict(read_meta(models, version).params)
    except (Corrupt, ValueError):
        return SessionParams()


def build_apart(shop: Shop, progress: Progress = no_progress) -> None:
    """Run `build` in a process of its own.

    Raises
    ------
    Unavailable
        When it failed; the text is what it said last.
    """
    run_apart(shop, _MODULE, "build", progress)


def main(arguments: list[str]) -> int:
    """Build once for the home named on the command line; return the exit code."""
    return main_apart(arguments, _MODULE, lambda shop: build(shop).version)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
