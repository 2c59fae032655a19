"""Rucksacks, day packs, duffels, totes and hip bags."""

from __future__ import annotations

from expedit.demo.pictures.drawing import BRASS, LEATHER, Drawing
from expedit.demo.pictures.outline import Segment, shape, side, trace, whole
from expedit.demo.pictures.palette import Dyes, Tone


def _strap(d: Drawing, path: str, tone: Tone, width: float) -> None:
    d.add(
        f'<g fill="none"><path d="{path}" transform="translate(3 5)" stroke="{tone.shade}" '
        f'stroke-width="{width + 6}" opacity=".2"/>'
        f'<path d="{path}" stroke="{tone.fill}" stroke-width="{width}"/>'
        f'<path d="{path}" stroke="{tone.shine}" stroke-width="{width - 7:.0f}" opacity=".14"/>'
        f'<path d="{path}" stroke="{tone.shine}" stroke-width="1.6" stroke-dasharray="6 4.5" '
        f'opacity=".4"/></g>'
    )


def _buckle(d: Drawing, x: float, y: float) -> None:
    brass = d.fixed(BRASS)
    d.add(
        f'<rect x="{x - 20}" y="{y + 3}" width="40" height="34" rx="6" fill="none" stroke="{brass.shade}" '
        f'stroke-width="7" opacity=".35"/>'
        f'<rect x="{x - 20}" y="{y}" width="40" height="34" rx="6" fill="none" stroke="{brass.fill}" '
        f'stroke-width="6"/>'
        f'<path d="M{x - 20},{y + 2}h38" stroke="{brass.shine}" stroke-width="2" opacity=".7"/>'
        f'<path d="M{x},{y + 2}v28" stroke="{brass.fill}" stroke-width="5"/>'
    )


def _shoulder_straps(d: Drawing, c: Tone) -> None:
    for s in (1, -1):
        _strap(d, trace((s * 150, 300), (s * 256, 380, s * 262, 640, s * 198, 806)), c.darker(0.5), 30)


