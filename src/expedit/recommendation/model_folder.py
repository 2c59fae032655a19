"""Model versions on disk: one folder of plain arrays each, and a pointer that says which one serves.

A version is written beside its place, flushed and renamed, so a half-written one is never seen; `CURRENT`
is replaced atomically. Arrays are memory-mapped, so processes share their pages and opening takes
milliseconds. Files of a version that was pruned stay readable to whoever has them mapped.
"""

import os
import re
import shutil
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from expedit.core import Corrupt, InvalidInput, NotFound, Struct, field, from_json, to_json

CURRENT = "CURRENT"
META = "meta.json"
FORMAT = 1
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,80}")


class ArrayFacts(Struct, frozen=True):
    """What an array must be when it is opened: dtype, shape and the CRC-32 of its file."""

    dtype: str
    shape: tuple[int, ...]
    crc32: int


class ModelMeta(Struct, frozen=True):
    """What is known of a model version.

    Attributes
    ----------
    created, trained_until
        When it was built, and the moment of the last event that it learned from; microseconds.
    metrics
        Validation HR@20 and MRR@20 of the session model, coverage, build seconds and the like.
    arrays
        Every array by name; filled in when the version is written.
    """

    version: str
    created: int
    trained_until: int
    items: int
    sessions: int
    clicks: int
    baskets: int
    markets: tuple[str, ...] = ()
    params: dict[str, float] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    arrays: dict[str, ArrayFacts] = field(default_factory=dict)
    format: int = FORMAT


class OpenModel(Struct, frozen=True):
    """A version opened for reading: its facts and its memory-mapped, read-only arrays."""

    meta: ModelMeta
    arrays: dict[str, Any]


def _folder_of(models: Path, version: str) -> Path:
    if not _VERSION.fullmatch(version):
        raise InvalidInput("version", f"{version!r} is no name of a model version")
    return models / version


