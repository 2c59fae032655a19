"""Tents, sleeping bags and mats: what a night outside needs."""

from __future__ import annotations

from expedit.demo.pictures.drawing import Drawing
from expedit.demo.pictures.outline import shape, whole
from expedit.demo.pictures.palette import Dyes, Tone


def _guy(d: Drawing, x0: float, y0: float, x1: float, y1: float) -> None:
    cord, peg = d.fixed("#6d6a60"), d.fixed("#8a8578")
    d.add(
        f'<path d="M{x0},{y0}L{x1},{y1}" stroke="{cord.fill}" stroke-width="2.6"/>'
        f'<path d="M{x1},{y1 - 14}v26" stroke="{peg.fill}" stroke-width="6" stroke-linecap="round"/>'
    )


def _pole(d: Drawing, path: str, c: Tone) -> None:
    d.add(
        f'<g fill="none"><path d="{path}" transform="translate(4 3)" stroke="{c.shade}" stroke-width="10" '
        f'opacity=".2"/>'
        f'<path d="{path}" stroke="{c.darker(0.72).fill}" stroke-width="8"/>'
        f'<path d="{path}" transform="translate(-1.6 -1.6)" stroke="{c.shine}" stroke-width="2.2" '
        f'opacity=".8"/></g>'
    )


def _lamplit(d: Drawing, outline: str, x: float) -> None:
    """The open door: dark inside, with a lamp on the floor."""
    inner, floor = d.fixed("#3a3733"), d.fixed("#7a4a32")
    light = d.glow(x, 716, 130, 190, d.fixed("#ffb765").fill, 0.95)
    rug = f'<path d="M{x - 120},742Q{x},690 {x + 120},742Z" fill="{floor.fill}"/>'
    d.part(outline, inner, edge=34, depth=0.6, casts=False, detail=light + rug, rounding=0.3)


def dome_tent(dyes: Dyes, seed: int, _options: tuple[str, ...]) -> str:
    """A dome tent with crossing poles and an open door."""
    d = Drawing(dyes, seed, fit=(660, 560), ground=(0, 740, 370))
    c, lining = d.main, d.second
    _guy(d, -250, 560, -384, 746)
    _guy(d, 252, 560, 384, 746)
    d.part(
        shape(
            (-350, 736),
            (-322, 600, -182, 352, 20, 322),
            (192, 352, 322, 600, 352, 736),
            (180, 748, -160, 748, -350, 736),
        ),
        c,
        "nylon",
        edge=46,
        rounding=0.62,
        folds=[
            (-290, 700, -130, 470, 12, 14, 0.26),
            (-330, 724, -200, 640, 8, 9, 0.28),
            (310, 716, 150, 480, -12, 14, 0.24),
        ],
    )
    d.part(
        shape(
            (20, 322),
            (-62, 420, -132, 600, -152, 742),
            (-20, 750, 100, 750, 198, 740),
            (178, 600, 112, 440, 20, 322),
        ),
        c.lighter(0.16),
        "nylon",
        edge=28,
        depth=0.42,
        casts=False,
        folds=[(-120, 720, -40, 480, 8, 9, 0.26), (176, 720, 90, 500, -8, 9, 0.24)],
    )
    _lamplit(
        d,
        shape(
            (22, 418),
            (-32, 500, -74, 640, -82, 740),
            (0, 746, 80, 746, 132, 740),
            (120, 630, 82, 500, 22, 418),
        ),
        26,
    )
    d.part(
        shape((22, 416), (-32, 500, -74, 640, -82, 740), (-114, 740), (-110, 640, -62, 500, 22, 416)),
        lining,
        edge=11,
        depth=0.4,
        soft=5,
        casts=False,
    )
    d.part(
        shape((22, 416), (84, 500, 122, 630, 134, 740), (166, 740), (156, 630, 106, 500, 22, 416)),
        lining.darker(0.14),
        edge=11,
        depth=0.4,
        soft=5,
        casts=False,
    )
    _pole(d, "M-350,736C-322,600 -182,352 20,322C112,440 178,600 198,740", c)
    _pole(d, "M352,736C322,600 192,352 20,322C-62,420 -132,600 -152,742", c)
    d.part(
        shape((-30, 352), (0, 330, 50, 330, 78, 356), (50, 346, 0, 346, -30, 352)),
        c.darker(0.3),
        edge=8,
        soft=4,
        casts=False,
    )
    d.badge(-206, 640, 52, 31, "#20262a", -36)
    return d.svg()


