"""Tees, shirts, knitwear and fleece, laid out as if worn by nobody."""

from __future__ import annotations

import math

from expedit.demo.pictures.drawing import Drawing, Fold
from expedit.demo.pictures.outline import Segment, shape, side, trace, whole
from expedit.demo.pictures.palette import Dyes, Tone
from expedit.demo.pictures.textures import Tile, check

SLEEVE: list[Segment] = [
    (84, 160),
    (150, 172, 206, 208, 234, 296),
    (264, 414, 292, 590, 308, 762),
    (286, 778, 256, 786, 232, 786),
    (218, 656, 198, 512, 154, 402),
]
SHORT_SLEEVE: list[Segment] = [
    (84, 160),
    (152, 172, 214, 206, 246, 286),
    (266, 334, 284, 384, 294, 430),
    (268, 450, 230, 464, 190, 466),
    (182, 444, 170, 420, 152, 398),
]


def torso(hem: float, half: float = 178, neck: float = 70, drop: float = 28) -> str:
    """Outline of a body: shoulders at y 196, armpits at 402, ``half`` wide at the ``hem``."""
    return whole(
        (0, 158 + drop),
        (neck * 0.55, 158 + drop, neck, 166, neck + 4, 150),
        (96, 166, 134, 184, 166, 203),
        (158, 262, 150, 330, 166, 402),
        (172, 520, half - 2, 690, half, hem),
        (half * 0.62, hem + 10, half * 0.3, hem + 13, 0, hem + 13),
    )


def body_folds(d: Drawing, hem: float, strength: float = 0.3) -> list[Fold]:
    """Folds of a hanging body: drawn in from the armpits, falling from the chest, pushed up at the hem."""
    u = d.chance.uniform
    folds: list[Fold] = []
    for s in (1, -1):
        folds += [
            (s * 158, 398, s * u(58, 80), u(448, 480), s * 10, 8, strength),
            (s * 164, 424, s * u(84, 108), u(500, 540), s * 8, 7, strength * 0.8),
            (
                s * u(92, 120),
                u(540, 580),
                s * u(112, 134),
                hem - u(20, 50),
                s * u(4, 12),
                12,
                strength * 0.66,
            ),
            (s * u(150, 168), hem - u(150, 190), s * u(60, 92), hem - u(90, 120), s * -8, 7, strength * 0.6),
        ]
    return [
        *folds,
        (u(20, 44), u(560, 620), u(30, 54), hem - 20, 6, 9, strength * 0.5),
        (-u(30, 54), u(480, 540), -u(20, 40), hem - 90, -5, 8, strength * 0.45),
    ]


def sleeve_folds(d: Drawing, sign: int, strength: float = 0.36) -> list[Fold]:
    """Folds of an arm: at the shoulder, round the elbow and down to the wrist."""
    u, s = d.chance.uniform, sign
    return [
        (s * 238, u(322, 340), s * 176, u(396, 424), s * 11, 7, strength),
        (s * 222, u(262, 276), s * 168, u(326, 346), s * 8, 6, strength * 0.8),
        (s * 270, u(478, 500), s * 206, u(520, 548), s * 9, 8, strength * 0.95),
        (s * 214, u(548, 564), s * 274, u(560, 584), s * -7, 6, strength * 0.7),
        (s * 286, u(610, 634), s * 230, u(650, 676), s * 8, 7, strength * 0.75),
        (s * 252, u(690, 700), s * 292, u(716, 736), s * 5, 6, strength * 0.6),
    ]