def _flush(path: Path) -> None:
    """Force a file or a folder to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _crc(path: Path) -> int:
    value = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            value = zlib.crc32(block, value)
    return value


def write_version(models: Path, meta: ModelMeta, arrays: Mapping[str, NDArray[Any]]) -> ModelMeta:
    """Write a complete version; it serves only after `publish`.

    Returns
    -------
    ModelMeta
        With `arrays` filled in.

    Raises
    ------
    InvalidInput
        The version exists already or its name does not fit.
    """
    target = _folder_of(models, meta.version)
    if target.exists():
        raise InvalidInput("version", f"{meta.version} exists already")
    models.mkdir(parents=True, exist_ok=True)
    draft = models / f".{meta.version}.{os.getpid()}.tmp"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    try:
        facts = {}
        for name, array in arrays.items():
            path = draft / f"{name}.npy"
            np.save(path, np.ascontiguousarray(array), allow_pickle=False)
            _flush(path)
            facts[name] = ArrayFacts(str(array.dtype), tuple(array.shape), _crc(path))
        complete = _with_arrays(meta, facts)
        (draft / META).write_bytes(to_json(complete))
        _flush(draft / META)
        _flush(draft)
        draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    _flush(models)
    return complete


def _with_arrays(meta: ModelMeta, facts: dict[str, ArrayFacts]) -> ModelMeta:
    values = {name: getattr(meta, name) for name in meta.__struct_fields__}
    return ModelMeta(**{**values, "arrays": facts})


def read_meta(models: Path, version: str) -> ModelMeta:
    """Read what is known of a version.

    Raises
    ------
    NotFound
        There is no such version.
    Corrupt
        Its description cannot be read.
    """
    path = _folder_of(models, version) / META
    try:
        meta = from_json(path.read_bytes(), ModelMeta)
    except FileNotFoundError:
        raise NotFound(f"no model version {version} in {models}") from None
    except InvalidInput as error:
        raise Corrupt(f"{path} cannot be read: {error}") from error
    if meta.format != FORMAT or meta.version != version:
        raise Corrupt(
            f"{path} describes version {meta.version} in format {meta.format}, not {version} in {FORMAT}"
        )
    return meta


def open_version(models: Path, version: str, *, verify: bool = True) -> OpenModel:
    """Map a version's arrays after checking them.

    Parameters
    ----------
    verify
        Read every file once and compare its checksum; without it, only dtypes and shapes are compared.

    Raises
    ------
    NotFound, Corrupt
        As `read_meta`; also when an array is missing or is not what the description says.
    """
    meta = read_meta(models, version)
    return OpenModel(meta, dict(_open_arrays(_folder_of(models, version), meta, verify)))


def _open_arrays(folder: Path, meta: ModelMeta, verify: bool) -> Iterator[tuple[str, NDArray[Any]]]:
    for name, facts in meta.arrays.items():
        path = folder / f"{name}.npy"
        try:
            mapped = np.load(path, mmap_mode="r" if 0 not in facts.shape else None, allow_pickle=False)
            whole = not verify or _crc(path) == facts.crc32
        except (OSError, ValueError, EOFError) as error:
            raise Corrupt(f"{path} cannot be opened: {error}") from error
        if str(mapped.dtype) != facts.dtype or mapped.shape != tuple(facts.shape):
            held, wanted = f"{mapped.dtype}{list(mapped.shape)}", f"{facts.dtype}{list(facts.shape)}"
            raise Corrupt(f"{path} holds {held}, not {wanted}")
        if not whole:
            raise Corrupt(f"{path} does not match its checksum")
        array = np.asarray(mapped)
        array.flags.writeable = False
        yield name, array


def list_versions(models: Path) -> list[str]:
    """Return the complete versions, the oldest first by the moment they were built."""
    if not models.is_dir():
        return []
    named = [
        path.name for path in models.iterdir() if _VERSION.fullmatch(path.name) and (path / META).is_file()
    ]
    return sorted(named, key=lambda version: (_created(models, version), version))


def _created(models: Path, version: str) -> int:
    """When a version was built; one whose description is unreadable counts as the oldest."""
    try:
        return read_meta(models, version).created
    except Corrupt:
        return -1


def current_version(models: Path) -> str | None:
    """Return the version that serves, or None before the first is published.

    Raises
    ------
    Corrupt
        The pointer is there and names no version.
    """
    path = models / CURRENT
    try:
        version = path.read_text().strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise Corrupt(f"{path} cannot be read: {error}") from error
    if not _VERSION.fullmatch(version):
        raise Corrupt(f"{path} names no model version")
    return version


def publish(models: Path, version: str) -> None:
    """Check a version, then have it serve: servers swap within a second.

    Raises
    ------
    NotFound, Corrupt
        The version is not there or not whole; what served before goes on serving.
    """
    open_version(models, version)
    draft = models / f".{CURRENT}.{os.getpid()}.tmp"
    with draft.open("w") as file:
        file.write(version + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(models / CURRENT)
    _flush(models)


def rollback(models: Path, version: str | None = None) -> str:
    """Have an older version serve again: the named one, or the one built before the current.

    Returns
    -------
    str
        The version that serves now.

    Raises
    ------
    NotFound
        There is nothing older to go back to.
    """
    if version is None:
        versions = list_versions(models)
        current = current_version(models)
        place = versions.index(current) if current in versions else len(versions)
        if place == 0:
            raise NotFound(f"no model version in {models} is older than {current}")
        version = versions[place - 1]
    publish(models, version)
    return version


def prune(models: Path, keep: int) -> list[str]:
    """Remove all but the newest `keep` versions and the one that serves; return what was removed."""
    if keep < 1:
        raise InvalidInput("keep", "at least one model version must be kept")
    current = current_version(models)
    removed = [version for version in list_versions(models)[:-keep] if version != current]
    for version in removed:
        shutil.rmtree(models / version)
    _sweep_drafts(models)
    return removed


def _sweep_drafts(models: Path) -> None:
    """Remove what builds that were killed have left half written."""
    for draft in models.glob(".*.tmp"):
        if not Path(f"/proc/{draft.suffixes[-2].removeprefix('.')}").exists():
            if draft.is_dir():
                shutil.rmtree(draft, ignore_errors=True)
            else:
                draft.unlink(missing_ok=True)
