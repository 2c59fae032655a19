"""Files that one process replaces whole and others read again when they have changed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Generic, TypeVar

import structlog

from expedit.core import ExpeditError, from_json, to_json

T = TypeVar("T")

_log = structlog.get_logger(__name__)


def write_whole(path: Path, value: Any) -> None:
    """Replace a file by the JSON of `value`, at once and whole."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    draft.write_bytes(to_json(value))
    draft.replace(path)


class WatchedFile(Generic[T]):
    """A file of JSON that need not exist yet; what cannot be read is logged, and what was read before stays.

    Parameters
    ----------
    kind
        What it holds.
    empty
        What is so until there is a file.
    """

    def __init__(self, path: Path, kind: type[T], empty: T) -> None:
        self._path = path
        self._kind = kind
        self._stamp: tuple[int, int] | None = None
        self.current = empty

    def poll(self) -> bool:
        """Look once for a new file; return whether there was one."""
        try:
            stat = self._path.stat()
            stamp = (stat.st_mtime_ns, stat.st_ino)
            if stamp == self._stamp:
                return False
            self._stamp = stamp
            self.current = from_json(self._path.read_bytes(), self._kind)
        except FileNotFoundError:
            return False
        except (OSError, ExpeditError) as error:
            _log.warning("file not read", path=str(self._path), reason=str(error))
            return False
        return True
