"""Feeds that come as a zip archive: the one file in it, unpacked within limits."""

from __future__ import annotations

import errno
import zipfile
import zlib
from pathlib import Path

from expedit.core import InvalidInput, TooLarge

_ENDINGS = (".xml", ".rss", ".atom", ".tsv", ".txt", ".csv", ".json", ".jsonl", ".gz")
_LARGEST_RATIO = 200
_FREE_BYTES = 16 << 20
_CHUNK = 1 << 20


def is_zip(path: Path) -> bool:
    """Tell whether the file begins like a zip archive."""
    with path.open("rb") as file:
        return file.read(4) in {b"PK\x03\x04", b"PK\x05\x06"}


def unzip(path: Path, target: Path, most: int) -> None:
    """Unpack the one feed in the archive at `path` into `target`.

    Parameters
    ----------
    most
        Most bytes that it may unpack to; what the archive itself says of its size is not believed.

    Raises
    ------
    InvalidInput
        When it is broken, encrypted, or holds no feed or several.
    TooLarge
        When it unpacks to more than allowed, or out of proportion.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            found = [
                one
                for one in archive.infolist()
                if not one.is_dir()
                and not one.filename.startswith("__MACOSX/")
                and one.filename.lower().endswith(_ENDINGS)
            ]
            if len(found) != 1:
                names = ", ".join(one.filename for one in found[:5]) or "none"
                raise InvalidInput(
                    "file", f"the zip archive must hold one feed; it holds {len(found)}: {names}"
                )
            if found[0].flag_bits & 1:
                raise InvalidInput("file", "the zip archive is encrypted")
            packed = path.stat().st_size
            given = 0
            with archive.open(found[0]) as source, target.open("wb") as file:
                while part := source.read(_CHUNK):
                    given += len(part)
                    if given > most or given > max(_FREE_BYTES, _LARGEST_RATIO * packed):
                        raise TooLarge("file", f"unpacks to more than {given - len(part)} bytes; refused")
                    file.write(part)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise InvalidInput("file", f"the zip archive is broken: {error}") from None
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        raise InvalidInput("file", "the zip archive is broken: it points before its own start") from None
