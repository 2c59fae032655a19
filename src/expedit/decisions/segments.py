"""Segments: the append-only files that decisions are written to, and how they are read back.

A segment is a sequence of frames. A frame holds the decisions of one flush::

    u32 length   bytes of the payload
    u32 crc      CRC-32 of everything in the frame after this field
    u32 raw      bytes of the payload when unpacked
    i64 first    moment of the earliest decision in it, microseconds
    i64 last     moment of the latest
    payload      Zstandard of a MessagePack array of `LoggedDecision`

All numbers are little-endian. A process never appends to a segment of another one (or of an earlier run of
itself), so the only damage a crash can do is a torn last frame; reading stops there.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from expedit.core import HOUR, Corrupt, PackDecoder, PackEncoder, to_datetime
from expedit.decisions.record import LoggedDecision

_HEAD = struct.Struct("<II")
_REST = struct.Struct("<Iqq")
_OVERHEAD = _HEAD.size + _REST.size
_LARGEST_FRAME = 1 << 30

_encoder = PackEncoder()
_decoder = PackDecoder(list[LoggedDecision])
_codec = pa.Codec("zstd", compression_level=1)


def pack_frame(decisions: Sequence[LoggedDecision]) -> bytes:
    """Return the frame of `decisions`, which must not be empty."""
    raw = _encoder.encode(decisions)
    payload: bytes = _codec.compress(raw, asbytes=True)
    moments = [decision.at for decision in decisions]
    rest = _REST.pack(len(raw), min(moments), max(moments))
    return _HEAD.pack(len(payload), zlib.crc32(payload, zlib.crc32(rest))) + rest + payload


def read_segment(path: Path, since: int | None = None, until: int | None = None) -> Iterator[LoggedDecision]:
    """Yield the decisions of a segment as they were written, of frames that reach into [since, until).

    A torn or damaged frame ends the segment: what stands before it is whole.
    """
    with path.open("rb") as file:
        for first, last, payload, raw in _frames(file):
            if (since is None or last >= since) and (until is None or first < until):
                for decision in _decoder.decode(_codec.decompress(payload, raw, asbytes=True)):
                    if (since is None or decision.at >= since) and (until is None or decision.at < until):
                        yield decision


def read_segment_back(path: Path, until: int) -> Iterator[LoggedDecision]:
    """Yield the decisions of a segment before the moment `until`, the newest first, frame by frame.

    Frames of one writer follow each other in time, so only those that are looked at are unpacked.
    """
    with path.open("rb") as file:
        places = []
        while len(head := file.read(_OVERHEAD)) == _OVERHEAD:
            length, _ = _HEAD.unpack_from(head)
            _, first, _ = _REST.unpack_from(head, _HEAD.size)
            if length > _LARGEST_FRAME or first >= until:
                break
            places.append(file.tell() - _OVERHEAD)
            file.seek(length, os.SEEK_CUR)
        for place in reversed(places):
            file.seek(place)
            frame = next(_frames(file), None)  # None: the torn last one
            if frame is not None:
                decisions = _decoder.decode(_codec.decompress(frame[2], frame[3], asbytes=True))
                decisions.sort(key=lambda decision: (-decision.at, decision.id))
                yield from (decision for decision in decisions if decision.at < until)


def intact_bytes(path: Path) -> int:
    """Return how many bytes at the start of a segment are whole frames."""
    with path.open("rb") as file:
        return sum(_OVERHEAD + len(payload) for _, _, payload, _ in _frames(file))


def _frames(file: BinaryIO) -> Iterator[tuple[int, int, bytes, int]]:
    while len(head := file.read(_OVERHEAD)) == _OVERHEAD:
        length, crc = _HEAD.unpack_from(head)
        if length > _LARGEST_FRAME:
            return
        payload = file.read(length)
        if len(payload) < length or zlib.crc32(payload, zlib.crc32(head[_HEAD.size :])) != crc:
            return
        raw, first, last = _REST.unpack_from(head, _HEAD.size)
        yield first, last, payload, raw


def hour_of(at: int) -> str:
    """Return the UTC hour that `at` falls into, as segments are named: ``2026-11-22T17``."""
    return to_datetime(at).strftime("%Y-%m-%dT%H")


class SegmentWriter:
    """Writes frames to a segment of its own, and begins a new one each hour or when it grows large.

    Parameters
    ----------
    folder
        Where segments lie; made when missing.
    largest
        Bytes after which a new segment begins.
    """

    def __init__(self, folder: Path, largest: int = 64 << 20) -> None:
        self._folder = folder
        self._largest = largest
        self._file: BinaryIO | None = None
        self._hour = ""
        self.path: Path | None = None
        """The segment being written, if any."""

    def write(self, decisions: Sequence[LoggedDecision]) -> None:
        """Append `decisions`, grouped by their hour; they are handed to the operating system at return."""
        start = 0
        while start < len(decisions):
            hour = hour_of(decisions[start].at)
            end = start + 1
            while end < len(decisions) and decisions[end].at // HOUR == decisions[start].at // HOUR:
                end += 1
            self._into(hour).write(pack_frame(decisions[start:end]))
            start = end
        if self._file is not None:
            self._file.flush()

    def rotate(self) -> None:
        """End the segment being written; the next write begins another."""
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        self._file, self.path, self._hour = None, None, ""

    def abandon(self) -> None:
        """Leave the segment being written as it is, its last frame perhaps torn, after a failed write."""
        if self._file is not None:
            with contextlib.suppress(OSError):  # closing tries to write what just could not be written
                self._file.close()
        self._file, self.path, self._hour = None, None, ""

    def _into(self, hour: str) -> BinaryIO:
        if self._file is not None and (hour != self._hour or self._file.tell() >= self._largest):
            self.rotate()
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self.path = self._folder / f"{hour}-{os.getpid()}-{secrets.token_hex(6)}.log"
            self._file = self.path.open("xb")
            self._hour = hour
        return self._file


def check_name(path: Path) -> str:
    """Return the hour that the segment (or sealed file) `path` belongs to.

    Raises
    ------
    Corrupt
        When the file is not named like one.
    """
    hour = path.name[:13]
    if len(hour) < 13 or hour[10] != "T":
        raise Corrupt(f"{path} is not named like a segment of the decision log")
    return hour
