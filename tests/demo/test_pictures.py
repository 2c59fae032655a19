"""The demo's drawings: every kind draws well-formed SVG, and dyeing plates gives what rasterizing gives."""

from __future__ import annotations

import io
from pathlib import Path
from xml.dom import minidom

import numpy as np
import pytest

from expedit.core import InvalidInput, NotFound
from expedit.demo.pictures import (
    BANNERS,
    COLORS,
    KINDS,
    Gallery,
    Picture,
    banner,
    draw,
    hero,
    rasterize,
    sign,
)

pytest.importorskip("resvg_py")
Image = pytest.importorskip("PIL.Image")

ROSE = Picture(kind="mug", color="ros", second="kol", options=("speck",), seed=4)
PINE = Picture(kind="mug", color="gran", second="kol", options=("speck",), seed=4)


def pixels(webp: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(webp)).convert("RGB")).astype(int)


def test_there_are_thirty_colors_named_in_three_languages_and_distinct() -> None:
    assert len(COLORS) == 30
    assert len({color.hex for color in COLORS.values()}) == 30
    for locale in ("sv", "nb", "en"):
        assert len({getattr(color, locale) for color in COLORS.values()}) == 30


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_draws_well_formed_svg_that_follows_color_and_seed(kind: str) -> None:
    picture = draw(kind, "petrol", seed=3, second="rost")
    root = minidom.parseString(picture).documentElement
    assert root.getAttribute("viewBox") == "-400 0 800 1000"
    assert draw(kind, "petrol", seed=3, second="rost") == picture
    assert draw(kind, "lingon", seed=3, second="rost") != picture
    ids = [node.getAttribute("id") for node in root.getElementsByTagName("*") if node.hasAttribute("id")]
    assert len(ids) == len(set(ids))


def test_unknown_kinds_and_colors_are_refused_by_name() -> None:
    with pytest.raises(InvalidInput) as refused:
        draw("spaceship", "petrol")
    assert refused.value.field == "kind"
    with pytest.raises(InvalidInput) as refused:
        draw("mug", "petrol", second="infrared")
    assert refused.value.field == "second"


def test_the_product_is_painted_in_its_true_color(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path, {"rose": ROSE, "pine": PINE})
    for name, picture in (("rose", ROSE), ("pine", PINE)):
        body = pixels(gallery.picture_bytes(name, 320))[190:230, 110:140].reshape(-1, 3)
        true = np.array([int(COLORS[picture.color].hex[i : i + 2], 16) for i in (1, 3, 5)])
        assert np.abs(np.median(body, axis=0) - true).max() < 26


def test_dyed_plates_equal_a_raster_of_the_drawing(tmp_path: Path) -> None:
    dyed = pixels(Gallery(tmp_path, {"rose": ROSE}).picture_bytes("rose", 640))
    direct = pixels(rasterize(draw(ROSE.kind, ROSE.color, ROSE.options, ROSE.seed, second=ROSE.second), 640))
    assert dyed.shape == direct.shape == (800, 640, 3)
    assert np.abs(dyed - direct).mean() < 1.0


def test_a_gallery_draws_each_picture_once_and_nothing_the_second_time(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path, {"rose": ROSE, "pine": PINE})
    heard: list[tuple[int, int | None]] = []
    assert gallery.draw_all(lambda label, done, total: heard.append((done, total)), processes=1) == 2
    assert heard == [(2, 2)]
    stamps = {path.name: path.stat().st_mtime_ns for path in gallery.folder.iterdir()}
    assert sorted(stamps) == ["pine-320.webp", "pine-640.webp", "rose-320.webp", "rose-640.webp"]
    again = Gallery(tmp_path, {"rose": ROSE, "pine": PINE})
    assert again.draw_all(processes=1) == 0
    again.picture_bytes("rose", 320)
    assert {path.name: path.stat().st_mtime_ns for path in gallery.folder.iterdir()} == stamps


def test_unknown_products_and_widths_are_not_found(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path, {"rose": ROSE})
    for name, width in (("tulip", 320), ("rose", 321), ("../rose", 320)):
        with pytest.raises(NotFound):
            gallery.picture_bytes(name, width)
    assert not gallery.folder.exists()


def test_panoramas_are_well_formed_and_differ_by_mood_and_seed() -> None:
    drawn = {hero(), hero(12), sign(), *(banner(mood, 7) for mood in BANNERS.values())}
    assert len(drawn) == 7
    for svg in drawn:
        minidom.parseString(svg)
