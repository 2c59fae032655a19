"""Shells, parkas, down: jackets with hoods, zips and pockets."""

from __future__ import annotations

from itertools import pairwise

from expedit.demo.pictures.drawing import Drawing, Fold
from expedit.demo.pictures.outline import Segment, shape, side, trace, whole
from expedit.demo.pictures.palette import Dyes, Tone
from expedit.demo.pictures.tops import armholes, body_folds, sleeves, torso


def _hood_back(d: Drawing, tone: Tone, texture: str | None, detail: str = "") -> None:
    folds: list[Fold] = [
        (-104, 150, -48, 74, 10, 8, 0.34),
        (102, 148, 52, 80, -10, 8, 0.34),
        (-70, 210, -112, 170, 8, 6, 0.3),
    ]
    d.part(
        whole((0, 40), (88, 40, 130, 94, 122, 168), (118, 200, 92, 216, 62, 222), (40, 228, 20, 230, 0, 230)),
        tone,
        texture,
        folds=folds,
        detail=detail,
    )


def _hood_front(d: Drawing, tone: Tone, lining: Tone, texture: str | None, detail: str = "") -> None:
    d.part(
        whole((0, 80), (56, 80, 86, 122, 80, 174), (68, 216, 36, 240, 0, 244)),
        lining.darker(0.55),
        edge=40,
        depth=0.7,
        soft=9,
        casts=False,
    )
    d.neck_label(126)
    d.part(
        whole((0, 188), (32, 186, 64, 172, 82, 146), (96, 168, 98, 202, 90, 226), (62, 252, 32, 266, 0, 272)),
        tone,
        texture,
        edge=18,
        depth=0.45,
        soft=6,
        casts=False,
        detail=detail,
    )
    d.seam(trace((-78, 152), (-94, 118, -70, 76, 0, 74), (70, 76, 94, 118, 78, 152)), tone, 2, strength=0.5)
    cord = d.fixed("#e9e4d6")
    for s in (1, -1):
        d.add(
            f'<path d="M{s * 50},232q{s * 7},34 {s * 3},70" stroke="{cord.shade}" stroke-width="6" '
            f'fill="none" opacity=".3"/>'
            f'<path d="M{s * 48},230q{s * 7},34 {s * 3},70" stroke="{cord.fill}" stroke-width="4.4" '
            f'fill="none" '
            f'stroke-linecap="round"/><rect x="{s * 51 - 5}" y="288" width="10" height="20" rx="4" '
            f'fill="{tone.darker(0.7).fill}"/>'
        )


def _flap_pockets(d: Drawing, c: Tone, top: float, texture: str | None) -> None:
    for s in (1, -1):
        bag: list[Segment] = [(48, top + 12), (152, top + 4), (156, top + 158), (50, top + 164)]
        flap: list[Segment] = [(44, top), (154, top - 8), (157, top + 42), (101, top + 56), (45, top + 50)]
        d.part(shape(*side(bag, s)), c, texture, edge=13, depth=0.4, soft=6, casts=False)
        d.part(shape(*side(flap, s)), c, texture, edge=13, depth=0.42, soft=6, casts=False)
        d.seam(
            trace(*side([(50, top + 42), (101, top + 48), (152, top + 34)], s)),
            c,
            1.7,
            dashed=True,
            strength=0.45,
        )
        d.add(f'<circle cx="{s * 101}" cy="{top + 36}" r="6" fill="{c.darker(0.75).fill}"/>')


