"""Boots, rubber boots, low shoes and slippers, seen from the side."""

from __future__ import annotations

from expedit.demo.pictures.drawing import RUBBER, Drawing
from expedit.demo.pictures.outline import Segment, shape, shift, trace
from expedit.demo.pictures.palette import Dyes, Tone

EYELET = "#b9b2a4"


def _lace(d: Drawing, x0: float, y0: float, x1: float, y1: float, code: str, width: float = 8) -> None:
    cord = d.fixed(code)
    path = f"M{x0},{y0}Q{(x0 + x1) / 2 - 4},{(y0 + y1) / 2 - 10} {x1},{y1}"
    d.add(
        f'<g fill="none" stroke-linecap="round"><path d="{path}" transform="translate(1 5)" '
        f'stroke="{cord.shade}" '
        f'stroke-width="{width + 3}" opacity=".24"/><path d="{path}" stroke="{cord.fill}" '
        f'stroke-width="{width}"/>'
        f'<path d="{path}" stroke="{cord.shade}" stroke-width="{width}" stroke-dasharray="1.8 6" '
        f'opacity=".34"/></g>'
    )


def _eyelet(d: Drawing, x: float, y: float) -> None:
    ring, hole = d.fixed(EYELET), d.fixed("#35302a")
    d.add(
        f'<circle cx="{x}" cy="{y}" r="9" fill="{ring.fill}"/>'
        f'<circle cx="{x - 1}" cy="{y - 1}" r="4.6" fill="{hole.fill}"/>'
    )


def _lug_sole(d: Drawing, sole: Tone, midsole: Tone) -> None:
    lugs = "".join(
        f"L{x},778L{x - 8},794L{x - 50},794L{x - 56},778" for x in (206, 132, 58, -16, -90, -164, -236)
    )
    d.add(
        f'<path d="M-300,704L210,700C216,724 216,746 210,762L206,778{lugs}C-312,770 -326,732 -300,704Z" '
        f'fill="{sole.fill}"/>'
        f'<path d="M-306,712C-120,728 62,728 212,714L212,734C62,750 -120,750 -312,736Z" '
        f'fill="{midsole.fill}"/>'
        f'<path d="M-304,714C-120,730 62,730 212,716" fill="none" stroke="{midsole.shine}" '
        f'stroke-width="3" opacity=".5"/>'
        f'<path d="M-300,752C-120,764 62,764 208,752" fill="none" stroke="{sole.shine}" stroke-width="4" '
        f'opacity=".25"/>'
    )