def tunnel_tent(dyes: Dyes, seed: int, _options: tuple[str, ...]) -> str:
    """A tunnel tent on three hoops."""
    d = Drawing(dyes, seed, fit=(680, 540), ground=(6, 742, 370))
    c, lining = d.main, d.second
    _guy(d, -306, 520, -398, 756)
    _guy(d, 298, 470, 398, 746)
    d.part(
        shape(
            (-330, 742),
            (-338, 600, -302, 420, -190, 400),
            (-40, 380, 140, 384, 230, 404),
            (312, 430, 342, 600, 346, 738),
            (120, 750, -120, 750, -330, 742),
        ),
        c,
        "nylon",
        edge=54,
        rounding=0.4,
        folds=[
            (-110, 404, -92, 730, 14, 16, 0.3),
            (20, 410, 60, 520, 8, 12, 0.22),
            (150, 404, 120, 730, -12, 16, 0.26),
            (270, 460, 240, 720, -8, 12, 0.24),
        ],
    )
    d.part(
        shape(
            (-330, 742),
            (-338, 600, -302, 420, -190, 400),
            (-110, 430, -84, 600, -84, 744),
            (-160, 750, -250, 750, -330, 742),
        ),
        c.lighter(0.14),
        "nylon",
        edge=26,
        depth=0.42,
        casts=False,
    )
    _lamplit(
        d, shape((-296, 742), (-296, 620, -266, 470, -196, 452), (-140, 476, -122, 620, -122, 744)), -208
    )
    d.part(
        shape((-196, 452), (-238, 520, -264, 640, -264, 744), (-300, 742), (-300, 620, -270, 470, -196, 452)),
        lining,
        edge=11,
        soft=5,
        casts=False,
    )
    for path in (
        "M-330,742C-338,600 -302,420 -190,400C-110,430 -84,600 -84,744",
        "M-20,389C62,430 102,600 106,746",
        "M230,404C312,430 342,600 346,738",
    ):
        _pole(d, path, c)
    window = d.fixed("#9fb2b4")
    d.part(
        shape((148, 548), (200, 530, 250, 535, 274, 550), (282, 616), (222, 606, 180, 606, 144, 616)),
        window,
        edge=12,
        depth=0.5,
        soft=5,
        casts=False,
    )
    d.badge(20, 640, 54, 32, "#20262a")
    return d.svg()


def sleeping_bag(dyes: Dyes, seed: int, _options: tuple[str, ...]) -> str:
    """A mummy bag with second-color lining; ``packed`` shows it in its stuff sack."""
    d = Drawing(dyes, seed, fit=(460, 830))
    c, lining = d.main, d.second
    roll = d.gradient(
        ((0, c.shade, 0.45), (0.3, c.shine, 0.42), (0.6, c.shine, 0.04), (1, c.shade, 0.55)), down=True
    )
    chambers = "".join(
        f'<path d="M-260,{y}Q0,{y + 22} 260,{y}V{y + 66}Q0,{y + 88} -260,{y + 66}Z" fill="{roll}"/>'
        f'<path d="M-260,{y + 66}Q0,{y + 88} 260,{y + 66}" fill="none" stroke="{c.shade}" '
        f'stroke-width="2.6" opacity=".65"/>'
        for y in range(40, 960, 66)
    )
    u = d.chance.uniform
    pucker = [
        (x, y, x + u(-8, 8), y - u(16, 30), 1.0, 3.6, 0.42)
        for y in range(190, 920, 66)
        for x in range(-150, 160, 44)
    ]
    d.part(
        whole(
            (0, 50),
            (120, 50, 186, 110, 196, 200),
            (204, 250, 214, 290, 212, 360),
            (206, 560, 150, 760, 120, 880),
            (104, 930, 60, 944, 0, 946),
        ),
        c,
        detail=chambers,
        folds=pucker,
        soft=4,
        edge=34,
        depth=0.42,
        rounding=0.66,
    )
    d.part(
        whole((0, 96), (84, 96, 124, 150, 120, 210), (108, 286, 60, 312, 0, 314)),
        lining,
        "heather",
        edge=50,
        depth=0.7,
        casts=False,
        folds=[(-60, 160, 40, 150, 8, 10, 0.3)],
    )
    d.part(
        shape((86, 280), (140, 330, 168, 420, 172, 560), (148, 566), (142, 440, 118, 350, 66, 304)),
        lining.lighter(0.08),
        edge=11,
        soft=5,
        casts=False,
    )
    d.seam("M74,296C128,346 156,430 162,620", c, 7, strength=0.7)
    d.badge(-96, 400, 58, 34, "#20262a")
    return d.svg()