def shell(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """A three-layer shell; ``yoke`` gives second-color shoulders, ``anorak`` a half zip and a pouch."""
    d = Drawing(dyes, seed)
    c, hem = d.main, 816
    top = d.second if "yoke" in options else c
    pull = "#efeee8" if "yoke" in options else "#e8a33a"
    _hood_back(d, top, "nylon")
    sleeves(d, c, "nylon", strength=0.44)
    shoulders = ""
    if "yoke" in options:
        shoulders = (
            f'<path d="{whole((0, 100), (200, 100), (210, 326), (120, 350, 60, 354, 0, 354))}" '
            f'fill="{d.texture("nylon", top)}"/>'
        )
    d.part(torso(hem, 184, 72, 40), c, "nylon", folds=body_folds(d, hem, 0.4), detail=shoulders, edge=34)
    if "yoke" in options:
        d.seam(trace((-154, 330), (-90, 356, 90, 356, 154, 330)), c, 1.9, dashed=True)
    armholes(d, c)
    _hood_front(d, top, c, "nylon")
    if "anorak" in options:
        d.zip(0, 190, 520, c)
        d.part(
            shape((-128, 540), (128, 540), (140, 690), (122, 704), (-122, 704), (-140, 690)),
            d.second,
            "nylon",
            edge=16,
            soft=6,
            casts=False,
        )
        d.part(
            shape((-134, 524), (134, 524), (136, 576), (0, 590), (-136, 576)),
            d.second,
            "nylon",
            edge=12,
            soft=6,
            casts=False,
        )
    else:
        d.zip(0, 190, hem + 12, c)
        for s in (1, -1):
            d.pocket_zip(s * 64, 562, s * 104, 694, c, pull)
        d.pocket_zip(-64, 350, -64, 442, c, pull)
    d.seam(
        trace((-182, hem - 28), (-90, hem - 16, 90, hem - 16, 182, hem - 28)),
        c,
        1.9,
        dashed=True,
        strength=0.5,
    )
    d.badge(92, 334 if "yoke" not in options else 300, 50, 28, "#1f2a2c")
    return d.svg()


def parka(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """A long waxed parka with flap pockets; ``fur`` puts a pile edge on the hood."""
    d = Drawing(dyes, seed)
    c, hem = d.main, 864
    _hood_back(d, c, "canvas")
    sleeves(d, c, "canvas", strength=0.42)
    d.part(torso(hem, 188, 72, 40), c, "canvas", folds=body_folds(d, hem, 0.36), edge=36)
    armholes(d, c)
    for s in (1, -1):
        d.part(
            shape(*side([(48, 318), (146, 310), (148, 424), (50, 430)], s)),
            c,
            "canvas",
            edge=11,
            depth=0.36,
            soft=6,
            casts=False,
        )
        d.part(
            shape(*side([(45, 306), (148, 298), (150, 342), (97, 352), (46, 348)], s)),
            c,
            "canvas",
            edge=11,
            soft=6,
            casts=False,
        )
    _flap_pockets(d, c, 610, "canvas")
    d.groove(trace((-172, 536), (-90, 548, 90, 548, 172, 536)), c, 16, 0.08)
    d.seam(trace((-172, 536), (-90, 548, 90, 548, 172, 536)), c, 2.2)
    d.part(
        shape((-24, 250), (24, 250), (26, hem + 12), (-26, hem + 12)),
        c,
        "canvas",
        edge=10,
        depth=0.4,
        soft=6,
        casts=False,
    )
    for y in (300, 420, 540, 664, 788):
        snap = d.fixed("#8d8676")
        d.add(
            f'<circle cx="0" cy="{y}" r="8.5" fill="{snap.shade}"/>'
            f'<circle cx="-.8" cy="{y - 1}" r="7" fill="{snap.fill}"/>'
        )
    _hood_front(d, c, d.second, "canvas")
    if "fur" in options:
        pile = d.texture("fleece", d.second)
        ring = trace((-86, 190), (-116, 104, -72, 50, 0, 48), (72, 50, 116, 104, 86, 190))
        d.add(
            f'<path d="{ring}" fill="none" stroke="{d.second.shade}" stroke-width="50" '
            f'stroke-linecap="round" opacity=".28" transform="translate(3 6)"/>'
            f'<path d="{ring}" fill="none" stroke="{pile}" stroke-width="46" stroke-linecap="round"/>'
        )
    d.seam(
        trace((-186, hem - 26), (-90, hem - 14, 90, hem - 14, 186, hem - 26)),
        c,
        1.9,
        dashed=True,
        strength=0.5,
    )
    d.badge(96, 386, 44, 24)
    return d.svg()


Rung = tuple[tuple[float, float], tuple[float, float]]


def _quilted(d: Drawing, c: Tone, rungs: list[Rung], puff: float) -> None:
    """A body or sleeve of sewn-through chambers: each bulges at its sides and is lit like a roll."""
    u = d.chance.uniform
    (left, right) = rungs[0]
    path: list[Segment] = [left, ((left[0] + right[0]) / 2, (left[1] + right[1]) / 2 - 5, *right)]
    for above, below in pairwise(rungs):
        a, b = above[1], below[1]
        path.append(((a[0] + b[0]) / 2 + puff, (a[1] + b[1]) / 2 - puff * 0.1, *b))
    last = rungs[-1]
    path.append(((last[0][0] + last[1][0]) / 2, (last[0][1] + last[1][1]) / 2 + 9, *last[0]))
    for above, below in zip(rungs[-2::-1], rungs[:0:-1], strict=False):
        a, b = below[0], above[0]
        path.append(((a[0] + b[0]) / 2 - puff, (a[1] + b[1]) / 2 + puff * 0.1, *b))
    roll = d.gradient(
        (
            (0, c.shade, 0.5),
            (0.14, c.shade, 0.06),
            (0.34, c.shine, 0.52),
            (0.58, c.shine, 0.06),
            (1, c.shade, 0.62),
        ),
        down=True,
    )
    marks: list[str] = []
    pucker: list[Fold] = []
    for above, below in pairwise(rungs):
        (ax, ay), (bx, by) = above
        (cx, cy), (ex, ey) = below
        upper = ((ax + bx) / 2, (ay + by) / 2 + 7)
        lower = ((cx + ex) / 2, (cy + ey) / 2 + 7)
        marks.append(
            f'<path d="M{ax - 26:.0f},{ay:.0f}Q{upper[0]:.0f},{upper[1]:.0f} {bx + 26:.0f},{by:.0f}'
            f'L{ex + 26:.0f},{ey:.0f}Q{lower[0]:.0f},{lower[1]:.0f} {cx - 26:.0f},{cy:.0f}Z" fill="{roll}"/>'
            f'<path d="M{cx - 8:.0f},{cy:.0f}Q{lower[0]:.0f},{lower[1]:.0f} {ex + 8:.0f},{ey:.0f}" '
            f'fill="none" '
            f'stroke="{c.shade}" stroke-width="2.6" opacity=".7"/>'
        )
        count = max(2, int(abs(ex - cx) / 30))
        for k in range(count):
            t = (k + u(0.2, 0.8)) / count
            x, y = cx + (ex - cx) * t, cy + (ey - cy) * t + 14 * t * (1 - t)
            height = u(14, 30)
            pucker.append((x, y - 1, x + u(-8, 8), y - height, u(-2, 2), 3.4, 0.5))
            pucker.append((x + u(-10, 10), y + 2, x + u(-8, 8), y + height * 0.7, u(-2, 2), 3, 0.36))
    d.part(shape(*path), c, detail="".join(marks), folds=pucker, soft=3.4, edge=24, depth=0.36, rounding=0.42)


def down(dyes: Dyes, seed: int, options: tuple[str, ...]) -> str:
    """A quilted down jacket; ``vest`` has no sleeves, ``collar`` no hood, ``wide`` large chambers."""
    d = Drawing(dyes, seed)
    c, trim = d.main, d.second
    hooded = "collar" not in options and "vest" not in options
    rows = 7 if "wide" in options else 11
    if hooded:
        line = "".join(
            f'<path d="M-150,{y}Q0,{y - 44} 150,{y}" fill="none" stroke="{c.shade}" stroke-width="{w}" '
            f'opacity="{o}"/>'
            for y in (98, 152)
            for w, o in ((18, 0.14), (9, 0.2), (2.4, 0.6))
        )
        _hood_back(d, c, None, line)
    if "vest" not in options:
        steps = rows + 1
        for s in (1, -1):
            rungs: list[Rung] = []
            for k in range(steps + 1):
                t = k / steps
                outer = (118 + 190 * t**0.6, 190 + 590 * t)
                inner = (92 + 138 * t**0.95, 232 + 556 * t)
                rungs.append((inner, outer) if s > 0 else ((-outer[0], outer[1]), (-inner[0], inner[1])))
            _quilted(d, c, rungs, 12)
            wrist: list[Segment] = [
                (306, 778),
                (309, 800, 307, 818, 304, 832),
                (276, 844, 254, 844, 240, 840),
                (234, 822, 232, 806, 231, 788),
            ]
            d.part(shape(*side(wrist, s)), trim, "rib", edge=12, depth=0.4, soft=5)
    shoulder: list[Segment] = [
        (0, 194),
        (40, 190, 66, 176, 78, 156),
        (104, 168, 138, 180, 158, 198),
        (160, 216),
        (154, 236, 80, 244, 0, 250),
    ]
    d.part(whole(*shoulder), c, edge=16, depth=0.36, soft=5)
    body: list[Rung] = []
    for k in range(rows + 1):
        t = k / rows
        half = 152 - 7 * min(1, t * 6) if t < 0.2 else 146 + 38 * min(1.0, (t - 0.2) * 1.7)
        body.append(((-half, 216 + 606 * t), (half, 216 + 606 * t)))
    _quilted(d, c, body, 11)
    if "vest" not in options:
        for s in (1, -1):
            d.groove(trace((s * 154, 212), (s * 144, 280, s * 146, 340, s * 166, 410)), c, 20, 0.12)
    if hooded:
        _hood_front(d, c, trim, None)
    else:
        d.part(
            whole((0, 104), (48, 104, 74, 112, 80, 124), (78, 182, 40, 208, 0, 210)),
            trim.darker(0.5),
            edge=30,
            depth=0.6,
            soft=7,
            casts=False,
        )
        d.neck_label(122)
        roll = "".join(
            f'<path d="M-110,{y}Q0,{y + 62} 110,{y}" fill="none" stroke="{c.shade}" stroke-width="{w}" '
            f'opacity="{o}"/>'
            for y in (172,)
            for w, o in ((14, 0.16), (2.4, 0.6))
        )
        d.part(
            whole(
                (0, 186),
                (34, 182, 66, 156, 82, 112),
                (100, 148, 102, 196, 92, 224),
                (60, 252, 30, 262, 0, 266),
            ),
            c,
            detail=roll,
            edge=20,
            depth=0.42,
            soft=6,
        )
    d.zip(0, 186, 826, trim, "#d9dbd8")
    for s in (1, -1):
        d.seam(trace((s * 74, 590), (s * 114, 706)), c, 5.5, strength=0.8)
    d.badge(100, 322, 46, 26, "#20262a")
    return d.svg()
