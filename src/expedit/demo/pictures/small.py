"""Socks, mittens, gloves, scarves and care."""

from __future__ import annotations

from expedit.demo.pictures.drawing import Drawing, Fold, peaks
from expedit.demo.pictures.outline import shape, trace, whole
from expedit.demo.pictures.palette import Dyes
from expedit.demo.pictures.textures import zigzag


def socks(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """A pair of socks with second-color heel, toe and rings; ``low`` for the ankle, ``pattern`` patterned."""
    d = Drawing(dyes, seed, fit=(520, 600) if "low" in options else (500, 780))
    top = 420.0 if "low" in options else 180.0
    trim = d.second
    bounds = (-262, top - 30, 226, 830)
    for dx, dy, turn, dim in ((96.0, -14.0, 7, 0.16), (-34.0, 18.0, -5, 0.0)):
        c = d.main.darker(dim)
        foot = shape(
            (-72, top),
            (-30, top - 8, 42, top - 8, 86, top),
            (92, 450, 88, 480, 94, 560),
            (102, 640, 62, 682, 0, 718),
            (-50, 748, -112, 804, -172, 816),
            (-224, 824, -244, 772, -218, 736),
            (-182, 690, -102, 650, -82, 560),
            (-66, 470, -72, 430, -72, top),
        )
        rings = "".join(
            f'<rect x="-300" y="{y}" width="600" height="{h}" fill="{trim.fill}"/>'
            for y, h in ((top + 108, 16), (top + 138, 16))
        )
        heel = f'<path d="M24,556Q126,560 126,684L44,736Q-8,640 24,556Z" fill="{trim.fill}" opacity=".96"/>'
        toe = f'<path d="M-150,690L-284,700V846H-150Q-108,762 -150,690Z" fill="{trim.fill}" opacity=".96"/>'
        folds: list[Fold] = [
            (-74, 570, 70, 566, 12, 9, 0.38),
            (-84, 620, 40, 636, 10, 8, 0.32),
            (-66, 520, 84, 500, 8, 8, 0.24),
            (-150, 716, -40, 702, -6, 8, 0.26),
        ]
        with d.placed(f"translate({dx} {dy}) rotate({turn} 0 500)"):
            paint = d.tile(zigzag(c, trim)) if "pattern" in options else None
            d.part(
                foot,
                c,
                None if paint else "knit",
                paint=paint,
                detail=("" if paint else rings) + heel + toe,
                folds=folds,
                edge=36,
            )
            d.part(
                shape(
                    (-74, top - 8),
                    (-30, top - 17, 42, top - 17, 88, top - 8),
                    (90, top + 40, 90, top + 70, 89, top + 92),
                    (42, top + 84, -30, top + 84, -73, top + 93),
                    (-75, top + 60, -75, top + 30, -74, top - 8),
                ),
                c,
                "rib",
                edge=14,
                soft=6,
                casts=False,
            )
    return d.svg(bounds)


def mittens(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """A pair of mittens: patterned; ``plain`` in chunky yarn; ``leather`` with a knitted cuff."""
    d = Drawing(dyes, seed, fit=(580, 640))
    c, hide = d.main, "leather" in options
    hand = shape(
        (-94, 560),
        (-112, 420, -114, 262, -40, 206),
        (20, 176, 98, 220, 106, 330),
        (112, 420, 106, 500, 98, 560),
    )
    thumb = shape(
        (-98, 562),
        (-104, 500, -152, 470, -162, 410),
        (-164, 370, -128, 350, -104, 386),
        (-82, 420, -68, 470, -64, 526),
    )
    for s in (-1, 1):
        with d.placed(f"translate({s * 140} {24 - s * 14}) scale({-s} 1) rotate(-6 0 500)"):
            yarn = "leather" if hide else "chunky" if "plain" in options else "knit"
            d.part(thumb, c.darker(0.08), yarn, edge=26)
            paint = d.tile(zigzag(c, d.second)) if yarn == "knit" else None
            d.part(
                hand,
                c,
                None if paint else yarn,
                paint=paint,
                edge=40,
                rounding=0.6,
                folds=[(-60, 520, 60, 530, 8, 9, 0.26), (-80, 440, -20, 460, 6, 7, 0.18)],
            )
            d.seam("M-98,556C-96,500 -84,450 -70,424", c, 2, strength=0.5)
            cuff = d.second if hide else c
            d.part(
                shape(
                    (-98, 552),
                    (-40, 566, 50, 566, 102, 552),
                    (98, 640, 96, 700, 100, 764),
                    (40, 780, -40, 780, -94, 764),
                    (-90, 700, -92, 640, -98, 552),
                ),
                cuff,
                "rib",
                edge=20,
                soft=6,
            )
    return d.svg((-310, 190, 310, 800))


def gloves(dyes: Dyes, seed: int, _options: tuple[str, ...]) -> str:
    """A pair of five-finger gloves with a second-color palm."""
    d = Drawing(dyes, seed, fit=(600, 640))
    c = d.main
    for s in (-1, 1):
        with d.placed(f"translate({s * 150} {14 - s * 12}) scale({-s} 1) rotate(-5 0 500)"):
            d.part(
                shape(
                    (-96, 560),
                    (-110, 500, -168, 460, -176, 404),
                    (-176, 366, -136, 352, -114, 388),
                    (-96, 420, -76, 460, -62, 520),
                ),
                c.darker(0.08),
                "heather",
                edge=22,
                soft=6,
            )
            for x, y, lean in ((-72, 232, -7), (-24, 196, -2), (26, 206, 4), (72, 250, 9)):
                d.part(
                    shape(
                        (x - 25, 470),
                        (x - 27 + lean, y + 40),
                        (x - 25 + lean, y, x + 25 + lean, y, x + 27 + lean, y + 40),
                        (x + 25, 470),
                    ),
                    c,
                    "heather",
                    edge=18,
                    soft=6,
                    rounding=0.7,
                )
            d.part(
                shape(
                    (-98, 570),
                    (-104, 500, -102, 440, -96, 400),
                    (-40, 372, 40, 372, 98, 404),
                    (108, 460, 104, 520, 98, 570),
                ),
                c,
                "heather",
                edge=26,
                soft=7,
                folds=[(-70, 500, 60, 520, 8, 8, 0.26)],
            )
            for x in (-48, 2, 50):
                d.seam(trace((x, 384), (x + 2, 424)), c, 3)
            d.part(
                shape(
                    (-66, 440),
                    (-20, 420, 30, 422, 66, 446),
                    (60, 520, 30, 548, 0, 548),
                    (-40, 546, -62, 510, -66, 440),
                ),
                d.second,
                "leather",
                edge=14,
                soft=5,
                casts=False,
            )
            d.badge(0, 486, 54, 32, "#20262a")
            d.part(
                shape(
                    (-100, 560),
                    (-40, 574, 50, 574, 102, 560),
                    (100, 640, 98, 700, 102, 764),
                    (40, 780, -40, 780, -96, 764),
                    (-92, 700, -94, 640, -100, 560),
                ),
                c,
                "rib",
                edge=18,
                soft=6,
            )
    return d.svg((-330, 190, 330, 800))


def scarf(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """A scarf folded in two, fringed; ``stripe`` bands it in the second color, ``tube`` is a neck gaiter."""
    d = Drawing(dyes, seed, fit=(460, 780))
    c = d.main
    if "tube" in options:
        d.part(
            whole(
                (0, 330),
                (110, 330, 170, 346, 182, 372),
                (200, 470, 204, 580, 196, 690),
                (130, 720, 60, 726, 0, 726),
            ),
            c,
            "knit",
            edge=44,
            rounding=0.7,
            folds=[
                (-150, 430, 120, 410, 14, 12, 0.36),
                (-160, 520, 140, 545, 12, 13, 0.36),
                (-150, 640, 130, 610, 12, 12, 0.34),
            ],
        )
        d.part(
            whole((0, 330), (90, 330, 150, 344, 168, 366), (120, 392, 60, 398, 0, 398)),
            c.darker(0.6),
            "knit",
            edge=20,
            soft=6,
            casts=False,
        )
        d.badge(118, 650, 56, 32)
        return d.svg()
    bands = ""
    if "stripe" in options:
        bands = (
            f'<g fill="{d.second.fill}">'
            + "".join(
                f'<rect x="-400" y="{y}" width="800" height="{h}"/>'
                for y, h in ((600, 26), (650, 12), (690, 46), (760, 12))
            )
            + "</g>"
        )
    u = d.chance.uniform
    for x0, low, turn, dim in ((46, 790.0, 5, 0.16), (-60, 836.0, -4, 0.0)):
        tone = c.darker(dim)
        with d.placed(f"translate({x0} 0) rotate({turn} 0 200)"):
            strands = "".join(
                f'<path d="M{x},{low - 6}q{u(-6, 6):.0f},30 {u(-10, 10):.0f},{u(58, 74):.0f}" '
                f'stroke="{tone.darker(u(0, 0.4)).fill}" stroke-width="7"/>'
                for x in range(-84, 90, 12)
            )
            d.add(f'<g fill="none" stroke-linecap="round">{strands}</g>')
            d.part(
                shape(
                    (-92, 240),
                    (-60, 170, 60, 170, 92, 240),
                    (96, 440, 90, 640, 94, low),
                    (30, low + 8, -30, low + 8, -94, low),
                    (-90, 640, -98, 440, -92, 240),
                ),
                tone,
                "chunky",
                edge=32,
                detail=bands,
                folds=[(-50, 250, -60, low - 20, 6, 12, 0.26), (40, 260, 48, low - 30, -6, 12, 0.24)],
            )
    d.part(
        shape(
            (-150, 250),
            (-110, 130, 110, 120, 160, 240),
            (150, 330, 60, 360, -10, 352),
            (-90, 348, -150, 320, -150, 250),
        ),
        c,
        "chunky",
        edge=34,
        folds=[(-110, 250, 110, 210, 14, 13, 0.4), (-100, 310, 110, 290, 10, 10, 0.34)],
    )
    return d.svg((-190, 150, 190, 900))


def care_bottle(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """A bottle of wash or proofing; ``spray`` has a trigger head."""
    d = Drawing(dyes, seed, fit=(280, 640), ground=(2, 834, 140))
    c, dark, paper = d.main, d.fixed("#2b2f33"), d.fixed("#f6f4ee")
    if "spray" in options:
        d.part(
            shape(
                (-52, 330),
                (-52, 250),
                (-104, 236),
                (-104, 204),
                (60, 196),
                (92, 214),
                (96, 250),
                (60, 256),
                (54, 330),
            ),
            dark,
            edge=14,
            soft=5,
            rounding=0.6,
        )
        d.part(
            shape((-60, 252), (-96, 300, -92, 340, -80, 356), (-64, 350), (-66, 310, -50, 290, -36, 262)),
            d.fixed("#b3402f"),
            edge=8,
            soft=4,
        )
    else:
        d.part(
            whole(
                (0, 214), (42, 214, 55, 218, 59, 226), (63, 270, 63, 310, 63, 336), (40, 343, 20, 345, 0, 345)
            ),
            dark,
            edge=14,
            soft=5,
            rounding=0.9,
        )
    d.part(
        whole(
            (0, 332),
            (60, 332, 82, 352, 102, 382),
            (120, 402, 126, 432, 126, 472),
            (128, 640, 128, 760, 124, 804),
            (112, 828, 60, 834, 0, 834),
        ),
        c,
        edge=32,
        rounding=0.85,
        depth=0.4,
    )
    turn = d.gradient(((0, dark.fill, 0.2), (0.3, paper.shine, 0), (1, dark.fill, 0.3)))
    d.add(
        f'<rect x="-126" y="500" width="253" height="214" fill="{paper.fill}"/>'
        f'<rect x="-126" y="500" width="253" height="214" fill="{turn}"/>'
        f'<g transform="translate(0 574) scale(2.3)">{peaks(c.darker(0.5).fill)}</g>'
        f'<g fill="{dark.fill}"><rect x="-58" y="626" width="116" height="13" rx="6"/>'
        f'<rect x="-36" y="656" width="72" height="7" rx="3.5" opacity=".5"/>'
        f'<rect x="-48" y="674" width="96" height="7" rx="3.5" opacity=".5"/></g>'
    )
    white = d.fixed("#ffffff").fill
    d.add(
        f'<g fill="none" stroke="{white}" stroke-linecap="round">'
        + "".join(f'<path d="M-88,424V800" stroke-width="{w}" opacity=".1"/>' for w in (22, 14, 7))
        + "</g>"
    )
    return d.svg((-128, 196, 128, 834))


def wax_tin(dyes: Dyes, seed: int, _options: tuple[str, ...]) -> str:
    """A tin of wax with its lid leaning behind."""
    d = Drawing(dyes, seed, fit=(480, 420), ground=(0, 686, 230))
    c, steel = d.main, d.fixed("#c6cac9")
    d.part(
        shape(
            (40, 560),
            (20, 420, 90, 320, 170, 320),
            (260, 330, 270, 470, 240, 600),
            (180, 640, 80, 640, 40, 560),
        ),
        steel,
        edge=18,
        soft=6,
    )
    d.part(
        shape(
            (60, 560),
            (44, 440, 104, 344, 172, 344),
            (240, 352, 250, 470, 224, 580),
            (170, 614, 90, 614, 60, 560),
        ),
        c,
        edge=22,
        soft=6,
        casts=False,
    )
    d.add(f'<g transform="translate(152 476) rotate(10) scale(3)">{peaks(d.fixed("#fbfaf5").fill)}</g>')
    d.part(
        shape((-220, 560), (-220, 640), (-150, 700, 60, 700, 130, 640), (130, 560)),
        steel,
        edge=16,
        soft=6,
        rounding=0.85,
    )
    wax = d.fixed("#ead9a8")
    d.add(
        f'<ellipse cx="-45" cy="560" rx="175" ry="56" fill="{steel.fill}"/>'
        f'<ellipse cx="-45" cy="562" rx="164" ry="49" fill="{steel.darker(0.35).fill}"/>'
        f'<ellipse cx="-45" cy="570" rx="158" ry="44" fill="{wax.fill}"/>'
        f'<path d="M-140,566q60,-24 110,-4t80,-10" fill="none" stroke="{wax.shade}" stroke-width="6" '
        f'opacity=".25"/>'
        f'<path d="M-140,561q60,-24 110,-4t80,-10" fill="none" stroke="{wax.shine}" stroke-width="5" '
        f'opacity=".8"/>'
    )
    return d.svg((-222, 318, 262, 694))


def belt(dyes: Dyes, seed: int, _options: tuple[str, ...]) -> str:
    """A coiled belt with a brass buckle."""
    d = Drawing(dyes, seed, fit=(500, 460), ground=(0, 660, 240))
    c, brass = d.main, d.fixed("#c2a878")
    back = shape((-210, 470), (-200, 380, 200, 380, 214, 470), (214, 560), (180, 480, -180, 480, -210, 560))
    d.part(back, c.darker(0.4), "leather", edge=22, soft=6)
    d.part(
        shape((-222, 480), (-200, 600, 190, 610, 222, 480), (222, 580), (180, 690, -190, 690, -222, 590)),
        c,
        "leather",
        edge=26,
        rounding=0.7,
    )
    d.seam("M-216,500C-190,612 180,622 216,500", c, 2.2, dashed=True)
    d.seam("M-216,576C-184,672 176,674 216,570", c, 2.2, dashed=True)
    d.add(
        f'<g transform="translate(20 628) rotate(-2)"><rect x="-62" y="-58" width="124" height="116" '
        f'rx="20" fill="none" stroke="{brass.shade}" stroke-width="17" opacity=".4" transform="translate(2 '
        f'5)"/>'
        f'<rect x="-62" y="-58" width="124" height="116" rx="20" fill="none" stroke="{brass.fill}" '
        f'stroke-width="15"/>'
        f'<path d="M-56,-62H50" stroke="{brass.shine}" stroke-width="4" opacity=".8"/>'
        f'<path d="M-62,0H58" stroke="{brass.fill}" stroke-width="12" stroke-linecap="round"/></g>'
    )
    for x in (110, 140, 168):
        d.add(
            f'<ellipse cx="{x}" cy="{618 - (x - 110) * 0.42:.0f}" rx="5" ry="6" fill="{c.darker(0.9).fill}"/>'
        )
    return d.svg((-222, 395, 222, 690))