def rucksack(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """A roll-top rucksack with leather straps; ``trek`` is taller with side pockets and a lid."""
    d = Drawing(dyes, seed, fit=(520, 810), ground=(0, 874, 226))
    c, leather = d.main, d.fixed(LEATHER)
    _shoulder_straps(d, c)
    if "trek" in options:
        for s in (1, -1):
            pocket: list[Segment] = [
                (160, 470),
                (232, 470, 246, 520, 246, 620),
                (246, 760, 236, 810, 172, 830),
            ]
            d.part(
                shape(*side(pocket, s)),
                d.second,
                "nylon",
                edge=26,
                folds=[(s * 200, 490, s * 214, 800, s * 6, 9, 0.3)],
            )
            d.seam(trace((s * 168, 520), (s * 210, 516), (s * 242, 540)), d.second, 3)
    d.part(
        whole((0, 116), (80, 112, 132, 118, 152, 128), (166, 160, 170, 200, 172, 246), (0, 262)),
        c.darker(0.1),
        "canvas",
        edge=26,
        folds=[(-150, y, 150, y + 2, 7, 7, 0.42) for y in (152, 186, 220)],
    )
    d.part(
        whole(
            (0, 228),
            (92, 224, 162, 230, 174, 242),
            (204, 332, 219, 520, 214, 780),
            (212, 840, 192, 862, 152, 868),
            (80, 874, 40, 874, 0, 874),
        ),
        c,
        "canvas",
        edge=48,
        rounding=0.52,
        folds=[
            (-150, 290, -56, 470, 14, 13, 0.3),
            (156, 300, 66, 480, -14, 13, 0.28),
            (-190, 640, -150, 800, 6, 10, 0.24),
            (190, 560, 160, 780, -6, 10, 0.22),
        ],
    )
    if "trek" in options:
        d.part(
            whole(
                (0, 150),
                (100, 146, 170, 170, 192, 236),
                (196, 300, 190, 330, 176, 344),
                (90, 356, 40, 358, 0, 358),
            ),
            d.second,
            "nylon",
            edge=34,
            folds=[(-120, 200, -40, 250, 8, 9, 0.3)],
        )
        d.seam(trace((-176, 338), (-90, 350, 90, 350, 176, 338)), d.second, 2, dashed=True)
    d.part(
        shape(
            (-152, 522),
            (152, 522),
            (164, 622, 166, 742, 158, 814),
            (142, 838, -142, 838, -158, 814),
            (-166, 742, -164, 622, -152, 522),
        ),
        c.towards(leather, 0.06),
        "canvas",
        edge=26,
        depth=0.42,
        casts=False,
        folds=[(-130, 640, -60, 800, 8, 10, 0.24), (130, 650, 70, 800, -8, 10, 0.24)],
    )
    d.part(
        shape(
            (-160, 500),
            (160, 500),
            (167, 562, 152, 598, 122, 608),
            (40, 620, -40, 620, -122, 608),
            (-152, 598, -167, 562, -160, 500),
        ),
        c,
        "canvas",
        edge=22,
        depth=0.44,
        casts=False,
    )
    d.seam(trace((-150, 590), (-60, 606, 60, 606, 150, 590)), c, 1.8, dashed=True, strength=0.5)
    for s in (1, -1):
        _strap(d, f"M{s * 92},130V690", leather, 24)
        _buckle(d, s * 92, 300)
        _buckle(d, s * 92, 640)
    _strap(d, "M-40,126C-42,66 42,66 40,126", leather, 16)
    d.badge(0, 712, 72, 42, "#3b2d22")
    return d.svg()


def day_pack(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """A square day pack with a top handle; ``kids`` is smaller with a round patch."""
    d = Drawing(dyes, seed, fit=(440, 640) if "kids" in options else (500, 780), ground=(0, 874, 220))
    c, trim = d.main, d.second
    _shoulder_straps(d, c)
    _strap(d, "M-70,206C-72,112 -32,98 0,98C32,98 72,112 70,206", trim, 24)
    for s in (1, -1):
        pocket: list[Segment] = [(170, 560), (232, 560, 240, 600, 240, 684), (240, 804, 228, 832, 170, 836)]
        d.part(shape(*side(pocket, s)), c.darker(0.14), "canvas", edge=24)
    d.part(
        whole(
            (0, 186),
            (92, 186, 152, 190, 168, 198),
            (198, 214, 206, 252, 208, 302),
            (214, 520, 214, 700, 208, 826),
            (206, 852, 192, 864, 162, 866),
            (80, 870, 40, 870, 0, 870),
        ),
        c,
        "canvas",
        edge=48,
        rounding=0.5,
        folds=[(-180, 300, -120, 480, 10, 11, 0.26), (184, 320, 130, 500, -10, 11, 0.24)],
    )
    d.seam("M-196,560C-200,262 -190,236 -150,232L150,232C190,236 200,262 196,560", c, 13, strength=0.55)
    d.add(
        f'<path d="M-196,560C-200,262 -190,236 -150,232L150,232C190,236 200,262 196,560" fill="none" '
        f'stroke="{c.shine}" stroke-width="3" stroke-dasharray="3 4" opacity=".6"/>'
    )
    d.part(
        shape(
            (-166, 540),
            (166, 540),
            (174, 640, 174, 762, 168, 828),
            (152, 846, -152, 846, -168, 828),
            (-174, 762, -174, 640, -166, 540),
        ),
        c,
        "canvas",
        edge=24,
        depth=0.42,
        casts=False,
        folds=[(-140, 620, -60, 800, 8, 11, 0.22), (140, 640, 80, 820, -8, 11, 0.22)],
    )
    d.seam("M-160,574H160", c, 12, strength=0.55)
    d.add(
        f'<path d="M-160,574H160" stroke="{c.shine}" stroke-width="3" stroke-dasharray="3 4" opacity=".6"/>'
    )
    for s in (1, -1):
        _strap(d, f"M{s * 86},198V544", trim, 26)
        d.add(f'<rect x="{s * 150 - 5}" y="570" width="10" height="34" rx="4" fill="{trim.fill}"/>')
    disc, ring = d.fixed("#f1ede2"), d.fixed("#2b3a38")
    d.add(
        f'<circle cx="1" cy="404" r="48" fill="{c.shade}" opacity=".35"/>'
        f'<circle cx="0" cy="400" r="47" fill="{disc.fill}"/>'
        f'<circle cx="0" cy="400" r="41" fill="none" stroke="{c.fill}" stroke-width="2.5"/>'
        f'<path d="M-30,416L-7,378L7,397L14,388L31,416Z" fill="{ring.fill}"/>'
    )
    return d.svg()


def duffel(dyes: Dyes, seed: int, _options: tuple[str, ...]) -> str:
    """A duffel of coated cloth with webbing straps."""
    d = Drawing(dyes, seed, fit=(640, 440), ground=(0, 706, 320))
    c, web = d.main, d.second
    _strap(d, "M-150,430C-150,286 150,286 150,430", web.darker(0.25), 22)
    d.part(
        whole(
            (0, 396),
            (170, 392, 290, 404, 318, 440),
            (350, 500, 350, 620, 322, 676),
            (280, 704, 120, 708, 0, 708),
        ),
        c,
        "nylon",
        edge=52,
        rounding=0.42,
        folds=[
            (-250, 440, -200, 640, 10, 14, 0.3),
            (250, 440, 214, 640, -10, 14, 0.28),
            (-60, 440, -30, 640, 8, 14, 0.22),
            (70, 470, 46, 650, -8, 12, 0.2),
        ],
    )
    for s in (1, -1):
        d.part(
            shape(
                *side(
                    [(318, 440), (350, 500, 350, 620, 322, 676), (270, 690), (292, 600, 292, 510, 268, 410)],
                    s,
                )
            ),
            c.darker(0.2),
            "nylon",
            edge=18,
            soft=6,
            casts=False,
        )
        _strap(d, f"M{s * 150},400C{s * 158},500 {s * 158},600 {s * 148},706", web, 26)
    d.add(
        f'<path d="M-256,432C-120,424 120,424 256,432" fill="none" stroke="{c.darker(0.75).fill}" '
        f'stroke-width="10"/>'
        f'<path d="M-256,432C-120,424 120,424 256,432" fill="none" stroke="{c.shine}" stroke-width="4" '
        f'stroke-dasharray="2.2 3" opacity=".5"/>'
    )
    _strap(d, "M-150,470C-140,330 140,330 150,470", web, 22)
    d.add(f'<rect x="-44" y="350" width="88" height="34" rx="12" fill="{web.darker(0.2).fill}"/>')
    d.badge(0, 580, 110, 64, "#20262a")
    return d.svg()


def tote(dyes: Dyes, seed: int, _options: tuple[str, ...]) -> str:
    """A waxed tote with leather handles."""
    d = Drawing(dyes, seed, fit=(520, 720), ground=(0, 846, 230))
    c, leather = d.main, d.fixed(LEATHER)
    _strap(d, "M-96,380C-104,160 104,160 96,380", leather.darker(0.3), 20)
    d.part(
        shape(
            (-214, 372),
            (-100, 364, 100, 364, 214, 372),
            (226, 540, 230, 700, 226, 820),
            (200, 842, -200, 842, -226, 820),
            (-230, 700, -226, 540, -214, 372),
        ),
        c,
        "canvas",
        edge=44,
        rounding=0.42,
        folds=[
            (-170, 420, -120, 640, 12, 14, 0.3),
            (150, 410, 176, 650, -10, 13, 0.28),
            (20, 460, -30, 720, 8, 12, 0.2),
        ],
    )
    d.part(
        shape(
            (-228, 730),
            (-100, 722, 100, 722, 228, 730),
            (229, 780, 228, 806, 226, 820),
            (200, 842, -200, 842, -226, 820),
            (-228, 806, -229, 780, -228, 730),
        ),
        leather,
        "leather",
        edge=18,
        soft=6,
        casts=False,
    )
    d.seam("M-226,740C-100,732 100,732 226,740", leather, 1.8, dashed=True)
    d.seam("M-214,396C-100,388 100,388 214,396", c, 1.8, dashed=True)
    _strap(d, "M-96,470V380C-104,190 104,190 96,380V470", leather, 20)
    for x in (-96, 96):
        brass = d.fixed(BRASS)
        d.add(
            f'<circle cx="{x}" cy="456" r="6" fill="{brass.fill}"/>'
            f'<circle cx="{x - 1.5}" cy="454" r="2" fill="{brass.shine}"/>'
        )
    d.badge(0, 580, 96, 56)
    return d.svg()


def hip_bag(dyes: Dyes, seed: int, _options: tuple[str, ...]) -> str:
    """A small hip bag with a webbing belt."""
    d = Drawing(dyes, seed, fit=(580, 420))
    c, web = d.main, d.second
    _strap(d, "M-190,480C-330,420 -300,330 -120,330C40,330 260,330 300,400C316,440 260,470 190,480", web, 30)
    d.part(
        whole(
            (0, 430),
            (120, 428, 196, 432, 208, 446),
            (224, 520, 200, 610, 170, 640),
            (110, 662, 50, 664, 0, 664),
        ),
        c,
        "nylon",
        edge=40,
        folds=[(-140, 500, -80, 630, 9, 11, 0.3), (140, 520, 90, 640, -9, 11, 0.26)],
    )
    d.add(
        f'<path d="M-178,474C-60,464 60,464 178,474" fill="none" stroke="{c.darker(0.75).fill}" '
        f'stroke-width="11"/>'
        f'<path d="M-178,474C-60,464 60,464 178,474" fill="none" stroke="{c.shine}" stroke-width="4" '
        f'stroke-dasharray="2.2 3" opacity=".5"/>'
        f'<rect x="150" y="470" width="11" height="44" rx="5" fill="{web.fill}"/>'
    )
    clip = d.fixed("#2b2f33")
    d.add(
        f'<rect x="-66" y="308" width="92" height="44" rx="9" fill="{clip.fill}"/>'
        f'<rect x="-54" y="316" width="68" height="8" rx="4" fill="{clip.shine}" opacity=".3"/>'
    )
    d.badge(0, 570, 76, 44, "#20262a")
    return d.svg((-322, 308, 322, 664))
