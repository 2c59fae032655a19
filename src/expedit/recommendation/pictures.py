"""What a picture shows, as a vector: the colors of the thing on it, its outline, and the run of its edges.

For shops without embeddings of their own. The thing is what differs from the picture's border, so a plain
background does not count. Colors are a histogram of hues (Swain and Ballard 1991) under a square root; the
outline is the thing's mask in its own box; edges are histograms of gradients (Dalal and Triggs 2005).
"""

from __future__ import annotations

import struct
import warnings
import zlib
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from expedit.core import InvalidInput
from expedit.recommendation.arrays import Floats

SIDE = 64
HUES, GRAYS, OUTLINE, CELLS, TURNS = 12, 5, 12, 4, 8
WEIGHTS = (0.65, 0.5, 0.57)
"""Of colors, outline and edges."""

MOST_PIXELS = 50_000_000
_UNREADABLE = (
    OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, OverflowError, struct.error, zlib.error,
    Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip
"""What Pillow raises for broken files: what it says it does, and what falls through its readers."""
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_APART = 0.12
"""Distance of a color from the border's, 0 … √3, from which it belongs to the thing."""
_FEWEST = 0.02

_Grid = NDArray[np.float64]


def look_of(data: bytes) -> Floats:
    """Return what a picture shows: float32[dimensions] of length 1, the same number for every picture.

    Raises
    ------
    InvalidInput
        When it is no JPEG, PNG, WebP or GIF, or larger than `MOST_PIXELS`.
    """
    colors = _read(data)
    thing = _thing(colors)
    box = _box(thing)
    gray = colors @ np.array([0.299, 0.587, 0.114])
    parts = (_hues(colors, thing), _outline(thing[box]), _edges(_resized(gray[box], SIDE)))
    vector = np.concatenate([weight * _unit(part) for weight, part in zip(WEIGHTS, parts, strict=True)])
    return _unit(vector).astype(np.float32)


def _read(data: bytes) -> _Grid:
    """Return a picture as float64[SIDE, SIDE, 3], 0 … 1, on white, its shape kept."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data), formats=_FORMATS) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise InvalidInput("picture", f"has more than {MOST_PIXELS} pixels")
                picture.draft("RGB", (2 * SIDE, 2 * SIDE))
                picture.thumbnail((SIDE, SIDE))
                small = picture.convert("RGBA")
    except _UNREADABLE:
        raise InvalidInput("picture", "cannot be read") from None
    page = Image.new("RGBA", (SIDE, SIDE), _border(small))
    page.alpha_composite(small, ((SIDE - small.width) // 2, (SIDE - small.height) // 2))
    return np.asarray(page.convert("RGB"), np.float64) / 255.0


def _border(picture: Image.Image) -> tuple[int, int, int, int]:
    """Return the color around the thing: white where the picture is transparent."""
    white = Image.new("RGBA", picture.size, "white")
    white.alpha_composite(picture)
    grid = np.asarray(white)
    edge = np.concatenate([grid[0], grid[-1], grid[:, 0], grid[:, -1]])
    red, green, blue = np.median(edge[:, :3], axis=0).astype(int).tolist()
    return red, green, blue, 255


def _thing(colors: _Grid) -> NDArray[np.bool_]:
    edge = np.concatenate([colors[0], colors[-1], colors[:, 0], colors[:, -1]])
    apart: NDArray[np.bool_] = np.linalg.norm(colors - np.median(edge, axis=0), axis=2) > _APART
    return apart if apart.mean() >= _FEWEST else np.ones_like(apart)


def _box(thing: NDArray[np.bool_]) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(thing.any(axis=1)), np.flatnonzero(thing.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _hues(colors: _Grid, thing: NDArray[np.bool_]) -> _Grid:
    """Return how much of the thing is of each hue, light and dark, and of each gray."""
    inside = colors[thing]
    high, low = inside.max(axis=1), inside.min(axis=1)
    chroma = high - low
    vivid = chroma > 0.12
    safe = np.where(chroma > 0, chroma, 1.0)
    red, green, blue = inside.T
    hue = np.where(
        high == red,
        (green - blue) / safe % 6,
        np.where(high == green, (blue - red) / safe + 2, (red - green) / safe + 4),
    )
    found = np.zeros((2, HUES))
    place = hue / 6 * HUES
    for shift in (-1, 0, 1):  # a hue at the edge of a bin is near the next one's
        bins = (np.floor(place).astype(int) + shift) % HUES
        weight = np.maximum(1 - np.abs(place - np.floor(place) - 0.5 - shift), 0) * vivid
        np.add.at(found, ((high > 0.5).astype(int), bins), weight)
    grays, _ = np.histogram(high[~vivid], bins=GRAYS, range=(0.0, 1.0))
    shares: _Grid = np.sqrt(np.concatenate([found.ravel(), grays.astype(np.float64)]))
    return shares


def _outline(thing: NDArray[np.bool_]) -> _Grid:
    """Return the thing's mask in its box, and how broad the box is for its height."""
    mask = _resized(thing.astype(np.float64), OUTLINE)
    height, width = thing.shape
    return np.append((mask - mask.mean()).ravel(), 3.0 * np.log(width / height))


def _edges(gray: _Grid) -> _Grid:
    """Return histograms of the directions of edges, cell by cell."""
    down, across = np.gradient(gray)
    strength = np.hypot(down, across)
    turn = (np.arctan2(down, across) % np.pi) / np.pi * TURNS
    found = np.zeros((CELLS, CELLS, TURNS))
    cell = np.arange(SIDE) * CELLS // SIDE
    rows, columns = np.meshgrid(cell, cell, indexing="ij")
    np.add.at(found, (rows, columns, np.minimum(turn.astype(int), TURNS - 1)), strength)
    roots: _Grid = np.sqrt(found.ravel())
    centered: _Grid = roots - roots.mean()
    return centered


def _resized(grid: _Grid, side: int) -> _Grid:
    image = Image.fromarray(grid.astype(np.float32), mode="F").resize((side, side), Image.Resampling.BILINEAR)
    return np.asarray(image, np.float64)


def _unit(values: _Grid) -> _Grid:
    length = float(np.linalg.norm(values))
    return values / length if length > 0 else values
