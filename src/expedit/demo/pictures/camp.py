"""Camp kitchen and tools: mug, thermos, stove, pot, headlamp, knife, lantern."""

from __future__ import annotations

from expedit.demo.pictures.drawing import Drawing, peaks
from expedit.demo.pictures.outline import shape, whole
from expedit.demo.pictures.palette import Dyes, Tone

STEEL, DARK = "#b9bdbc", "#2b2f33"


def _gleam(d: Drawing, path: str, width: float = 20, strength: float = 0.1) -> None:
    """A long highlight on enamel or steel, soft by three strokes."""
    white = d.fixed("#ffffff").fill
    d.add(
        f'<g fill="none" stroke="{white}" stroke-linecap="round">'
        + "".join(
            f'<path d="{path}" stroke-width="{width * k:.1f}" opacity="{strength:.2f}"/>'
            for k in (1, 0.66, 0.36)
        )
        + "</g>"
    )


def _sign(d: Drawing, x: float, y: float, scale: float, tone: Tone) -> None:
    d.add(f'<g transform="translate({x} {y}) scale({scale})">{peaks(tone.fill)}</g>')


def mug(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """An enamel mug of coffee; ``speck`` sprinkles it, ``steel`` leaves the rim bare."""
    d = Drawing(dyes, seed, fit=(430, 480), ground=(6, 746, 222))
    c = d.main
    white, ink = d.fixed("#fbfaf5"), d.fixed(DARK)
    d.add(
        f'<g fill="none" stroke-linecap="round"><path d="M170,432C334,400 334,652 160,642" '
        f'stroke="{c.darker(0.5).fill}" stroke-width="36"/>'
        f'<path d="M170,428C330,400 330,646 160,637" stroke="{c.fill}" stroke-width="26"/></g>'
    )
    _gleam(d, "M184,422C300,404 308,560 266,602", 9, 0.16)
    u = d.chance.uniform
    specks = ""
    if "speck" in options:
        specks = "".join(
            f'<ellipse cx="{u(-200, 200):.0f}" cy="{u(340, 750):.0f}" rx="{u(1.2, 4.4):.1f}" '
            f'ry="{u(1.2, 3.6):.1f}" fill="{white.fill}" opacity="{u(0.45, 0.95):.2f}"/>'
            for _ in range(170)
        )
    d.part(
        whole((0, 330), (192, 330), (198, 480, 196, 600, 184, 702), (172, 740, 92, 752, 0, 752)),
        c,
        detail=specks,
        edge=36,
        rounding=0.85,
        depth=0.36,
    )
    _gleam(d, "M-130,384C-138,500 -136,600 -124,690", 30, 0.12)
    rim = d.fixed(STEEL) if "steel" in options else ink
    clip = d.define(lambda i: f'<clipPath id="{i}"><ellipse cy="332" rx="182" ry="39"/></clipPath>')
    inner, coffee = d.fixed("#e3e2dc"), d.fixed("#3a2418")
    d.add(
        f'<ellipse cy="332" rx="194" ry="47" fill="{rim.fill}"/>'
        f'<ellipse cy="332" rx="182" ry="39" fill="{inner.fill}"/>'
        f'<g clip-path="url(#{clip})"><ellipse cy="376" rx="178" ry="44" fill="{coffee.fill}"/>'
        + d.glow(-40, 350, 110, 14, d.fixed("#a87550").fill, 0.8)
        + f'<path d="M-182,332A182,39 0 0 1 182,332" fill="none" stroke="{ink.fill}" stroke-width="26" '
        f'opacity=".2"/>'
        f'<path d="M-182,332A182,39 0 0 1 182,332" fill="none" stroke="{ink.fill}" stroke-width="13" '
        f'opacity=".2"/></g>'
        f'<path d="M-194,332A194,47 0 0 0 194,332" fill="none" stroke="{rim.shine}" stroke-width="3" '
        f'opacity=".5"/>'
    )
    _sign(d, 0, 570, 3.4, white)
    return d.svg((-198, 285, 300, 752))


def thermos(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """A steel flask with a colored coat; ``bottle`` is a drinking bottle with a loop cap."""
    d = Drawing(dyes, seed, fit=(280, 760), ground=(4, 888, 140))
    c, steel = d.main, d.fixed(STEEL)
    sides = "".join(
        f'<rect x="{x}" y="90" width="5" height="820" fill="{steel.shade}" opacity=".1"/>'
        for x in (-70, 44, 82)
    )
    if "bottle" in options:
        d.add(
            f'<path d="M-44,230C-60,120 60,120 44,230" fill="none" stroke="{d.second.darker(0.2).fill}" '
            f'stroke-width="20"/>'
        )
        d.part(
            whole(
                (0, 196), (60, 196, 70, 200, 74, 212), (76, 250, 76, 280, 74, 300), (40, 306, 20, 307, 0, 307)
            ),
            d.second,
            edge=16,
            soft=5,
            rounding=0.85,
        )
    else:
        d.part(
            whole(
                (0, 100), (60, 100, 84, 104, 88, 117), (94, 160, 96, 212, 96, 248), (58, 258, 30, 260, 0, 260)
            ),
            d.second,
            edge=20,
            soft=6,
            rounding=0.9,
        )
    d.part(
        whole(
            (0, 246), (60, 246, 92, 246, 104, 254), (114, 280, 116, 304, 115, 318), (62, 328, 30, 330, 0, 330)
        ),
        steel,
        edge=12,
        soft=5,
        rounding=0.9,
        detail=sides,
    )
    d.part(
        whole(
            (0, 306),
            (62, 304, 100, 300, 115, 306),
            (123, 480, 123, 700, 121, 852),
            (112, 884, 62, 890, 0, 890),
        ),
        c,
        edge=30,
        rounding=0.95,
        depth=0.4,
    )
    d.part(
        whole((0, 842), (62, 844, 102, 840, 121, 832), (119, 880), (102, 892, 52, 896, 0, 896)),
        steel,
        edge=10,
        soft=5,
        rounding=0.9,
    )
    _gleam(d, "M-76,344C-84,480 -84,700 -79,816", 22, 0.11)
    _sign(d, 8, 560, 2.6, d.fixed("#fbfaf5"))
    return d.svg((-123, 100, 123, 896))


def pot(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """A camp kettle with a bail handle, or with ``pan`` a frying pan."""
    d = Drawing(dyes, seed, fit=(520, 520), ground=(0, 726, 230))
    c, steel = d.main, d.fixed(STEEL)
    dark = d.fixed(DARK)
    if "pan" in options:
        d.part(
            shape(
                (150, 560),
                (260, 540, 330, 470, 376, 430),
                (396, 430, 400, 450, 388, 464),
                (330, 520, 250, 600, 150, 612),
            ),
            d.fixed("#8a5a34"),
            "canvas",
            edge=14,
            soft=5,
        )
        d.part(
            whole((0, 470), (140, 470, 250, 500, 262, 560), (244, 640, 140, 690, 0, 690)),
            c.darker(0.3),
            edge=28,
        )
        d.add(
            f'<ellipse cy="562" rx="262" ry="88" fill="{steel.fill}"/>'
            f'<ellipse cy="564" rx="250" ry="80" fill="{c.darker(0.25).fill}"/>'
            f'<ellipse cy="578" rx="214" ry="60" fill="{dark.fill}" opacity=".82"/>'
        )
        _gleam(d, "M-190,560C-150,516 -60,498 20,500", 16, 0.12)
        return d.svg((-262, 430, 398, 692))
    d.add(
        f'<path d="M-200,450C-210,200 210,200 200,450" fill="none" stroke="{steel.darker(0.5).fill}" '
        f'stroke-width="13"/>'
        f'<path d="M-200,448C-210,200 210,200 200,448" fill="none" stroke="{steel.fill}" stroke-width="8"/>'
    )
    d.part(
        shape((-54, 250), (0, 246), (54, 250), (54, 280), (-54, 280)),
        d.fixed("#8a5a34"),
        "canvas",
        edge=10,
        soft=4,
    )
    d.part(
        shape((180, 520), (240, 520, 270, 490, 300, 440), (322, 446), (306, 540, 260, 600, 190, 620)),
        c,
        edge=16,
        soft=5,
    )
    d.part(
        whole(
            (0, 424),
            (120, 424, 196, 432, 208, 450),
            (224, 560, 222, 650, 204, 706),
            (160, 732, 80, 734, 0, 734),
        ),
        c,
        edge=40,
        rounding=0.85,
        depth=0.4,
    )
    d.part(
        whole((0, 376), (90, 376, 176, 404, 206, 446), (150, 470, 70, 474, 0, 474)),
        c.lighter(0.1),
        edge=18,
        soft=6,
        rounding=0.7,
    )
    d.part(
        whole((0, 336), (22, 336, 28, 350, 24, 366), (20, 380, 10, 384, 0, 384)),
        dark,
        edge=8,
        soft=4,
        casts=False,
    )
    _gleam(d, "M-140,480C-156,560 -152,640 -140,690", 30, 0.12)
    _sign(d, 0, 600, 3, d.fixed("#fbfaf5"))
    return d.svg((-210, 250, 322, 734))


def stove(dyes: Dyes, seed: int, _options: tuple[str, ...]) -> str:
    """A gas stove on its canister, flame lit."""
    d = Drawing(dyes, seed, fit=(440, 640), ground=(0, 826, 190))
    c, steel = d.main, d.fixed("#c6cac9")
    for s in (1, -1):
        d.add(
            f'<path d="M{s * 20},500C{s * 40},440 {s * 110},430 {s * 128},350L{s * 176},350" fill="none" '
            f'stroke="{steel.darker(0.4).fill}" stroke-width="17" stroke-linejoin="round"/>'
            f'<path d="M{s * 20},498C{s * 40},438 {s * 110},428 {s * 128},348L{s * 176},348" fill="none" '
            f'stroke="{steel.fill}" stroke-width="10" stroke-linejoin="round"/>'
        )
    flame = d.fixed("#5aa7e0")
    for x in range(-84, 85, 24):
        tall = 58 - abs(x) * 0.25
        d.add(
            f'<path d="M{x - 9},386Q{x - 10},{386 - tall * 0.5} '
            f'{x},{386 - tall}Q{x + 10},{386 - tall * 0.5} {x + 9},386Z" fill="{flame.fill}" opacity=".75"/>'
            f'<path d="M{x - 4},386Q{x - 4},{386 - tall * 0.3} '
            f'{x},{386 - tall * 0.55}Q{x + 4},{386 - tall * 0.3} {x + 4},386Z" fill="{flame.shine}" '
            f'opacity=".9"/>'
        )
    d.part(
        whole((0, 386), (60, 386, 100, 390, 104, 402), (90, 440, 40, 450, 24, 452), (0, 452)),
        steel,
        edge=14,
        soft=5,
        rounding=0.8,
    )
    d.part(whole((0, 446), (26, 446), (26, 580), (0, 580)), steel.darker(0.15), edge=10, soft=4, rounding=0.8)
    d.add(
        f'<path d="M20,520H120" stroke="{steel.darker(0.4).fill}" stroke-width="10"/>'
        f'<rect x="112" y="492" width="20" height="56" rx="8" fill="{d.fixed("#b3402f").fill}"/>'
    )
    d.part(
        whole((0, 560), (50, 560, 70, 566, 74, 584), (74, 600), (0, 606)),
        steel,
        edge=10,
        soft=4,
        rounding=0.8,
    )
    d.part(
        whole(
            (0, 592),
            (90, 592, 166, 620, 180, 670),
            (186, 720, 184, 770, 176, 806),
            (120, 832, 60, 834, 0, 834),
        ),
        c,
        edge=36,
        rounding=0.9,
        depth=0.4,
    )
    d.add(
        f'<path d="M-183,700C-90,722 90,722 183,700V770C90,792 -90,792 -183,770Z" '
        f'fill="{d.fixed("#f6f4ee").fill}" opacity=".95"/>'
    )
    _sign(d, 0, 742, 2.2, d.fixed("#2b3a38"))
    _gleam(d, "M-118,640C-134,690 -134,760 -128,800", 22, 0.12)
    return d.svg((-186, 330, 186, 834))


def headlamp(dyes: Dyes, seed: int, _options: tuple[str, ...]) -> str:
    """A headlamp with an elastic band."""
    d = Drawing(dyes, seed, fit=(560, 440))
    c, band = d.main, d.second
    d.add(
        f'<ellipse cx="0" cy="430" rx="250" ry="96" fill="none" stroke="{band.darker(0.55).fill}" '
        f'stroke-width="46"/>'
    )
    d.add(
        f'<ellipse cx="0" cy="470" rx="252" ry="110" fill="none" stroke="{band.shade}" stroke-width="52" '
        f'opacity=".25" transform="translate(2 8)"/>'
    )
    d.add(
        f'<path d="M-252,470A252,110 0 0 0 252,470" fill="none" stroke="{band.fill}" stroke-width="52"/>'
        f'<path d="M-252,470A252,110 0 0 0 252,470" fill="none" stroke="{band.shine}" stroke-width="18" '
        f'stroke-dasharray="10 8" opacity=".28"/>'
        f'<path d="M-252,484A252,110 0 0 0 252,484" fill="none" stroke="{c.fill}" stroke-width="7" '
        f'opacity=".9"/>'
    )
    d.part(
        whole(
            (0, 478),
            (90, 478, 122, 488, 130, 512),
            (140, 570, 138, 620, 122, 656),
            (100, 676, 50, 680, 0, 680),
        ),
        c,
        edge=30,
        rounding=0.6,
    )
    lens, dark = d.fixed("#e9eef0"), d.fixed(DARK)
    d.add(
        f'<circle cy="578" r="78" fill="{dark.fill}"/><circle cy="578" r="66" '
        f'fill="{d.fixed("#8f9a9c").fill}"/>'
        + d.glow(0, 578, 62, 62, lens.fill, 1.0)
        + f'<circle cy="578" r="30" fill="{d.fixed("#fff3c9").fill}"/>'
        f'<circle cy="578" r="18" fill="{lens.fill}"/>'
    )
    _gleam(d, "M-40,534A60,60 0 0 1 26,524", 10, 0.2)
    d.add(f'<rect x="-26" y="470" width="52" height="14" rx="7" fill="{d.fixed("#b3402f").fill}"/>')
    return d.svg((-280, 320, 280, 680))


def knife(dyes: Dyes, seed: int, _options: tuple[str, ...]) -> str:
    """A belt knife with a colored birch handle, beside its leather sheath."""
    d = Drawing(dyes, seed, fit=(420, 780))
    c, steel, hide = d.main, d.fixed("#c9cdcc"), d.fixed("#6b4a31")
    with d.placed("rotate(-9 -80 500)"):
        d.part(
            shape(
                (-122, 430),
                (-60, 430),
                (-56, 690),
                (-60, 800, -92, 872, -100, 884),
                (-116, 850, -126, 760, -122, 430),
            ),
            steel,
            edge=12,
            soft=4,
            rounding=0.8,
        )
        d.add(
            f'<path d="M-82,440V800" stroke="{steel.shade}" stroke-width="2" opacity=".4"/>'
            f'<path d="M-64,440V700" stroke="{steel.shine}" stroke-width="6" opacity=".6"/>'
        )
        d.part(
            shape((-128, 416), (-54, 416), (-52, 438), (-130, 438)),
            d.fixed("#c2a878"),
            edge=7,
            soft=3,
            rounding=0.8,
        )
        d.part(
            shape(
                (-126, 416),
                (-140, 340, -138, 240, -122, 160),
                (-110, 140, -72, 140, -60, 160),
                (-44, 240, -42, 340, -56, 416),
            ),
            c,
            "leather",
            edge=24,
            rounding=0.9,
            folds=[(-112, 190, -106, 390, 5, 5, 0.24), (-78, 180, -74, 380, 4, 4, 0.2)],
        )
        d.add(
            f'<circle cx="-91" cy="176" r="9" fill="{d.fixed("#c2a878").fill}"/>'
            f'<circle cx="-91" cy="176" r="4.5" fill="{hide.darker(0.7).fill}"/>'
        )
    with d.placed("rotate(8 110 500)"):
        d.add(
            f'<path d="M80,300C70,180 150,180 140,300" fill="none" stroke="{hide.darker(0.2).fill}" '
            f'stroke-width="22"/>'
        )
        d.part(
            shape(
                (62, 300),
                (110, 290),
                (160, 300),
                (168, 480, 156, 680, 132, 790),
                (122, 812, 108, 812, 100, 790),
                (72, 690, 56, 480, 62, 300),
            ),
            hide,
            "leather",
            edge=28,
            rounding=0.6,
        )
        d.seam("M74,320C70,480 84,680 112,780", hide, 2.4, dashed=True)
        d.seam("M150,320C154,480 142,680 122,780", hide, 2.4, dashed=True)
        d.add(
            f'<path d="M62,360C90,376 136,376 166,360" fill="none" stroke="{hide.shade}" stroke-width="5" '
            f'opacity=".6"/>'
        )
        d.badge(112, 470, 54, 32)
    return d.svg((-180, 120, 190, 890))


def lantern(dyes: Dyes, seed: int, _options: tuple[str, ...]) -> str:
    """A storm lantern, lit."""
    d = Drawing(dyes, seed, fit=(400, 720), ground=(0, 860, 170))
    c = d.main
    d.add(
        f'<path d="M-128,380C-190,120 190,120 128,380" fill="none" stroke="{d.fixed("#8f9492").fill}" '
        f'stroke-width="8"/>'
    )
    d.add(d.glow(0, 540, 240, 260, d.fixed("#ffce7a").fill, 0.5))
    for s in (1, -1):
        d.add(
            f'<path d="M{s * 70},300C{s * 190},330 {s * 186},700 {s * 120},760" fill="none" '
            f'stroke="{c.darker(0.4).fill}" stroke-width="26"/>'
            f'<path d="M{s * 70},298C{s * 188},328 {s * 184},700 {s * 118},758" fill="none" '
            f'stroke="{c.fill}" stroke-width="18"/>'
        )
    d.part(
        whole((0, 230), (34, 230, 46, 244, 48, 262), (84, 280, 96, 310, 98, 350), (50, 360, 20, 362, 0, 362)),
        c,
        edge=18,
        soft=5,
        rounding=0.85,
    )
    glass = d.fixed("#fff1cf")
    d.part(
        whole((0, 356), (86, 356), (124, 450, 124, 600, 90, 690), (0, 696)),
        glass,
        edge=26,
        depth=0.22,
        rounding=0.4,
        detail=d.glow(0, 590, 90, 130, d.fixed("#ffa53c").fill, 0.9),
    )
    flame = d.fixed("#fff7df")
    d.add(
        f'<path d="M-20,640C-34,590 -6,560 0,510C8,560 34,590 20,640Z" fill="{d.fixed("#ffc04d").fill}"/>'
        f'<path d="M-10,642C-16,610 -2,590 0,566C4,590 16,610 10,642Z" fill="{flame.fill}"/>'
    )
    d.add(
        f'<g fill="none" stroke="{d.fixed("#8f9492").fill}" stroke-width="4">'
        f'<path d="M-104,440Q0,466 104,440M-108,600Q0,626 108,600"/></g>'
    )
    d.part(
        whole((0, 684), (60, 684, 96, 690, 100, 704), (104, 720, 100, 736, 90, 740), (0, 746)),
        c.darker(0.15),
        edge=12,
        soft=4,
        rounding=0.85,
    )
    d.part(
        whole(
            (0, 734),
            (100, 734, 150, 752, 160, 784),
            (166, 820, 160, 846, 150, 856),
            (80, 872, 40, 872, 0, 872),
        ),
        c,
        edge=28,
        rounding=0.9,
    )
    _gleam(d, "M-104,770C-116,796 -116,826 -110,846", 16, 0.12)
    _sign(d, 0, 812, 2.2, d.fixed("#fbfaf5"))
    return d.svg((-170, 160, 170, 872))
