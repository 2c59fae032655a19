"""Cloth and yarn as small repeating tiles that carry their own lights and shadows."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import NamedTuple

from expedit.demo.pictures.palette import Tone


class Tile(NamedTuple):
    """A repeating tile: its size, the color below (empty = see-through), its drawing and its turn."""

    width: float
    height: float
    ground: str
    content: str
    turn: str = ""


def _stitch(tone: Tone, width: float, height: float) -> str:
    """One V of plain knitting; drawn three times so that the legs flow over the tile's edges."""
    w, h = width, height
    left = (
        f"M0,{-0.18 * h:.2f}C{0.34 * w:.2f},{0.04 * h:.2f} {0.49 * w:.2f},{0.3 * h:.2f} "
        f"{0.49 * w:.2f},{0.66 * h:.2f}"
        f"C{0.49 * w:.2f},{0.86 * h:.2f} {0.43 * w:.2f},{0.95 * h:.2f} {0.36 * w:.2f},{0.88 * h:.2f}"
        f"C{0.13 * w:.2f},{0.7 * h:.2f} 0,{0.46 * h:.2f} 0,{0.16 * h:.2f}Z"
    )
    shine = (
        f"M{0.13 * w:.2f},{0.16 * h:.2f}"
        f"C{0.3 * w:.2f},{0.3 * h:.2f} {0.38 * w:.2f},{0.46 * h:.2f} {0.4 * w:.2f},{0.7 * h:.2f}"
    )
    leg = (
        f'<path d="{left}" fill="{tone.fill}"/>'
        f'<path d="{shine}" fill="none" stroke="{tone.shine}" stroke-width="{0.1 * w:.2f}" '
        f'stroke-linecap="round" opacity=".5"/>'
    )
    pair = f'{leg}<g transform="matrix(-1 0 0 1 {w} 0)">{leg}</g>'
    return "".join(f'<g transform="translate(0 {k * h})">{pair}</g>' for k in (-1, 0, 1))


def knit(tone: Tone) -> Tile:
    """Plain stocking stitch."""
    return Tile(15, 13, tone.darker(0.5).fill, _stitch(tone, 15, 13))


def chunky(tone: Tone) -> Tile:
    """Stocking stitch in thick yarn."""
    return Tile(26, 23, tone.darker(0.5).fill, _stitch(tone, 26, 23))


def rib(tone: Tone) -> Tile:
    """Knitted rib of cuffs and hems."""
    return Tile(
        14,
        10,
        tone.fill,
        f'<rect x="9.4" width="4.6" height="10" fill="{tone.shade}" opacity=".42"/>'
        f'<rect x="2" width="2.6" height="10" fill="{tone.shine}" opacity=".38"/>'
        f'<path d="M.6,8.6Q4.6,4.4 8.8,8.6M.6,-1.4Q4.6,-5.6 8.8,-1.4" stroke="{tone.shade}" fill="none" '
        f'opacity=".34"/>',
    )


def denim(tone: Tone) -> Tile:
    """Twill with a white weft showing."""
    return Tile(
        6,
        6,
        tone.fill,
        f'<rect y=".4" width="4.4" height="1.5" fill="{tone.shine}" opacity=".4"/>'
        f'<rect y="3.4" width="6" height="1.5" fill="{tone.shade}" opacity=".36"/>'
        f'<rect x="3" y="2" width="2" height="1.2" fill="{tone.shine}" opacity=".3"/>',
        "rotate(-31)",
    )


def canvas(tone: Tone) -> Tile:
    """Plain waxed weave, faint enough not to shimmer when the picture is made small."""
    return Tile(
        7,
        7,
        tone.fill,
        f'<rect width="7" height="1.6" fill="{tone.shine}" opacity=".13"/>'
        f'<rect width="1.6" height="7" fill="{tone.shade}" opacity=".11"/>',
    )


def cord(tone: Tone) -> Tile:
    """Corduroy: soft standing wales."""
    return Tile(
        11,
        11,
        tone.fill,
        f'<rect x="8.2" width="2.8" height="11" fill="{tone.shade}" opacity=".5"/>'
        f'<rect x="7" width="1.2" height="11" fill="{tone.shade}" opacity=".22"/>'
        f'<rect x="2" width="2.4" height="11" fill="{tone.shine}" opacity=".34"/>',
    )


def _scatter(
    width: float,
    height: float,
    count: int,
    draw: Callable[[random.Random], str],
    seed: int,
    reach: float = 12,
) -> str:
    """Strew ``count`` marks over a tile so that those that cross an edge come in again on the other side."""
    chance = random.Random(seed)
    marks: list[str] = []
    for _ in range(count):
        x, y, mark = chance.uniform(0, width), chance.uniform(0, height), draw(chance)
        marks += [
            f'<g transform="translate({x + dx:.1f} {y + dy:.1f})">{mark}</g>'
            for dx in (0.0, -width, width)
            for dy in (0.0, -height, height)
            if -reach < x + dx < width + reach and -reach < y + dy < height + reach
        ]
    return "".join(marks)


