"""Draw a contact sheet of every kind of product: ``python -m expedit.demo.pictures sheet.webp``."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image

from expedit.demo.pictures.kinds import KINDS, draw
from expedit.demo.pictures.palette import COLORS
from expedit.demo.pictures.rasterize import rasterize

_COLUMNS, _WIDTH = 8, 240


def main(path: Path, options: tuple[str, ...]) -> None:
    """Draw every kind, each in another color, with the given options where a kind knows them."""
    colors = list(COLORS)
    height = _WIDTH * 5 // 4
    sheet = Image.new("RGB", (_COLUMNS * _WIDTH, -(-len(KINDS) // _COLUMNS) * height), "white")
    for k, kind in enumerate(KINDS):
        svg = draw(kind, colors[k * 7 % len(colors)], options, 3, second=colors[(k * 11 + 4) % len(colors)])
        tile = Image.open(io.BytesIO(rasterize(svg, _WIDTH)))
        sheet.paste(tile, (k % _COLUMNS * _WIDTH, k // _COLUMNS * height))
    sheet.save(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), tuple(sys.argv[2:]))
