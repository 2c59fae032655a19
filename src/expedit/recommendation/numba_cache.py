"""Where compiled kernels are kept between runs, and the one decorator that compiles them.

Numba reads its cache folder from the environment when it is first imported, so the choice is made here,
before that import. Without a writable folder the kernels still compile, once per process, and nothing is
written.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

_Function = TypeVar("_Function", bound=Callable[..., Any])


def _candidates() -> Iterator[Path]:
    """The folders to try, the most deliberate choice first."""
    for variable in ("EXPEDIT_NUMBA_CACHE", "NUMBA_CACHE_DIR"):
        if os.environ.get(variable):
            yield Path(os.environ[variable])
    if os.environ.get("EXPEDIT_HOME"):
        yield Path(os.environ["EXPEDIT_HOME"]) / "cache" / "numba"
    if os.environ.get("XDG_CACHE_HOME"):
        yield Path(os.environ["XDG_CACHE_HOME"]) / "expedit" / "numba"
    elif os.environ.get("HOME"):
        yield Path(os.environ["HOME"]) / ".cache" / "expedit" / "numba"


def _writable(folder: Path) -> bool:
    """Whether a file can really be made there: permission bits alone lie on read-only mounts."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def choose_cache_folder() -> Path | None:
    """Return the first writable cache folder, or None when compiled kernels cannot be kept."""
    return next((folder for folder in _candidates() if _writable(folder)), None)


CACHE_FOLDER = choose_cache_folder()
if CACHE_FOLDER is not None:
    os.environ["NUMBA_CACHE_DIR"] = str(CACHE_FOLDER)

import numba  # noqa: E402  (the cache folder must be in the environment first)

if CACHE_FOLDER is not None:
    numba.config.CACHE_DIR = str(CACHE_FOLDER)  # for a process that had imported numba already


def compiled(*signature: object) -> Callable[[_Function], _Function]:
    """Compile a kernel at import for exactly these argument types, without the interpreter lock.

    Parameters
    ----------
    *signature
        Numba types of the arguments; the return type is inferred. Give input arrays as read-only types: a
        writable array converts to one for free, a memory-mapped array never converts the other way.
    """

    def compile_function(function: _Function) -> _Function:
        return cast(
            "_Function", numba.njit([signature], nogil=True, cache=CACHE_FOLDER is not None)(function)
        )

    return compile_function


def inner(function: _Function) -> _Function:
    """Compile a part of a kernel: no signature and no cache of its own, since its callers hold it."""
    return cast("_Function", numba.njit(nogil=True)(function))