def fleece(tone: Tone) -> Tile:
    """Curly pile: tufts that each throw a shadow down to the right."""

    def tuft(chance: random.Random) -> str:
        radius, turn = chance.uniform(4.5, 8.5), chance.uniform(0, 360)
        curl = f"M{-radius:.1f},0A{radius:.1f},{radius * 0.8:.1f} 0 1 1 {radius * 0.5:.1f},{radius * 0.6:.1f}"
        return (
            f'<circle cx="2" cy="2.6" r="{radius:.1f}" fill="{tone.shade}" opacity=".13"/>'
            f'<circle r="{radius * 0.8:.1f}" fill="{tone.lighter(chance.uniform(0, 0.3)).fill}" '
            f'opacity=".8"/>'
            f'<path d="{curl}" transform="rotate({turn:.0f})" fill="none" stroke="{tone.shade}" '
            f'stroke-width="1.6" '
            f'opacity=".2"/>'
        )

    return Tile(110, 110, tone.darker(0.2).fill, _scatter(110, 110, 190, tuft, 7))


def heather(tone: Tone) -> Tile:
    """Fine jersey of mottled yarn."""

    def fiber(chance: random.Random) -> str:
        length, lean = chance.uniform(4, 11), chance.uniform(-1.5, 1.5)
        color = tone.shine if chance.random() < 0.55 else tone.shade
        return (
            f'<path d="M0,0l{lean:.1f},{length:.1f}" stroke="{color}" stroke-width="1.5" '
            f'opacity="{chance.uniform(0.06, 0.2):.2f}"/>'
        )

    return Tile(90, 90, tone.fill, _scatter(90, 90, 230, fiber, 3))


def nylon(tone: Tone) -> Tile:
    """Ripstop: a fine grid of stronger threads."""
    return Tile(
        16,
        16,
        tone.fill,
        f'<rect width="16" height="1.2" fill="{tone.shade}" opacity=".08"/>'
        f'<rect width="1.2" height="16" fill="{tone.shine}" opacity=".07"/>',
    )


def leather(tone: Tone) -> Tile:
    """Oiled nubuck: soft pores."""

    def pore(chance: random.Random) -> str:
        size = chance.uniform(2, 6)
        color = tone.shine if chance.random() < 0.5 else tone.shade
        return f'<circle r="{size:.1f}" fill="{color}" opacity="{chance.uniform(0.02, 0.065):.3f}"/>'

    return Tile(110, 110, tone.fill, _scatter(110, 110, 150, pore, 5))


def check(tone: Tone, other: Tone) -> Tile:
    """A checked flannel of two yarns: where bands cross, the second color is full."""
    band = 27.0
    size = band * 2
    lines = "".join(
        f'<path d="M{x:.1f},0V{size}" stroke="{tone.shine}" stroke-width="1.4" opacity=".22"/>'
        for x in (band / 2, band * 1.5)
    )
    return Tile(
        size,
        size,
        tone.fill,
        f'<rect width="{band}" height="{size}" fill="{other.fill}" opacity=".55"/>'
        f'<rect width="{size}" height="{band}" fill="{other.fill}" opacity=".55"/>'
        f'<rect width="{size}" height="1.6" y="{band * 1.5}" fill="{tone.shine}" opacity=".3"/>{lines}',
    )


def zigzag(tone: Tone, other: Tone) -> Tile:
    """Two-color knitting with rows of diamonds and dots; the stitches are drawn on top of the motif."""
    width, height = 60.0, 78.0
    diamonds = "".join(
        f'<path d="M{x},{8 + y}l15,17l-15,17l-15,-17Z" fill="{other.fill}"/>'
        for x in (0, 60)
        for y in (0, 78)
    )
    motif = (
        f'{diamonds}<path d="M30,8l15,17l-15,17l-15,-17Z" fill="none" stroke="{other.fill}" '
        'stroke-width="6"/>'
    )
    dots = "".join(f'<rect x="{x}" y="56" width="9" height="9" fill="{other.fill}"/>' for x in (3, 23, 43))
    veins = "".join(
        f'<path d="M{x:.1f},{y - 2:.1f}q5,4 7.5,12q2.5,-8 7.5,-12" fill="none" stroke="{tone.shade}" '
        f'stroke-width="1.8" opacity=".4"/>'
        for x in (0, 15, 30, 45)
        for y in (0, 13, 26, 39, 52, 65)
    )
    return Tile(width, height, tone.fill, f"{motif}{dots}{veins}")


ONE_COLOR: dict[str, Callable[[Tone], Tile]] = {
    "knit": knit,
    "chunky": chunky,
    "rib": rib,
    "denim": denim,
    "canvas": canvas,
    "cord": cord,
    "fleece": fleece,
    "heather": heather,
    "nylon": nylon,
    "leather": leather,
}


def pompom(tone: Tone, radius: float, chance: random.Random) -> str:
    """A ball of cut yarn, dark strands below and light ones on top."""
    strands: list[str] = []
    for layer in range(4):
        for _ in range(110):
            angle = chance.uniform(0, math.tau)
            reach = radius * chance.uniform(0.72, 1.0) * (1 - layer * 0.13)
            paint = tone.darker(0.5 - layer * 0.16) if layer < 3 else tone.lighter(chance.uniform(0, 0.5))
            x, y = math.cos(angle) * reach - layer * 3, math.sin(angle) * reach - layer * 4
            strands.append(
                f'<path d="M{x * 0.25:.0f},{y * 0.25:.0f}Q{x * 0.7 + chance.uniform(-5, 5):.0f},'
                f'{y * 0.7 + chance.uniform(-5, 5):.0f} {x:.0f},{y:.0f}" stroke="{paint.fill}" '
                f'stroke-width="4.4"/>'
            )
    return f'<g fill="none" stroke-linecap="round">{"".join(strands)}</g>'