def mat(dyes: Dyes, seed: int, _options: tuple[str, ...]) -> str:
    """A rolled sleeping mat with straps."""
    d = Drawing(dyes, seed, fit=(620, 330), ground=(0, 634, 300))
    c, web = d.main, d.second
    d.part(
        shape(
            (-260, 400),
            (0, 392, 200, 396, 270, 400),
            (330, 420, 330, 600, 270, 626),
            (0, 634, -180, 634, -260, 626),
            (-320, 600, -320, 424, -260, 400),
        ),
        c,
        edge=0,
        detail="".join(
            f'<path d="M{x},380q16,130 0,260" fill="none" stroke="{c.shade}" stroke-width="3" opacity=".26"/>'
            for x in range(-240, 260, 30)
        ),
    )
    band = d.gradient(
        ((0, c.shade, 0.4), (0.25, c.shine, 0.5), (0.5, c.shine, 0), (1, c.shade, 0.7)), down=True
    )
    d.add(
        f'<path d="M-260,400C0,392 200,396 270,400V626C0,634 -180,634 -260,626C-320,600 -320,424 '
        f'-260,400Z" fill="{band}"/>'
    )
    d.part(
        shape(
            (270, 400),
            (310, 404, 326, 460, 326, 514),
            (326, 570, 310, 622, 270, 626),
            (232, 622, 216, 570, 216, 514),
            (216, 460, 232, 404, 270, 400),
        ),
        c.lighter(0.12),
        edge=18,
        soft=6,
    )
    d.add(
        f'<g fill="none" stroke="{c.shade}" stroke-width="6" opacity=".6">'
        f'<path d="M270,420c-60,20 -60,170 0,184c46,-10 46,-150 0,-158c-32,10 -34,114 0,124c20,-8 20,-80 '
        f'0,-86"/></g>'
    )
    for x in (-150, 110):
        d.add(
            f'<path d="M{x},396q26,118 0,238" fill="none" stroke="{web.shade}" stroke-width="32" '
            f'opacity=".25" transform="translate(4 2)"/>'
            f'<path d="M{x},396q26,118 0,238" fill="none" stroke="{web.fill}" stroke-width="26"/>'
            f'<rect x="{x - 6}" y="486" width="38" height="50" rx="6" fill="{d.fixed("#2b2f33").fill}"/>'
        )
    d.badge(-20, 520, 74, 42, "#20262a")
    return d.svg()


def blanket(dyes: Dyes, seed: int, _options: tuple[str, ...]) -> str:
    """A folded wool blanket with stripes and fringe."""
    d = Drawing(dyes, seed, fit=(580, 520), ground=(0, 730, 300))
    c, other = d.main, d.second
    for k, y in enumerate((600, 500, 400)):
        tone = c.darker(0.12 * (2 - k))
        d.part(
            shape(
                (-270, y + 10),
                (-290, y + 40, -290, y + 90, -268, y + 122),
                (-90, y + 132, 120, y + 130, 262, y + 120),
                (288, y + 92, 288, y + 36, 262, y),
                (120, y - 10, -110, y - 6, -270, y + 10),
            ),
            tone,
            "heather",
            edge=30,
            rounding=0.4,
            detail="".join(
                f'<path d="M-300,{y + 40 + j * 26}Q0,{y + 52 + j * 26} 300,{y + 34 + j * 26}" fill="none" '
                f'stroke="{other.fill}" stroke-width="{w}" opacity=".92"/>'
                for j, w in ((0, 13), (1, 6))
            ),
            folds=[(-230, y + 90, 60, y + 104, 5, 7, 0.26)],
        )
    d.part(
        shape(
            (-262, 404),
            (-170, 350, -60, 330, 20, 326),
            (130, 326, 220, 350, 262, 400),
            (130, 392, -110, 394, -262, 404),
        ),
        c.lighter(0.12),
        "heather",
        edge=22,
        detail=f'<path d="M-230,392Q0,330 236,378" fill="none" stroke="{other.fill}" stroke-width="11" '
        f'opacity=".92"/>',
        folds=[(-150, 376, 90, 346, 8, 9, 0.3)],
    )
    u = d.chance.uniform
    d.add(
        '<g fill="none" stroke-linecap="round" stroke-width="5">'
        + "".join(
            f'<path d="M{x},{722 + u(-3, 3):.0f}q{u(-8, 8):.0f},16 {u(-10, 10):.0f},{u(28, 38):.0f}" '
            f'stroke="{c.darker(u(0.1, 0.4)).fill}"/>'
            for x in range(-258, 260, 11)
        )
        + "</g>"
    )
    d.badge(180, 560, 74, 42)
    return d.svg()
