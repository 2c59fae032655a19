"""The demo's own pictures: products in thirty named colors, mountain panoramas, the shop's sign; drawn as SVG
by plain functions and rasterized to WebP once, into a cache that follows the drawing code."""

from expedit.demo.pictures.kinds import KINDS, Picture, draw
from expedit.demo.pictures.palette import COLORS, NamedColor
from expedit.demo.pictures.rasterize import WIDTHS, Gallery, rasterize
from expedit.demo.pictures.scenery import BANNERS, banner, hero, sign

__all__ = [
    "BANNERS",
    "COLORS",
    "KINDS",
    "WIDTHS",
    "Gallery",
    "NamedColor",
    "Picture",
    "banner",
    "draw",
    "hero",
    "rasterize",
    "sign",
]
