"""Trousers, shorts, skirts and a dress."""

from __future__ import annotations

from expedit.demo.pictures.drawing import Drawing, Fold
from expedit.demo.pictures.outline import Segment, shape, side, trace, whole
from expedit.demo.pictures.palette import Dyes, Tone

COPPER = "#c98f45"


def _leg(hem: float, flare: float) -> list[Segment]:
    if hem < 700:
        return [
            (0, 112),
            (60, 108, 112, 108, 134, 114),
            (150, 190, 164, 270, 168, 350),
            (178, 420, 184 + flare * 0.3, 470, 186 + flare * 0.4, hem),
            (140, hem + 14, 70, hem + 16, 22, hem + 8),
            (18, hem - 60, 10, 430, 4, 384),
        ]
    return [
        (0, 112),
        (60, 108, 112, 108, 134, 114),
        (150, 206, 163, 292, 167, 380),
        (173, 560, 168 + flare * 0.5, 740, 160 + flare, hem),
        (130, hem + 13, 82, hem + 15, 46 - flare * 0.3, hem + 8),
        (40, 740, 30, 520, 4, 384),
    ]


def _leg_folds(d: Drawing, s: int, hem: float) -> list[Fold]:
    u = d.chance.uniform
    folds: list[Fold] = [
        (s * 152, 330, s * 26, u(378, 396), s * 9, 8, 0.4),
        (s * 20, 404, s * 112, u(430, 446), s * -7, 7, 0.32),
        (s * 24, 372, s * 98, u(330, 350), s * 6, 6, 0.28),
        (s * 138, u(196, 226), s * 128, 330, s * 5, 8, 0.22),
    ]
    if hem > 700:
        folds += [
            (s * 164, u(540, 560), s * 66, u(570, 600), s * 9, 8, 0.38),
            (s * 44, u(612, 640), s * 142, u(650, 672), s * -8, 7, 0.34),
            (s * 156, u(806, 820), s * 58, u(830, 850), s * 8, 7, 0.34),
            (s * 52, u(866, 872), s * 138, u(880, 890), s * -5, 6, 0.28),
            (s * u(98, 108), 430, s * u(100, 112), 620, s * 4, 10, 0.16),
        ]
    return folds


def _waist(d: Drawing, c: Tone, texture: str, thread: Tone, button: Tone) -> None:
    d.part(
        whole((0, 90), (50, 90, 102, 92, 130, 102), (92, 116, 42, 120, 0, 120)),
        c.darker(0.6),
        edge=16,
        soft=6,
        casts=False,
    )
    d.part(
        whole(
            (0, 112),
            (60, 110, 112, 108, 132, 103),
            (136, 120, 138, 138, 140, 152),
            (92, 160, 42, 163, 0, 163),
        ),
        c,
        texture,
        edge=12,
        depth=0.36,
        soft=6,
    )
    for x in (-96, -50, 50, 96):
        d.add(
            f'<rect x="{x - 6}" y="106" width="12" height="58" rx="3" fill="{c.lighter(0.08).fill}" '
            f'stroke="{c.shade}" stroke-opacity=".5"/>'
        )
    d.add(
        f'<circle cx="1" cy="139" r="10.5" fill="{c.shade}" opacity=".5"/>'
        f'<circle cx="0" cy="137" r="10" fill="{button.fill}"/>'
    )
    d.add(f'<circle cx="-2.5" cy="134" r="4.6" fill="{button.shine}" opacity=".6"/>')
    d.groove("M0,170Q7,290 3,382", c, 14, 0.1)
    d.seam("M0,164Q9,290 3,384", c, 2.2)
    d.add(
        f'<path d="M24,164C27,244 22,284 4,312" fill="none" stroke="{thread.fill}" stroke-width="1.9" '
        f'stroke-dasharray="6 4.5" opacity=".8"/>'
    )


def _stitched(d: Drawing, path: str, thread: Tone) -> None:
    d.add(
        f'<path d="{path}" fill="none" stroke="{thread.fill}" stroke-width="1.9" stroke-dasharray="6 4.5" '
        f'opacity=".78"/>'
    )