def sleeves(
    d: Drawing,
    tone: Tone,
    texture: str | None,
    *,
    cuff: tuple[Tone, str | None] | None = None,
    detail: str = "",
    paint: str | None = None,
    strength: float = 0.36,
) -> None:
    """Two long sleeves, with knitted cuffs or a hem."""
    wrist: list[Segment] = [
        (310, 760),
        (313, 790, 312, 816, 309, 838),
        (290, 848, 262, 854, 242, 854),
        (236, 832, 232, 808, 230, 784),
        (256, 788, 286, 778, 310, 760),
    ]
    for s in (-1, 1):
        d.part(
            shape(*side(SLEEVE, s)),
            tone,
            texture,
            folds=sleeve_folds(d, s, strength),
            detail=detail,
            paint=paint,
            rounding=0.6,
        )
        if cuff:
            d.part(shape(*side(wrist, s)), cuff[0], cuff[1], edge=14, depth=0.4, soft=6)
        else:
            d.seam(trace((s * 303, 732), (s * 268, 750, s * 228, 752)), tone, 1.8, dashed=True, strength=0.5)


def armholes(d: Drawing, tone: Tone) -> None:
    """The seams where sleeves meet the body."""
    for s in (1, -1):
        path = trace((s * 165, 206), (s * 155, 262, s * 149, 330, s * 164, 400))
        d.groove(path, tone, 15, 0.09)
        d.seam(path, tone, 2, strength=0.5)


def inside(d: Drawing, tone: Tone, top: float, low: float, half: float) -> None:
    """The shaded back of a neck with its label."""
    d.part(
        whole(
            (0, top),
            (half * 0.55, top, half * 0.9, top + 2, half, top + 10),
            (half * 0.86, low - 20, 40, low, 0, low),
        ),
        tone.darker(0.62),
        edge=26,
        depth=0.6,
        soft=7,
        casts=False,
    )
    d.neck_label(top + 9)


def neckband(d: Drawing, tone: Tone, half: float, low: float, width: float = 22) -> None:
    """A ribbed crew neck."""
    outer = half + width * 0.62
    d.part(
        shape(
            (-half, 146),
            (-half * 0.88, low - 16, -half * 0.5, low, 0, low),
            (half * 0.5, low, half * 0.88, low - 16, half, 146),
            (outer, 151),
            (outer * 0.92, low + width - 14, outer * 0.56, low + width, 0, low + width),
            (-outer * 0.56, low + width, -outer * 0.92, low + width - 14, -outer, 151),
        ),
        tone,
        "rib",
        edge=7,
        depth=0.4,
        soft=4,
        casts=False,
    )


