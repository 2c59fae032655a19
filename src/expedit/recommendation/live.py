"""The model that serves: swapped by one reference when a new version is published, kept when that one is
broken."""

import threading
import time
from pathlib import Path

import numpy as np
import structlog

from expedit.core import ExpeditError
from expedit.recommendation.compiled import pair_kernels, session_kernels
from expedit.recommendation.live_sessions import LiveSessions
from expedit.recommendation.model import Model, empty_model, load_model
from expedit.recommendation.model_folder import current_version, list_versions
from expedit.storage import Repeating, Shop

POLL_SECONDS = 1.0
REST_PER_WORK = 20.0
"""Seconds between two indexings of the live sessions for each second that one takes: at most 5 % of a
core."""

_log = structlog.get_logger(__name__)


class ModelHandle:
    """The models folder of a shop, watched.

    `current` gives an immutable model; a request that took it keeps it to its end, whatever is published
    meanwhile. A version that cannot be opened is reported once and tried again only when another is
    published; what serves, serves on, and at the start the newest version that can be opened does.

    Parameters
    ----------
    models
        The folder of versions; it need not exist yet.
    """

    def __init__(self, models: Path) -> None:
        self.models = models
        self.sessions = LiveSessions()
        self.error: ExpeditError | None = None
        self._base = self._model = empty_model()
        self._refused: str | None = None
        self._included = 0
        self._next_indexing = 0.0
        self._lock = threading.Lock()
        self._watching = Repeating("models", self._watch, POLL_SECONDS)
        self.poll()

    def current(self) -> Model:
        """Return the model that serves now; before the first build it is empty and answers nothing."""
        return self._model

    def poll(self) -> bool:
        """Look once for a newly published version and for new sessions; return whether anything changed."""
        with self._lock:
            swapped = self._follow_pointer()
            return self._take_sessions(force=swapped) or swapped

    def start(self) -> None:
        """Poll in a thread of its own until `close`; the kernels are loaded before any request needs them."""
        session_kernels()
        pair_kernels()
        self._watching.start()

    def close(self) -> None:
        """Stop the thread."""
        self._watching.close()

    def _watch(self) -> None:
        try:
            self.poll()
        except OSError as error:  # the folder cannot be read just now: what serves, serves on
            _log.warning("models folder not read", folder=str(self.models), reason=str(error))

    def _follow_pointer(self) -> bool:
        try:
            version = current_version(self.models)
        except ExpeditError as error:
            self._refuse("", error)
            version = None if self._base.version else ""
        if version is None or (version and version in (self._base.version, self._refused)):
            return False
        try:
            model = load_model(self.models, version)
        except ExpeditError as error:
            self._refuse(version, error)
            return not self._base.version and self._serve_newest_good()
        self.error = self._refused = None
        self._serve(model)
        return True

    def _refuse(self, version: str, error: ExpeditError) -> None:
        if self.error is None or str(error) != str(self.error):
            _log.error("model refused", version=version, serving=self._base.version, reason=str(error))
        self.error, self._refused = error, version

    def _serve_newest_good(self) -> bool:
        """Serve the newest version that can be opened, since the one that is named cannot; `error` stays."""
        for version in reversed(list_versions(self.models)):
            try:
                model = load_model(self.models, version)
            except ExpeditError as error:
                _log.error("model refused", version=version, reason=str(error))
                continue
            self._serve(model)
            return True
        return False

    def _serve(self, model: Model) -> None:
        warm(model)
        self.sessions.drop_until(model.meta.trained_until)
        self._base = model
        _log.info("model serves", version=model.version, items=model.meta.items, sessions=model.meta.sessions)

    def _take_sessions(self, force: bool) -> bool:
        """Index the live sessions over the model, when there are new ones and the last time was long enough
        ago."""
        if not force and (self.sessions.changes == self._included or time.monotonic() < self._next_indexing):
            return False
        began = time.monotonic()
        index, self._included = self.sessions.index(self._base.index, len(self._base.item_ids))
        self._model = self._base.with_recent(index)
        spent = time.monotonic() - began
        self._next_indexing = time.monotonic() + REST_PER_WORK * spent
        return True


def warm(model: Model) -> None:
    """Ask the model once, so that its pages and this thread's working memory are there."""
    model.sessions.query(np.arange(min(3, len(model.item_ids)), dtype=np.int32), 20)


def live_model(shop: Shop) -> ModelHandle:
    """Return the shop's one model handle, opened at first use; `start` has it watch the folder."""
    return shop.part(ModelHandle, lambda: ModelHandle(shop.home.models))