def trousers(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """Trousers: ``hike`` (second-color knees, thigh pockets), ``jeans``, ``cord``, ``shorts``, ``jogger``."""
    short = "shorts" in options
    hem = 520.0 if short else 896.0
    d = Drawing(dyes, seed, fit=(520, 560) if short else (620, 830), stretch=1.16)
    c = d.main
    texture = (
        "denim"
        if "jeans" in options
        else "cord"
        if "cord" in options
        else "heather"
        if "jogger" in options
        else "canvas"
    )
    thread = d.fixed(COPPER) if "jeans" in options else c.darker(0.62)
    flare = 12.0 if short else -14.0 if "jogger" in options else 0.0
    for s in (-1, 1):
        _half(d, c, texture, s, hem, flare, options)
        _stitched(
            d,
            trace(
                (s * (26 if short else 50), hem - 10),
                (s * 100, hem - 4),
                (s * (184 if short else 158 + flare), hem - 16),
            ),
            thread,
        )
        pocket = trace((s * 52, 164), (s * 60, 214, s * 100, 234, s * 152, 224))
        d.seam(pocket, c, 3)
        _stitched(d, trace((s * 46, 164), (s * 55, 221, s * 98, 242, s * 153, 232)), thread)
    _waist(d, c, texture, thread, d.fixed(COPPER) if "jeans" in options else c.darker(0.5))
    if "jogger" in options:
        tie = d.fixed("#efeee8")
        for s in (1, -1):
            d.add(
                f'<path d="M{s * 10},140q{s * 16},60 {s * 6},128" stroke="{tie.shade}" stroke-width="8" '
                f'fill="none" opacity=".22"/>'
                f'<path d="M{s * 9},138q{s * 16},60 {s * 6},128" stroke="{tie.fill}" stroke-width="6" '
                f'fill="none" stroke-linecap="round"/>'
            )
    if "jeans" in options:
        d.badge(96, 192, 36, 22, "#8a5a34", -4)
    return d.svg()


def _half(
    d: Drawing, c: Tone, texture: str, s: int, hem: float, flare: float, options: tuple[str, ...]
) -> None:
    worn = ""
    if "jeans" in options:
        worn = d.glow(s * 96, 430, 54, 230, c.shine, 0.36) + d.glow(s * 102, 660, 40, 90, c.shine, 0.26)
    leg = _leg(hem, flare)
    d.part(shape(*side(leg, s)), c, texture, folds=_leg_folds(d, s, hem), detail=worn, edge=32)
    if "hike" in options and "shorts" not in options:
        knee: list[Segment] = [
            (60, 516),
            (100, 506, 140, 508, 170, 516),
            (172, 590, 171, 650, 168, 694),
            (132, 706, 92, 706, 57, 698),
            (54, 640, 55, 580, 60, 516),
        ]
        d.part(shape(*side(knee, s)), d.second, "canvas", edge=13, depth=0.36, soft=6, casts=False)
        _stitched(d, trace(*side(knee, s)), d.second.darker(0.6))
        bag: list[Segment] = [(98, 392), (164, 388), (169, 494), (98, 500)]
        flap: list[Segment] = [(95, 382), (164, 378), (166, 414), (95, 420)]
        d.part(shape(*side(bag, s)), c, texture, edge=10, depth=0.36, soft=5, casts=False)
        d.part(shape(*side(flap, s)), c, texture, edge=9, depth=0.36, soft=5, casts=False)
    if "jogger" in options:
        cuff: list[Segment] = [
            (148, hem - 6),
            (148, hem + 20, 147, hem + 40, 144, hem + 54),
            (114, hem + 64, 80, hem + 62, 56, hem + 56),
            (52, hem + 40, 50, hem + 24, 50, hem + 6),
        ]
        d.part(shape(*side(cuff, s)), c, "rib", edge=12, depth=0.38, soft=5)


def skirt(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """A skirt: quilted with ``quilt``, else wool with a front pleat."""
    d = Drawing(dyes, seed, fit=(600, 620))
    c, hem = d.main, 620.0
    u = d.chance.uniform
    folds: list[Fold] = []
    for k in range(-4, 5):
        x = k * 30
        folds.append(
            (
                x,
                190 + abs(k) * 6,
                x * 1.85 + u(-8, 8),
                hem - u(4, 40),
                k * 2.5,
                9 + abs(k),
                0.4 if k % 2 else 0.3,
            )
        )
    lines = ""
    if "quilt" in options:
        lines = (
            f'<g fill="none" stroke="{c.shade}" stroke-width="2.4" opacity=".6">'
            + "".join(
                f'<path d="M-320,{y}L320,{y + 420}M320,{y}L-320,{y + 420}"/>' for y in range(-300, 640, 74)
            )
            + "</g>"
        )
    d.part(
        whole(
            (0, 150),
            (70, 150, 110, 148, 134, 144),
            (170, 250, 230, 430, 262, hem - 26),
            (180, hem + 14, 90, hem + 24, 0, hem + 24),
        ),
        c,
        None if "quilt" in options else "heather",
        folds=folds if "quilt" not in options else folds[::3],
        over=lines,
        edge=36,
    )
    d.part(
        whole(
            (0, 104), (70, 102, 106, 100, 128, 96), (134, 116, 136, 134, 138, 150), (92, 160, 42, 164, 0, 164)
        ),
        c,
        "rib",
        edge=13,
        soft=6,
    )
    d.part(
        whole((0, 84), (60, 84, 110, 86, 128, 96), (90, 108, 42, 112, 0, 112)),
        c.darker(0.6),
        edge=14,
        soft=6,
        casts=False,
    )
    d.seam(
        trace(
            (-258, hem - 44),
            (-170, hem - 4, -90, hem + 6, 0, hem + 6),
            (90, hem + 6, 170, hem - 4, 258, hem - 44),
        ),
        c,
        1.8,
        dashed=True,
    )
    d.badge(96, 560, 44, 25, "#20262a", -14)
    return d.svg()


def dress(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """A knitted dress with a waist; ``stripe`` stripes it in the second color."""
    d = Drawing(dyes, seed, fit=(560, 830))
    c, hem = d.main, 930.0
    u = d.chance.uniform
    bands = ""
    if "stripe" in options:
        bands = (
            f'<g fill="{d.second.fill}" opacity=".94">'
            + "".join(f'<rect x="-400" y="{y}" width="800" height="20"/>' for y in range(260, 900, 58))
            + "</g>"
        )
    for s in (-1, 1):
        arm: list[Segment] = [
            (84, 160),
            (146, 172, 200, 210, 222, 292),
            (242, 380, 256, 470, 262, 560),
            (240, 572, 214, 574, 196, 572),
            (188, 500, 172, 440, 146, 396),
        ]
        d.part(
            shape(*side(arm, s)),
            c,
            "heather",
            detail=bands,
            folds=[
                (s * 226, 330, s * 172, u(390, 410), s * 9, 7, 0.34),
                (s * 246, 450, s * 196, u(480, 500), s * 7, 6, 0.28),
            ],
        )
    folds: list[Fold] = [(s * 158, 398, s * 70, u(450, 480), s * 9, 8, 0.3) for s in (1, -1)]
    for k in range(-3, 4):
        x = k * 38
        folds.append((x, 545, x * 1.8 + u(-10, 10), hem - u(10, 60), k * 3, 11, 0.36))
    d.part(
        whole(
            (0, 190),
            (40, 188, 70, 166, 76, 150),
            (96, 166, 132, 184, 160, 203),
            (150, 262, 144, 330, 156, 400),
            (142, 450, 128, 500, 130, 540),
            (168, 640, 210, 790, 232, hem - 24),
            (150, hem + 8, 70, hem + 14, 0, hem + 14),
        ),
        c,
        "heather",
        folds=folds,
        detail=bands,
        edge=34,
    )
    for s in (1, -1):
        path = trace((s * 159, 206), (s * 149, 262, s * 143, 330, s * 154, 398))
        d.seam(path, c, 2, strength=0.5)
    d.seam(trace((-130, 540), (-60, 552, 60, 552, 130, 540)), c, 2.4)
    d.part(
        whole((0, 136), (40, 136, 68, 140, 80, 146), (68, 184, 36, 202, 0, 204)),
        c.darker(0.6),
        edge=24,
        soft=6,
        casts=False,
    )
    d.neck_label(146)
    d.seam(trace((-80, 148), (-70, 190, -36, 210, 0, 212), (36, 210, 70, 190, 80, 148)), c, 2.2)
    return d.svg()