def boot(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """A hiking boot; ``winter`` has a pile collar, ``mid`` a lower shaft, ``light`` a pale sole."""
    d = Drawing(dyes, seed, fit=(570, 600), ground=(-50, 796, 286))
    c, other = d.main, d.second
    up = 70.0 if "mid" in options else 0.0
    pale = d.fixed("#d9d2c2") if "light" in options else d.fixed(RUBBER)
    _lug_sole(d, d.fixed(RUBBER), pale.towards(d.fixed("#8a8578"), 0.35))
    upper: list[Segment] = [
        (-54, 300 + up),
        (10, 284 + up, 110, 280 + up, 174, 298 + up),
        (186, 400, 174, 476, 190, 560),
        (206, 622, 208, 674, 204, 716),
        (60, 728, -120, 728, -294, 720),
        (-318, 692, -308, 640, -284, 612),
        (-246, 572, -192, 566, -142, 536),
        (-96, 506, -70, 430, -54, 300 + up),
    ]
    d.part(
        shape(*upper),
        c,
        "leather",
        edge=42,
        rounding=0.36,
        folds=[
            (-176, 566, -40, 604, 8, 9, 0.42),
            (-140, 548, -10, 566, 8, 8, 0.36),
            (-96, 500, 40, 536, 9, 8, 0.34),
            (180, 452, 84, 470, -8, 9, 0.34),
            (-196, 640, -60, 668, 6, 8, 0.2),
        ],
    )
    d.part(
        shape(
            (-304, 724),
            (-322, 682, -304, 634, -278, 610),
            (-252, 588, -216, 574, -188, 566),
            (-188, 622, -214, 684, -150, 724),
        ),
        other,
        "leather",
        edge=28,
        depth=0.46,
        casts=False,
    )
    d.part(
        shape(
            (96, 726),
            (98, 650, 122, 600, 190, 558),
            (206, 622, 208, 674, 205, 718),
            (162, 724, 130, 726, 96, 726),
        ),
        other,
        "leather",
        edge=24,
        depth=0.46,
        casts=False,
    )
    d.part(
        shape(
            (36, 512),
            (80, 474, 130, 444, 180, 432),
            (176, 470, 180, 512, 190, 556),
            (142, 582, 112, 612, 96, 664),
            (58, 644, 38, 584, 36, 512),
        ),
        c.towards(other, 0.4),
        "canvas",
        edge=14,
        depth=0.4,
        soft=6,
        casts=False,
    )
    d.seam("M-188,566C-188,622 -214,684 -150,720", other, 2, dashed=True)
    d.seam("M96,720C98,650 122,600 188,558", other, 2, dashed=True)
    for shift_x in (0, 11):
        d.seam(
            f"M{-142 + shift_x},{622 + shift_x}C-62,652 30,642 {70 + shift_x},562"
            f"C{86 + shift_x},502 62,420 {58 + shift_x},{330 + up}",
            c,
            2,
            dashed=True,
            strength=0.5,
        )
    d.part(
        shape(
            (-96, 268 + up),
            (-72, 250 + up, -42, 248 + up, -20, 260 + up),
            (-10, 350, -40, 474, -122, 562),
            (-150, 558, -160, 550, -152, 538),
            (-102, 480, -82, 388, -96, 268 + up),
        ),
        other,
        "canvas",
        edge=18,
        depth=0.46,
        soft=6,
    )
    collar = shape(
        (-56, 300 + up),
        (0, 278 + up, 110, 272 + up, 176, 292 + up),
        (184, 330 + up, 182, 362 + up, 179, 388 + up),
        (110, 364 + up, 20, 368 + up, -66, 396 + up),
        (-60, 352 + up, -58, 330 + up, -56, 300 + up),
    )
    if "winter" in options:
        d.part(collar, d.fixed("#efe7d6"), "fleece", edge=24, depth=0.36, casts=False)
    else:
        d.part(
            collar,
            other,
            "leather",
            edge=26,
            depth=0.46,
            casts=False,
            folds=[(x, 284 + up, x - 2, 384 + up, 2, 7, 0.42) for x in (4, 60, 118)],
        )
    holes = [(-30, 318), (-36, 372), (-50, 424), (-72, 472), (-100, 514), (-134, 548)]
    far = [(-88, 300), (-93, 352), (-103, 402), (-121, 446), (-143, 490), (-170, 532)]
    code = "#b3402f" if "red_laces" in options else "#d6b98f"
    start = 1 if up else 0
    for k in range(start, 6):
        if k > start:
            _lace(d, *far[k], *holes[k - 1], code)
        _eyelet(d, *holes[k])
    top = holes[start][1]
    cord = d.fixed(code)
    d.add(
        f'<g fill="none" stroke="{cord.fill}" stroke-width="7" stroke-linecap="round" '
        f'transform="translate(0 {top - 318})">'
        f'<path d="M-84,302C-136,268 -176,332 -122,350M-84,302C-40,236 14,300 -42,332"/>'
        f'<path d="M-84,304C-112,352 -152,382 -148,424M-84,304C-70,352 -86,392 -72,414" stroke-width="6"/>'
        f"</g>"
        f'<path d="M150,{300 + up}q36,-10 36,24t-20,46" fill="none" stroke="{other.fill}" stroke-width="13"/>'
    )
    return d.svg()


def rubber_boot(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """A pair of rubber boots; ``short`` ankle boots; ``lined`` shows a pile lining."""
    d = Drawing(dyes, seed, fit=(520, 560) if "short" in options else (520, 760), ground=(10, 842, 270))
    top = 400.0 if "short" in options else 190.0
    sole = d.fixed("#e7dfcc")
    for dx, dy, dim in ((88.0, -24.0, 0.24), (0.0, 0.0, 0.0)):
        c = d.main.darker(dim)
        s = sole.darker(dim)

        def at(*segments: Segment, dx: float = dx, dy: float = dy) -> str:
            return shape(*shift(segments, dx, dy))

        slab = at(
            (-278, 774),
            (-240, 790, 100, 790, 150, 774),
            (157, 800, 155, 828, 150, 838),
            (100, 846, -200, 847, -252, 838),
            (-288, 828, -294, 800, -278, 774),
        )
        d.add(
            f'<path d="{slab}" fill="{s.fill}"/>'
            f'<path d="{trace(*shift([(-284, 812), (-200, 824, 90, 824, 152, 812)], dx, dy))}" fill="none" '
            f'stroke="{s.shade}" stroke-width="5" opacity=".32"/>'
        )
        d.part(
            at(
                (-64, top),
                (0, top - 10, 82, top - 10, 138, top),
                (144, 400, 132, 520, 148, 640),
                (156, 700, 156, 750, 152, 790),
                (40, 802, -140, 804, -276, 796),
                (-296, 760, -284, 716, -246, 694),
                (-190, 664, -122, 648, -86, 590),
                (-56, 520, -60, 400, -64, top),
            ),
            c,
            edge=46,
            rounding=0.56,
            depth=0.55,
            folds=[
                (dx - 76, dy + 600, dx + 74, dy + 618, 10, 11, 0.46),
                (dx - 50, dy + 540, dx + 100, dy + 552, 9, 10, 0.36),
                (dx - 60, dy + 470, dx + 60, dy + 486, 7, 8, 0.22),
            ],
        )
        white = d.fixed("#ffffff").fill
        d.add(
            f'<g transform="translate({dx} {dy})" fill="none" stroke="{white}" stroke-linecap="round">'
            + "".join(
                f'<path d="M-34,{top + 40}C-28,400 -30,500 -54,596" stroke-width="{w}" opacity="{o}"/>'
                f'<path d="M-232,716q62,-40 122,-48" stroke-width="{w * 0.8:.0f}" opacity="{o}"/>'
                for w, o in ((20, 0.07), (12, 0.1), (6, 0.14))
            )
            + "</g>"
        )
        lining = d.fixed("#efe7d6") if "lined" in options else c.darker(0.75)
        d.part(
            at(
                (-66, top - 2),
                (0, top - 13, 82, top - 13, 140, top - 2),
                (140, top + 26),
                (82, top + 17, 0, top + 17, -64, top + 28),
            ),
            c.darker(0.22),
            edge=8,
            soft=4,
            casts=False,
        )
        d.part(
            at((-62, top), (0, top - 9, 82, top - 9, 136, top), (90, top + 11, -10, top + 11, -62, top)),
            lining,
            edge=6,
            soft=4,
            casts=False,
        )
    d.badge(40, top + 112, 60, 36, "#2b3a38")
    return d.svg()


def shoe(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """A low shoe; ``trail`` has a lugged sole and overlays, else a clean leather sneaker."""
    d = Drawing(dyes, seed, fit=(600, 420), ground=(-20, 742, 300))
    c, other = d.main, d.second
    trail = "trail" in options
    foam, tread = d.fixed("#f0ede4"), d.fixed(RUBBER if trail else "#c9a874")
    lugs = (
        "".join(f"L{x},736L{x - 8},750L{x - 38},750L{x - 44},736" for x in range(256, -260, -58))
        if trail
        else ""
    )
    d.add(
        f'<path d="M-306,704L270,700L268,728{lugs or "L262,742L-286,742"}C-312,734 -318,718 -306,704Z" '
        f'fill="{tread.fill}"/>'
    )
    upper: list[Segment] = [
        (70, 452),
        (120, 470, 180, 452, 222, 428),
        (246, 420, 262, 434, 262, 458),
        (258, 540, 272, 610, 268, 678),
        (100, 706, -120, 706, -298, 690),
        (-318, 660, -304, 622, -262, 604),
        (-190, 584, -130, 560, -82, 520),
        (-40, 486, 6, 462, 70, 452),
    ]
    d.part(
        shape(*upper),
        c,
        "heather" if trail else "leather",
        edge=36,
        rounding=0.34,
        folds=[
            (-150, 570, -80, 640, 9, 8, 0.38),
            (-110, 552, -44, 610, 8, 7, 0.32),
            (150, 560, 236, 600, 6, 9, 0.24),
        ],
    )
    d.part(
        shape(
            (150, 690),
            (152, 610, 180, 540, 262, 500),
            (260, 560, 272, 620, 268, 678),
            (230, 688, 190, 690, 150, 690),
        ),
        other,
        "leather",
        edge=18,
        depth=0.42,
        soft=6,
        casts=False,
    )
    if trail:
        d.part(
            shape(
                (-300, 692),
                (-320, 660, -304, 622, -262, 604),
                (-236, 598, -222, 594, -206, 588),
                (-214, 640, -180, 676, -110, 698),
            ),
            other,
            edge=18,
            depth=0.42,
            soft=6,
            casts=False,
        )
        for k in range(4):
            x = -60 + k * 40
            d.add(
                f'<path d="M{x},{530 - k * 16}C{x + 20},600 {x + 30},640 {x + 24},690" fill="none" '
                f'stroke="{other.fill}" stroke-width="9" opacity=".9"/>'
            )
    d.part(
        shape(
            (-96, 526),
            (-50, 486, 4, 452, 62, 436),
            (84, 430, 92, 446, 84, 462),
            (30, 476, -20, 506, -66, 552),
        ),
        c.darker(0.16),
        "heather" if trail else "leather",
        edge=12,
        depth=0.42,
        soft=5,
    )
    for k in range(5):
        x, y = -62 + k * 28, 556 - k * 20
        _lace(d, x - 30, y - 28, x + 6, y + 6, "#e9e4d6" if not trail else "#e8a33a", 9)
    d.part(
        shape(
            (62, 450),
            (110, 474, 180, 456, 226, 424),
            (246, 418, 258, 430, 256, 446),
            (196, 486, 120, 500, 66, 476),
        ),
        other.darker(0.3),
        "heather",
        edge=14,
        depth=0.42,
        soft=5,
        casts=False,
    )
    d.seam("M-40,560C20,600 110,600 150,560", c, 2, dashed=True, strength=0.5)
    d.part(
        shape(
            (-308, 682),
            (-120, 706, 100, 708, 270, 676),
            (276, 694, 276, 710, 272, 722),
            (100, 738, -140, 738, -306, 720),
            (-318, 708, -316, 694, -308, 682),
        ),
        foam,
        edge=10,
        depth=0.3,
        soft=4,
    )
    d.badge(206, 600, 44, 28, "#3b2d22" if not trail else "#20262a", -6)
    return d.svg()


def slipper(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """A pair of felted wool slippers with a pile lining, from above."""
    d = Drawing(dyes, seed, fit=(540, 640))
    c = d.main
    lining = d.fixed("#efe7d6")
    foot: list[Segment] = [
        (-96, 560),
        (-112, 420, -98, 270, 0, 252),
        (104, 270, 118, 420, 98, 560),
        (92, 680, 66, 742, 0, 746),
        (-66, 742, -92, 680, -96, 560),
    ]
    for s in (-1, 1):
        with d.placed(f"translate({s * 130} 0) scale({s} 1) rotate(4 0 500)"):
            d.part(shape(*foot), c.darker(0.3), "heather", edge=24)
            d.part(
                shape(
                    (-84, 566),
                    (-84, 640, -60, 726, 0, 730),
                    (60, 726, 86, 640, 86, 566),
                    (60, 520, -58, 520, -84, 566),
                ),
                lining,
                "fleece",
                edge=36,
                depth=0.5,
                casts=False,
            )
            d.part(
                shape(
                    (-98, 566),
                    (-114, 420, -100, 268, 0, 250),
                    (106, 268, 120, 420, 100, 566),
                    (64, 506, -62, 506, -98, 566),
                ),
                c,
                "heather",
                edge=38,
                folds=[(-50, 330, 44, 320, 8, 9, 0.22)],
                casts=False,
            )
            d.seam(
                "M-96,556C-60,498 62,498 98,556",
                c.darker(0.4) if "plain" in options else d.second,
                7,
                strength=0.8,
            )
            d.badge(0, 420, 60, 36)
    return d.svg((-240, 245, 240, 750))
