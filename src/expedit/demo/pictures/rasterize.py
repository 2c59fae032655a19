"""From drawings to WebP: each shape is rasterized once and dyed in every color that it is sold in.

A paint of a drawing is ``constant + w₁·main + w₂·shadow(main) + w₃·second`` with the same weights in all
three channels, and painting over is linear in the paints. So two rasters of a shape, one of the constants
and one of the weights, give each of its colorways by one multiplication instead of a raster of its own.
"""

from __future__ import annotations

import hashlib
import io
import multiprocessing
import os
import threading
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from expedit.core import MissingExtra, NotFound, Progress, no_progress
from expedit.demo.pictures.kinds import Picture, draw
from expedit.demo.pictures.palette import Dyes, code_of, rgb, shadow_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

WIDTHS = (640, 320)
Shape = tuple[str, tuple[str, ...], int]


def _image(svg: str, width: int) -> Image:
    try:
        import resvg_py
        from PIL import Image
    except ImportError as missing:
        raise MissingExtra("demo", "drawing the demo's pictures") from missing
    png = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=width, skip_system_fonts=True))
    return Image.open(io.BytesIO(png)).convert("RGB")


def _webp(image: Image, quality: int = 82) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=quality, method=1)
    return out.getvalue()


def rasterize(svg: str, width: int, quality: int = 82) -> bytes:
    """WebP of any SVG at ``width`` pixels (about a second for a panorama)."""
    return _webp(_image(svg, width), quality)


class _Plates(NamedTuple):
    """The two rasters of a shape at the larger width; `where` are the pixels that a dye reaches."""

    constants: NDArray[np.uint8]
    where: NDArray[np.intp]
    offsets: NDArray[np.float32]
    weights: NDArray[np.float32]


@lru_cache(maxsize=8)
def _plates(shape: Shape) -> _Plates:
    kind, options, seed = shape
    constants, weights = (
        np.asarray(_image(draw(kind, "kol", options, seed, dyes=dyes), WIDTHS[0])).reshape(-1, 3)
        for dyes in (Dyes.constants(), Dyes.weights())
    )
    where = np.flatnonzero(weights.any(axis=1))
    # Planes instead of triples: each channel is then a few passes over contiguous numbers.
    return _Plates(
        constants,
        where,
        np.ascontiguousarray(constants[where].T, dtype=np.float32) + np.float32(0.5),
        np.ascontiguousarray(weights[where].T, dtype=np.float32) / np.float32(255),
    )


def _dyed(picture: Picture) -> dict[int, bytes]:
    """WebP by width of one colorway."""
    from PIL import Image

    plates = _plates(picture.shape)
    main, second = rgb(code_of(picture.color)), rgb(code_of(picture.second))
    slots = np.array([main, shadow_of(main), second], dtype=np.float32)
    pixels = plates.constants.copy()
    for channel in range(3):
        plane = plates.offsets[channel].copy()
        for weight, paint in zip(plates.weights, slots[:, channel], strict=True):
            plane += weight * paint
        pixels[plates.where, channel] = np.minimum(plane, 255)
    width = WIDTHS[0]
    large = Image.fromarray(pixels.reshape(-1, width, 3))
    return {width: _webp(large), WIDTHS[1]: _webp(large.reduce(width // WIDTHS[1]))}


def _draw_shape(folder: Path, pictures: list[tuple[str, Picture]]) -> list[str]:
    """Write the files of every colorway of one shape; runs in a worker process."""
    for name, picture in pictures:
        for width, body in _dyed(picture).items():
            _write(folder / f"{name}-{width}.webp", body)
    return [name for name, _ in pictures]


def _write(path: Path, body: bytes) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    part.write_bytes(body)
    part.replace(path)


def drawing_version() -> str:
    """A hash of the drawing code: another brush stroke means another cache folder."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


class Gallery:
    """The WebP files of a set of pictures, drawn ahead with `draw_all` or one by one on first request.

    Parameters
    ----------
    folder
        Where the cache lives; each version of the drawing code has its own folder in it.
    pictures
        What to draw, by product id.
    """

    def __init__(self, folder: Path, pictures: Mapping[str, Picture]) -> None:
        self.folder = folder / drawing_version()
        self._pictures = dict(pictures)

    def picture_bytes(self, product_id: str, width: int = WIDTHS[0]) -> bytes:
        """WebP of a product.

        Drawn now if it is not in the cache: some 0.6 s for the first color of a shape, 30 ms for the next.

        Raises
        ------
        NotFound
            When the product has no picture, or there is no such width.
        """
        if product_id not in self._pictures or width not in WIDTHS:
            raise NotFound(f"picture {product_id} {width}")
        path = self.folder / f"{product_id}-{width}.webp"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            _draw_shape(self.folder, [(product_id, self._pictures[product_id])])
        return path.read_bytes()

    def missing(self) -> list[str]:
        """Products whose files are not all in the cache yet."""
        have = {path.name for path in self.folder.glob("*.webp")} if self.folder.exists() else set()
        return [
            name for name in self._pictures if any(f"{name}-{width}.webp" not in have for width in WIDTHS)
        ]

    def draw_all(self, progress: Progress = no_progress, processes: int | None = None) -> int:
        """Draw what is missing, in parallel processes (the rasterizer holds the interpreter's lock).

        Returns
        -------
        int
            How many products were drawn; 0 when the cache was whole.
        """
        missing = self.missing()
        if not missing:
            return 0
        self.folder.mkdir(parents=True, exist_ok=True)
        shapes: dict[Shape, list[tuple[str, Picture]]] = defaultdict(list)
        for name in missing:
            shapes[self._pictures[name].shape].append((name, self._pictures[name]))
        done = 0
        workers = processes or os.cpu_count() or 1
        # Spawned, since a server's threads must not be forked; nice, since shoppers go first.
        with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), os.nice, (10,)) as pool:
            work = [pool.submit(_draw_shape, self.folder, batch) for batch in shapes.values()]
            for finished in as_completed(work):
                done += len(finished.result())
                progress("drawing pictures", done, len(missing))
        return done