def tee(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """A T-shirt; ``pocket`` adds a chest pocket, ``stripe`` stripes it in the second color."""
    d = Drawing(dyes, seed, fit=(600, 780))
    c, hem = d.main, 806
    bands = _stripes(d, 230, hem, 44, 14) if "stripe" in options else ""
    u = d.chance.uniform
    for s in (-1, 1):
        folds: list[Fold] = [
            (s * 250, 306, s * 178, u(376, 394), s * 10, 8, 0.34),
            (s * 226, 262, s * 172, u(320, 336), s * 8, 6, 0.28),
            (s * 280, u(396, 408), s * 210, 430, s * 6, 6, 0.26),
        ]
        d.part(shape(*side(SHORT_SLEEVE, s)), c, "heather", folds=folds, detail=bands, rounding=0.55)
        d.seam(
            trace((s * 288, 408), (s * 262, 430, s * 226, 444, s * 186, 446)),
            c,
            1.7,
            dashed=True,
            strength=0.5,
        )
    d.part(torso(hem, 178, 80, 42), c, "heather", folds=body_folds(d, hem), detail=bands)
    armholes(d, c)
    d.seam(
        trace((-177, hem - 20), (-90, hem - 7, 90, hem - 7, 177, hem - 20)), c, 1.7, dashed=True, strength=0.5
    )
    inside(d, c, 136, 204, 80)
    neckband(d, c, 80, 202)
    if "pocket" in options:
        d.part(
            shape((50, 330), (134, 326), (134, 412), (92, 438), (50, 414)),
            d.second,
            "heather",
            edge=9,
            depth=0.35,
            soft=5,
            casts=False,
        )
        d.seam(trace((50, 346), (134, 342)), d.second, 1.6, dashed=True)
    return d.svg()


def base_layer(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """A merino base layer; ``half_zip`` gives it a collar, ``panels`` second-color shoulders."""
    d = Drawing(dyes, seed)
    c, hem = d.main, 812
    sleeves(d, d.second if "panels" in options else c, "heather", strength=0.42)
    d.part(torso(hem, 168, 66, 26), c, "heather", folds=body_folds(d, hem, 0.36))
    armholes(d, c)
    for s in (1, -1):
        d.seam(
            trace((s * 76, 156), (s * 96, 300, s * 120, 420, s * 167, 560)),
            c,
            1.8,
            dashed=True,
            strength=0.42,
        )
    d.seam(
        trace((-166, hem - 22), (-80, hem - 9, 80, hem - 9, 166, hem - 22)), c, 1.8, dashed=True, strength=0.5
    )
    if "half_zip" in options:
        _stand_collar(d, c, "heather")
        d.zip(0, 176, 410, c)
    else:
        inside(d, c, 140, 190, 66)
        neckband(d, c, 66, 188, 18)
    d.badge(-104, hem - 52, 42, 24, "#20262a")
    return d.svg()


def shirt(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """A flannel or plain shirt; ``check`` checks it with the second color."""
    d = Drawing(dyes, seed)
    c, hem = d.main, 800
    paint = d.tile(check(c, d.second)) if "check" in options else None
    texture = None if paint else "canvas"
    sleeves(d, c, texture, cuff=(c, texture), paint=paint)
    body = whole(
        (0, 190),
        (40, 186, 70, 168, 74, 150),
        (96, 166, 134, 184, 166, 203),
        (158, 262, 150, 330, 166, 402),
        (172, 520, 176, 640, 176, 716),
        (150, 792, 90, 818, 0, hem + 22),
    )
    d.part(body, c, texture, folds=body_folds(d, hem - 40), paint=paint)
    armholes(d, c)
    d.seam(trace((-160, 254), (-80, 246, 80, 246, 160, 254)), c, 1.8, dashed=True, strength=0.4)
    inside(d, c, 128, 180, 66)
    for s in (1, -1):
        leaf: list[Segment] = [
            (0, 206),
            (30, 186, 56, 150, 64, 122),
            (84, 134, 96, 152, 98, 168),
            (92, 204, 60, 238, 42, 246),
        ]
        d.part(shape(*side(leaf, s)), c, texture, edge=11, depth=0.4, soft=5, casts=False, paint=paint)
        pocket: list[Segment] = [(50, 330), (138, 324), (140, 420), (96, 446), (52, 424)]
        d.part(shape(*side(pocket, s)), c, texture, edge=8, depth=0.34, soft=5, casts=False, paint=paint)
        d.seam(trace((s * 50, 362), (s * 95, 380), (s * 139, 356)), c, 1.8)
    d.part(
        shape((-17, 214), (17, 208), (17, 820), (-17, 821)),
        c,
        texture,
        edge=6,
        depth=0.3,
        soft=4,
        casts=False,
        paint=paint,
    )
    d.buttons(0, 252, 770, 6, "#cfc6b4")
    return d.svg()


def _stand_collar(d: Drawing, c: Tone, texture: str | None) -> None:
    d.part(
        whole((0, 116), (44, 116, 70, 122, 78, 132), (76, 186, 40, 206, 0, 208)),
        c.darker(0.6),
        edge=26,
        depth=0.6,
        soft=7,
        casts=False,
    )
    d.neck_label(132)
    d.part(
        whole((0, 192), (32, 188, 62, 166, 78, 124), (94, 152, 96, 190, 86, 212), (58, 236, 28, 250, 0, 252)),
        c,
        texture,
        edge=16,
        depth=0.4,
        soft=6,
    )


def fleece(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """A pile fleece with second-color trims; ``half_zip`` is a pullover, ``smooth`` has no pile."""
    d = Drawing(dyes, seed)
    c, trim, hem = d.main, d.second, 796
    cloth = "heather" if "smooth" in options else "fleece"
    sleeves(d, c, cloth, cuff=(trim, None), strength=0.26)
    d.part(torso(hem, 180, 66, 26), c, cloth, folds=body_folds(d, hem, 0.24), edge=36)
    armholes(d, c)
    _stand_collar(d, c, cloth)
    if "half_zip" in options:
        d.zip(0, 188, 430, trim)
        d.part(
            shape((-92, 520), (92, 520), (130, 640), (128, 664), (-128, 664), (-130, 640)),
            trim,
            None,
            edge=12,
            soft=6,
            casts=False,
        )
        d.seam(trace((-92, 524), (-128, 640)), trim, 4, strength=0.7)
        d.seam(trace((92, 524), (128, 640)), trim, 4, strength=0.7)
    else:
        d.zip(0, 188, hem + 12, trim)
        d.part(
            shape((50, 312), (146, 306), (148, 414), (128, 432), (66, 434), (50, 420)),
            trim,
            None,
            edge=12,
            depth=0.4,
            soft=6,
            casts=False,
        )
        d.seam(trace((50, 330), (147, 325)), trim, 4, strength=0.8)
        d.badge(118, 356, 34, 20, "#2b2f33")
        for s in (1, -1):
            d.seam(trace((s * 70, 590), (s * 112, 708)), c, 5, strength=0.6)
    d.part(
        whole(
            (0, hem - 8),
            (90, hem - 8, 150, hem - 12, 182, hem - 18),
            (183, hem + 24),
            (120, hem + 36, 60, hem + 38, 0, hem + 38),
        ),
        trim,
        None,
        edge=13,
        depth=0.4,
        soft=6,
    )
    return d.svg()


def _stripes(d: Drawing, top: float, bottom: float, step: float, width: float) -> str:
    rows = int((bottom - top) / step)
    return (
        f'<g fill="{d.second.fill}" opacity=".94">'
        + "".join(
            f'<rect x="-330" y="{top + k * step:.0f}" width="660" height="{width:.0f}"/>' for k in range(rows)
        )
        + "</g>"
    )


def _yoke(d: Drawing) -> str:
    """Rings of pattern round the neck, as knitted from the top down."""
    rings: list[str] = []
    cloth, blend = d.second, d.second.towards(d.main, 0.4)
    for index, (reach, size, count) in enumerate(
        ((96, 7, 34), (124, 10, 36), (154, 12, 38), (186, 11, 44), (214, 7, 54))
    ):
        tone = cloth if index % 2 == 0 else blend
        for k in range(count):
            angle = math.pi * (k + (index % 2) / 2) / count
            x, y = math.cos(angle) * reach * 1.3, 130 + math.sin(angle) * reach * 1.12
            turn = 90 - math.degrees(angle)
            rings.append(
                f'<path transform="translate({x:.1f} {y:.1f}) rotate({-turn:.0f})" '
                f'd="M0,{-size}L{size * 0.78:.1f},0L0,{size}L{-size * 0.78:.1f},0Z" fill="{tone.fill}"/>'
            )
    rings += [
        f'<ellipse cy="130" rx="{reach * 1.3:.0f}" ry="{reach * 1.12:.0f}" fill="none" stroke="{cloth.fill}" '
        f'stroke-width="3.6" stroke-dasharray="7.5 5.5" opacity=".85"/>'
        for reach in (109, 139, 170, 201)
    ]
    return "".join(rings)


def _cables(d: Drawing, hem: float) -> str:
    """Twisted columns of stitches between ribs of moss stitch."""
    c = d.main
    shade, cord, edge = c.shade, c.lighter(0.14).fill, c.darker(0.5).fill
    braid: list[str] = []
    for x, half in ((-122, 17), (-66, 17), (0, 27), (66, 17), (122, 17)):
        braid.append(
            f'<rect x="{x - half - 13}" width="{2 * half + 26}" height="1000" fill="{shade}" opacity=".28"/>'
        )
        for k in range(12):
            y = 176 + k * 54
            for a in (1, -1):
                left, right = x - a * half, x + a * half
                rope = f"M{left},{y}C{left},{y + 28} {right},{y + 26} {right},{y + 54}"
                braid.append(
                    f'<g fill="none"><path d="{rope}" stroke="{edge}" stroke-width="22"/>'
                    f'<path d="{rope}" stroke="{cord}" stroke-width="17"/>'
                    f'<path d="{rope}" transform="translate(-3 -1)" stroke="{c.shine}" stroke-width="4.5" '
                    f'opacity=".55"/>'
                    f'<path d="{rope}" stroke="{shade}" stroke-width="15" stroke-dasharray="1.6 7" '
                    f'opacity=".3"/></g>'
                )
    return f"<g>{''.join(braid)}</g>" if hem else ""


def _stitch_veil(d: Drawing, height: float) -> str:
    """Faint stitches over a knitted pattern, so that it looks knitted in rather than printed."""
    vein = (
        f'<path d="M0,-1q5,4 7.5,12q2.5,-8 7.5,-12" fill="none" stroke="{d.main.shade}" '
        'stroke-width="2" opacity=".36"/>'
    )
    return f'<rect x="-330" y="120" width="660" height="{height}" fill="{d.tile(Tile(15, 13, "", vein))}"/>'


def sweater(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """Knitwear: plain or ``yoke``, ``stripe``, ``cable``, ``chunky``; ``roll`` neck; ``cardigan``."""
    d = Drawing(dyes, seed)
    c, hem = d.main, 768
    yarn = "chunky" if {"cable", "chunky"} & set(options) else "knit"
    motif = ""
    if "yoke" in options:
        motif = _yoke(d) + _stitch_veil(d, 300)
    elif "stripe" in options:
        motif = _stripes(d, 292, hem, 62, 25) + _stitch_veil(d, 660)
    sleeves(d, c, yarn, cuff=(c, "rib"), detail=motif, strength=0.28)
    columns = _cables(d, hem) if "cable" in options else motif
    d.part(torso(hem, 174, 66, 28), c, yarn, folds=body_folds(d, hem, 0.26), detail=columns, rounding=0.46)
    if "yoke" not in options:
        armholes(d, c)
    d.part(
        whole(
            (0, hem - 4),
            (90, hem - 4, 140, hem - 8, 176, hem - 14),
            (174, hem + 20, 170, hem + 40, 165, hem + 52),
            (110, hem + 62, 50, hem + 65, 0, hem + 65),
        ),
        c,
        "rib",
        edge=16,
        depth=0.4,
        soft=6,
    )
    _neck(d, c, options)
    if "cardigan" in options:
        d.part(
            shape((-16, 214), (16, 214), (16, hem + 62), (-16, hem + 62)),
            c,
            "rib",
            edge=9,
            depth=0.4,
            soft=5,
            casts=False,
        )
        d.buttons(0, 262, hem + 30, 6)
        for s in (1, -1):
            pocket: list[Segment] = [(48, 610), (146, 610), (148, 730), (48, 734)]
            d.part(shape(*side(pocket, s)), c, yarn, edge=10, depth=0.36, soft=6, casts=False)
            d.part(
                shape(*side([(46, 600), (148, 600), (148, 628), (46, 628)], s)),
                c,
                "rib",
                edge=6,
                depth=0.3,
                soft=4,
                casts=False,
            )
    return d.svg()


def _neck(d: Drawing, c: Tone, options: tuple[str, ...]) -> None:
    if "roll" in options:
        d.part(
            whole((0, 80), (42, 80, 68, 88, 70, 98), (72, 132, 78, 164, 82, 186), (52, 208, 26, 214, 0, 214)),
            c,
            "rib",
            edge=22,
            depth=0.45,
        )
        d.part(
            whole((0, 80), (36, 80, 62, 86, 66, 95), (52, 108, 26, 110, 0, 110)),
            c.darker(0.6),
            edge=14,
            soft=5,
            casts=False,
        )
        d.groove(trace((-80, 156), (-34, 176, 34, 176, 80, 156)), c, 14, 0.09)
    else:
        inside(d, c, 134, 194, 66)
        neckband(d, c, 66, 191, 27)
