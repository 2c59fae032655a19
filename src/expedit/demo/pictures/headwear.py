"""Beanies, caps, headbands and hats."""

from __future__ import annotations

from expedit.demo.pictures.drawing import BRASS, Drawing, Fold
from expedit.demo.pictures.outline import shape, trace, whole
from expedit.demo.pictures.palette import Dyes
from expedit.demo.pictures.textures import pompom, zigzag


def beanie(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """A knitted beanie; ``pom`` adds a pompom, ``fine`` knits it fine, ``pattern`` in two colors."""
    d = Drawing(dyes, seed, fit=(500, 640))
    c = d.main
    if "pom" in options:
        d.part(
            whole((0, 128), (46, 128, 84, 164, 84, 212), (84, 260, 46, 296, 0, 296)),
            d.second.darker(0.25),
            edge=0,
            line=0,
        )
        d.add(f'<g transform="translate(0 212)">{pompom(d.second, 92, d.chance)}</g>')
    gathers: list[Fold] = [
        (x * 0.1, 268, x * 1.02, 590, x * 0.13, 5 + abs(x) * 0.012, 0.34) for x in range(-210, 211, 42)
    ]
    crown = whole((0, 268), (96, 268, 200, 332, 216, 520), (218, 600, 216, 650, 212, 690), (0, 700))
    yarn = "knit" if "fine" in options else "chunky"
    paint = d.tile(zigzag(c, d.second)) if "pattern" in options else None
    d.part(crown, c, None if paint else yarn, folds=gathers, paint=paint, edge=54, rounding=0.65, soft=9)
    d.part(
        whole(
            (0, 590),
            (92, 590, 182, 582, 224, 568),
            (238, 596, 238, 690, 224, 736),
            (150, 758, 72, 763, 0, 763),
        ),
        c,
        "rib",
        edge=30,
        depth=0.42,
        rounding=0.62,
    )
    d.groove(trace((-220, 574), (-130, 598, 130, 598, 220, 574)), c, 16, 0.1)
    d.badge(0, 680, 84, 46)
    return d.svg()


def cap(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """A cap seen from the front left; ``cord`` in corduroy; the brim takes the second color with ``two``."""
    d = Drawing(dyes, seed, fit=(520, 430))
    c = d.main
    brim = d.second if "two" in options else c
    cloth = "cord" if "cord" in options else "canvas"
    d.part(
        shape(
            (-232, 560),
            (-238, 396, -118, 294, 20, 294),
            (162, 294, 238, 398, 242, 560),
            (120, 606, -110, 606, -232, 560),
        ),
        c,
        cloth,
        edge=46,
        folds=[(-196, 470, -128, 360, 8, 9, 0.3), (206, 480, 160, 372, -8, 9, 0.3)],
        rounding=0.62,
    )
    d.part(
        shape(
            (-114, 590),
            (-120, 440, -62, 330, 20, 296),
            (106, 336, 152, 450, 154, 586),
            (70, 606, -40, 608, -114, 590),
        ),
        c,
        cloth,
        edge=18,
        depth=0.34,
        casts=False,
        folds=[(-60, 420, -20, 350, 4, 7, 0.2)],
    )
    d.seam(trace((-114, 590), (-120, 440, -62, 330, 20, 296)), c, 2, dashed=True)
    d.seam(trace((154, 586), (152, 450, 106, 336, 20, 296)), c, 2, dashed=True)
    d.add(f'<ellipse cx="20" cy="296" rx="18" ry="9" fill="{c.darker(0.25).fill}"/>')
    for x, y in ((-160, 420), (196, 432)):
        d.add(
            f'<circle cx="{x}" cy="{y}" r="8" fill="{c.darker(0.35).fill}"/>'
            f'<circle cx="{x}" cy="{y}" r="4" fill="{c.darker(0.9).fill}"/>'
        )
    d.part(
        shape(
            (-226, 546),
            (-110, 598, 120, 598, 240, 546),
            (274, 590, 254, 670, 130, 694),
            (-20, 720, -202, 704, -272, 644),
            (-290, 618, -264, 580, -226, 546),
        ),
        brim,
        cloth,
        edge=30,
        depth=0.42,
        rounding=0.42,
    )
    for k in (1, 2, 3):
        d.seam(
            trace(
                (-234 - 7 * k, 566 + 19 * k),
                (-110, 614 + 19 * k, 120, 614 + 17 * k, 244 + 2 * k, 562 + 18 * k),
            ),
            brim,
            1.8,
            dashed=True,
            strength=0.4,
        )
    d.badge(20, 490, 100, 60, "#3b2d22")
    return d.svg()


def headband(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """A knitted headband in two colors, twisted in front with ``twist``."""
    d = Drawing(dyes, seed, fit=(540, 330))
    c = d.main
    twist = "twist" in options
    paint = None if twist else d.tile(zigzag(c, d.second))
    d.part(
        whole((0, 446), (120, 446, 216, 430, 250, 404), (230, 390, 120, 376, 0, 376)),
        c.darker(0.55),
        "knit",
        edge=20,
        soft=6,
    )
    d.part(
        whole(
            (0, 448),
            (130, 448, 232, 430, 262, 400),
            (282, 450, 282, 540, 264, 582),
            (220, 622, 120, 640, 0, 640),
        ),
        c,
        "chunky" if twist else None,
        paint=paint,
        edge=36,
        rounding=0.75,
        folds=[(-30, 470, 34, 626, 12, 14, 0.5), (30, 470, -34, 626, -12, 14, 0.4)] if twist else (),
    )
    d.badge(150, 548, 56, 32, turn=-8)
    return d.svg()


def hat(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """A brimmed hat of waxed cotton with a leather band; ``felt`` in wool felt."""
    d = Drawing(dyes, seed, fit=(600, 430))
    c = d.main
    cloth = "heather" if "felt" in options else "canvas"
    d.part(
        whole(
            (0, 590),
            (150, 590, 262, 574, 312, 548),
            (330, 572, 300, 630, 220, 656),
            (120, 680, 60, 684, 0, 684),
        ),
        c,
        cloth,
        edge=28,
        rounding=0.5,
        folds=[(-250, 600, -120, 640, 6, 8, 0.26), (250, 604, 130, 644, -6, 8, 0.26)],
    )
    d.part(
        whole(
            (0, 330),
            (80, 318, 140, 336, 160, 372),
            (184, 440, 192, 520, 196, 596),
            (120, 620, 60, 624, 0, 624),
        ),
        c,
        cloth,
        edge=42,
        rounding=0.66,
        folds=[
            (-10, 338, -4, 430, 6, 14, 0.42),
            (-104, 400, -70, 350, 6, 8, 0.24),
            (110, 404, 76, 352, -6, 8, 0.24),
        ],
    )
    band = d.fixed("#4a3527")
    d.part(
        whole((0, 560), (80, 560, 150, 552, 192, 538), (196, 596), (130, 616, 60, 622, 0, 622)),
        band,
        "leather",
        edge=12,
        soft=5,
        casts=False,
    )
    d.seam(trace((-188, 548), (-100, 570, 100, 570, 188, 548)), band, 1.6, dashed=True)
    brass = d.fixed(BRASS)
    d.add(
        f'<circle cx="118" cy="588" r="10" fill="{brass.fill}"/>'
        f'<circle cx="115" cy="585" r="4" fill="{brass.shine}"/>'
    )
    return d.svg()
