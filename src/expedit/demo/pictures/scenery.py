"""Mountain panoramas for the shop's home page and banners, and its sign.

A massif is a fractal ridge. Each of its summits throws a facet of shadow down its right flank, at two
scales; snow lies above a ragged line. The lake repeats it all upside down, and mist hides where they meet.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from itertools import pairwise

from expedit.core import InvalidInput, Struct

Point = tuple[float, float]


class Mood(Struct, frozen=True):
    """The light of a scene."""

    sky: tuple[str, str, str]
    sun: tuple[float, float, str]
    far: tuple[str, str, str]
    rock: str
    shade: str
    snow: str
    snow_line: float
    hill: str
    lake: tuple[str, str]
    mist: str
    wood: str
    ground: tuple[str, str]
    aurora: bool = False
    rain: bool = False
    tent: bool = True
    cabin: bool = False


AUTUMN = Mood(
    sky=("#c6d8e1", "#e6e8e2", "#f8e6cd"),
    sun=(0.68, 0.44, "#fff0d2"),
    far=("#b9c8cf", "#9fb3bd", "#84a0ab"),
    rock="#7c929c",
    shade="#4d6874",
    snow="#f4f3ec",
    snow_line=0.5,
    hill="#54757a",
    lake=("#c9d8d8", "#58797f"),
    mist="#f5f0e6",
    wood="#24423f",
    ground=("#2c4a45", "#142c29"),
)
NIGHT = Mood(
    sky=("#0c1730", "#16324e", "#3a6474"),
    sun=(0.3, 0.3, "#9fd8c4"),
    far=("#23405a", "#1f3850", "#1b3147"),
    rock="#2d4a60",
    shade="#13253a",
    snow="#b9cdd9",
    snow_line=0.62,
    hill="#152c3c",
    lake=("#2f5a68", "#0d1d30"),
    mist="#6f98a0",
    wood="#0c1b26",
    ground=("#0f212b", "#060f16"),
    aurora=True,
)
FJORD = Mood(
    sky=("#9fc3d8", "#cfe0e4", "#f3ead8"),
    sun=(0.24, 0.36, "#fff6df"),
    far=("#a9c0cd", "#86a6b8", "#6a8fa3"),
    rock="#5f7f86",
    shade="#375662",
    snow="#f3f5f2",
    snow_line=0.34,
    hill="#3f6a62",
    lake=("#a9c9d2", "#2f6175"),
    mist="#eaf0ee",
    wood="#2a5145",
    ground=("#5d7a4c", "#2c4a37"),
    tent=False,
    cabin=True,
)
RAIN = Mood(
    sky=("#8d9ba0", "#aab4b5", "#c4c9c6"),
    sun=(0.5, 0.3, "#dfe3e0"),
    far=("#9aa6a9", "#84939a", "#6e8088"),
    rock="#66777d",
    shade="#44555c",
    snow="#b9c2c3",
    snow_line=0.2,
    hill="#45595a",
    lake=("#9aa9ab", "#4b5f63"),
    mist="#c9cecb",
    wood="#243634",
    ground=("#2b3d39", "#151f1e"),
    rain=True,
    tent=False,
)
BANNERS: dict[str, Mood] = {"autumn": AUTUMN, "night": NIGHT, "fjord": FJORD, "rain": RAIN}


def _fractal(points: Sequence[Point], rounds: int, rough: float, chance: random.Random) -> list[Point]:
    """Midpoint displacement of a polyline, upright only."""
    line = list(points)
    swing = 0.5
    for _ in range(rounds):
        finer: list[Point] = []
        for (x0, y0), (x1, y1) in pairwise(line):
            reach = math.hypot(x1 - x0, y1 - y0) * 0.22 * swing / 0.5
            finer += [(x0, y0), ((x0 + x1) / 2, (y0 + y1) / 2 + chance.uniform(-reach, reach))]
        line = [*finer, line[-1]]
        swing *= rough
    return line


def _path(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _ridge(width: float, base: float, height: float, count: int, chance: random.Random) -> list[Point]:
    step = width / count
    peaks = [
        (i * step, base - height * chance.uniform(0.25, 1.0) * (1 if i % 2 else 0.45))
        for i in range(count + 1)
    ]
    return _fractal(peaks, 6, 0.8, chance)


def _spine(x: float, y: float, base: float, drift: float, chance: random.Random) -> list[Point]:
    """A crooked line from a summit down to the foot."""
    steps, line = 9, [(x, y)]
    for k in range(1, steps + 1):
        x += drift + chance.uniform(-1, 1) * abs(base - y) * 0.055
        line.append((x, y + (base - y) * (k / steps) ** 1.1))
    return line


def _facets(ridge: Sequence[Point], base: float, reach: int, chance: random.Random) -> list[str]:
    """Shadow sides: from each summit along the ridge to the next saddle, and back up along the spine."""
    shapes: list[str] = []
    for i in range(reach, len(ridge) - reach):
        y = ridge[i][1]
        if any(ridge[k][1] < y for k in range(i - reach, i + reach + 1)):
            continue
        j = i
        while j + 1 < len(ridge) and ridge[j + 1][1] >= ridge[j][1] - 2.5:
            j += 1
        foot = min(base, y + (base - y) * chance.uniform(0.7, 1.0))
        width = ridge[j][0] - ridge[i][0]
        down = _spine(ridge[i][0], y, foot, width * 0.02, chance)
        gully = _spine(ridge[j][0], ridge[j][1], foot, -width * 0.04, chance)
        shapes.append(_path([*ridge[i : j + 1], *gully[1:], *reversed(down)]) + "Z")
    return shapes


def _filled(line: Sequence[Point], floor: float) -> str:
    """The area from a line down to the floor."""
    return _path([(line[0][0], floor), *line, (line[-1][0], floor)]) + "Z"


def _massif(width: float, horizon: float, height: float, mood: Mood, chance: random.Random) -> str:
    main = [
        (0.0, horizon - height * 0.3),
        (width * 0.16, horizon - height * 0.52),
        (width * 0.3, horizon - height * 0.4),
        (width * 0.5, horizon - height),
        (width * 0.6, horizon - height * 0.6),
        (width * 0.72, horizon - height * 0.8),
        (width * 0.86, horizon - height * 0.46),
        (width, horizon - height * 0.62),
    ]
    ridge = _fractal(main, 6, 0.86, chance)
    outline = _path([(0, horizon + 20), *ridge, (width, horizon + 20)]) + "Z"
    top = min(y for _, y in ridge)
    line = top + height * mood.snow_line
    ragged = _fractal(
        [(width * k / 14, line + chance.uniform(-0.16, 0.2) * height) for k in range(15)], 5, 0.72, chance
    )
    snow = _path([(0, 0), (width, 0), *reversed(ragged)]) + "Z"
    patches = "".join(
        f'<path d="M{x:.0f},{y:.0f}l{w * 0.5:.0f},{-w * 0.1:.1f}l{w * 0.5:.0f},{w * 0.4:.1f}'
        f'l{-w * 0.6:.0f},{-w * 0.14:.1f}Z"/>'
        for x, y, w in (
            (chance.uniform(0, width), line + chance.uniform(0.02, 0.34) * height, chance.uniform(10, 46))
            for _ in range(60)
        )
    )
    large = "".join(f'<path d="{d}"/>' for d in _facets(ridge, horizon + 10, 14, chance))
    small = "".join(f'<path d="{d}"/>' for d in _facets(ridge, horizon - height * 0.12, 4, chance))
    return (
        f'<clipPath id="massif"><path d="{outline}"/></clipPath><g clip-path="url(#massif)">'
        f'<path d="{outline}" fill="{mood.rock}"/><g fill="{mood.snow}"><path d="{snow}"/>{patches}</g>'
        f'<g fill="{mood.shade}" opacity=".52">{large}</g><g fill="{mood.shade}" opacity=".34">{small}</g>'
        f'<rect y="{top:.0f}" width="{width}" height="{horizon - top + 30:.0f}" fill="url(#haze)"/></g>'
    )


def spruces(ground: Callable[[float], float], xs: Sequence[float], low: float, high: float, seed: int) -> str:
    """A stand of spruces as one path."""
    chance = random.Random(seed)
    path: list[str] = []
    for x in xs:
        height = chance.uniform(low, high)
        foot, half = ground(x), height * chance.uniform(0.15, 0.21)
        right: list[Point] = []
        for k in range(1, 9):
            t = k / 8
            y = foot - height + height * 0.95 * t
            right += [(half * t * chance.uniform(0.8, 1.12), y), (half * t * 0.52, y - height * 0.02)]
        stem = height * 0.016
        outline = [
            (x, foot - height),
            *((x + a, b) for a, b in right),
            (x + stem, foot + 5),
            (x - stem, foot + 5),
        ]
        outline += [(x - a * chance.uniform(0.86, 1.1), b) for a, b in reversed(right)]
        path.append(_path(outline) + "Z")
    return "".join(path)


def _tent(x: float, y: float, size: float) -> str:
    return (
        f'<g transform="translate({x:.0f} {y:.0f}) scale({size:.2f})">'
        f'<ellipse cx="2" cy="-14" rx="150" ry="58" fill="url(#lamp)"/>'
        '<path d="M-68,4C-60,-30 -27,-64 2,-68C34,-62 62,-30 70,4Z" fill="#bf5f2c"/>'
        '<path d="M2,-68C-17,-45 -28,-20 -32,4L38,4C34,-20 23,-45 2,-68Z" fill="#df8842"/>'
        '<path d="M2,-50C-9,-31 -14,-13 -16,4L21,4C19,-13 13,-31 2,-50Z" fill="#ffe2a4"/>'
        '<path d="M-68,4C-60,-30 -27,-64 2,-68C21,-47 34,-20 38,4'
        'M70,4C62,-30 34,-62 2,-68C-17,-45 -28,-20 -32,4" '
        'fill="none" stroke="#5b2a14" stroke-width="1.7" opacity=".7"/></g>'
    )


def _cabin(x: float, y: float, size: float) -> str:
    return (
        f'<g transform="translate({x:.0f} {y:.0f}) scale({size:.2f})">'
        f'<path d="M-60,0V-44L0,-82L60,-44V0Z" fill="#8e2f2a"/>'
        '<path d="M0,-82L60,-44V0H8V-76Z" fill="#6f211f"/>'
        '<path d="M-70,-42L0,-92L70,-42L62,-36L0,-80L-62,-36Z" fill="#3f4a3c"/>'
        '<g fill="#ffe2a4" stroke="#f3efe6" stroke-width="3"><rect x="-46" y="-36" width="18" height="18"/>'
        '<rect x="24" y="-36" width="18" height="18"/></g>'
        '<rect x="-12" y="-40" width="20" height="40" fill="#f3efe6"/></g>'
    )


def _aurora(width: float, height: float, chance: random.Random) -> str:
    curtains: list[str] = []
    for band in range(3):
        x0 = width * (0.06 + 0.2 * band)
        for k in range(70):
            x = x0 + k * width * 0.0075
            y = height * (0.2 + 0.06 * math.sin(k * 0.11 + band * 2) + 0.03 * band)
            tall = height * (0.17 + 0.07 * math.sin(k * 0.27 + band))
            curtains.append(
                f'<rect x="{x:.0f}" y="{y - tall:.0f}" width="{width * 0.0085:.0f}" '
                f'height="{tall * 1.25:.0f}" '
                f'fill="url(#aurora)" opacity="{chance.uniform(0.25, 0.55):.2f}"/>'
            )
    stars = "".join(
        f'<circle cx="{chance.uniform(0, width):.0f}" cy="{chance.uniform(0, height * 0.42):.0f}" '
        f'r="{chance.uniform(0.5, 1.7):.1f}" fill="#fff" opacity="{chance.uniform(0.3, 0.95):.2f}"/>'
        for _ in range(150)
    )
    return f'{stars}<g filter="url(#veil)">{"".join(curtains)}</g>'


def _linear(name: str, stops: Sequence[tuple[float, str, float]], *, sideways: bool = False) -> str:
    body = "".join(f'<stop offset="{o}" stop-color="{c}" stop-opacity="{a}"/>' for o, c, a in stops)
    return (
        f'<linearGradient id="{name}" x1="0" y1="0" x2="{int(sideways)}" '
        f'y2="{int(not sideways)}">{body}</linearGradient>'
    )


def _radial(name: str, color: str, strength: float) -> str:
    return (
        f'<radialGradient id="{name}"><stop stop-color="{color}" stop-opacity="{strength}"/>'
        f'<stop offset=".4" stop-color="{color}" stop-opacity="{strength * 0.5:.2f}"/>'
        f'<stop offset="1" stop-color="{color}" stop-opacity="0"/></radialGradient>'
    )


def _definitions(mood: Mood) -> str:
    low, middle, high = mood.sky
    return "".join(
        (
            _linear("sky", ((0, low, 1), (0.4, middle, 1), (0.68, high, 1))),
            _linear("haze", ((0, mood.mist, 0), (0.45, mood.mist, 0.1), (1, mood.mist, 0.8))),
            _linear("mist", ((0, mood.mist, 0), (0.5, mood.mist, 0.85), (1, mood.mist, 0))),
            _linear("lake", ((0, mood.lake[0], 0.72), (1, mood.lake[1], 0.94))),
            _linear("shore", ((0, mood.ground[0], 1), (1, mood.ground[1], 1))),
            _linear("aurora", ((0, "#7fe3c0", 0), (0.62, "#6fdcb4", 0.8), (1, "#b7f5d8", 0))),
            _linear(
                "page", ((0, "#eef0ec", 0.94), (0.28, "#eef0ec", 0.76), (0.58, "#eef0ec", 0)), sideways=True
            ),
            _radial("sun", mood.sun[2], 0.95),
            _radial("lamp", "#ffb765", 0.85),
            (
                '<filter id="veil" x="-5%" y="-20%" width="110%" height="140%">'
                '<feGaussianBlur stdDeviation="9 22"/></filter>'
            ),
        )
    )


def banner(mood: Mood, seed: int = 1, width: int = 1600, height: int = 640, *, fade: bool = False) -> str:
    """Draw a lake under a mountain.

    Parameters
    ----------
    mood
        Its light; `BANNERS` has four.
    seed
        Which mountain.
    width, height
        Size of the picture in its own units.
    fade
        Let the left half fade to the page's color, so that text reads well on it.
    """
    if width < 200 or height < 200:
        raise InvalidInput("width", "a panorama needs at least 200 × 200")
    chance = random.Random(seed)
    horizon, shore = height * 0.7, height * 0.86
    ranges = "".join(
        f'<path d="{_filled(_ridge(width, horizon - height * lift, height * tall, count, chance), height)}" '
        f'fill="{color}"/>'
        for color, lift, tall, count in zip(
            mood.far, (0.14, 0.1, 0.06), (0.26, 0.22, 0.16), (6, 9, 12), strict=True
        )
    )
    mountain = _massif(width, horizon, height * 0.46, mood, chance)
    hills = _fractal(
        [(width * k / 8, horizon - height * chance.uniform(0.02, 0.09)) for k in range(9)], 5, 0.6, chance
    )
    wooded = _path([(0, horizon + 6), *hills, (width, horizon + 6)]) + "Z"
    fringe = spruces(
        lambda x: horizon - height * 0.01 - 6 * math.sin(x / 210),
        [width * k / 260 for k in range(261)],
        9,
        26,
        seed + 1,
    )
    backdrop = (
        f'{ranges}{mountain}<g fill="{mood.hill}"><path d="{wooded}"/><path d="{fringe}" opacity=".85"/></g>'
    )
    streaks = "".join(
        f'<path d="M{chance.uniform(-60, width):.0f},'
        f"{horizon + 4 + (k / 70) ** 1.5 * (height - horizon) * 0.62:.0f}"
        f'h{chance.uniform(70, 300):.0f}" '
        f'stroke="#fff" stroke-width="{0.6 + k / 45:.1f}" opacity="{chance.uniform(0.06, 0.26):.2f}"/>'
        for k in range(70)
    )

    def land(x: float) -> float:
        rise = math.pow(abs(x / width - 0.46), 1.7)
        return shore + height * 0.07 - height * 0.32 * rise + 5 * math.sin(x / 61) + 3 * math.sin(x / 23)

    grass = [(x, land(x) + chance.uniform(-2.5, 2.5)) for x in range(0, width + 9, 8)]
    east = [width * (0.7 + 0.31 * chance.random() ** 0.8) for _ in range(74)]
    west = [width * 0.14 * chance.random() ** 1.5 for _ in range(26)]
    woods = spruces(land, east, height * 0.07, height * 0.2, seed + 2) + spruces(
        land, west, height * 0.06, height * 0.16, seed + 3
    )
    extra = _tent(width * 0.62, land(width * 0.62) + 3, height / 600) if mood.tent else ""
    extra += _cabin(width * 0.62, land(width * 0.62) + 4, height / 640) if mood.cabin else ""
    drops = (
        '<g stroke="#eef2f2" stroke-width="1.3" opacity=".34">'
        + "".join(
            f'<path d="M{x:.0f},{y:.0f}l-5,{length:.0f}"/>'
            for x, y, length in (
                (chance.uniform(0, width + 40), chance.uniform(-20, height), chance.uniform(14, 40))
                for _ in range(420)
            )
        )
        + "</g>"
        if mood.rain
        else ""
    )
    x, y, _ = mood.sun
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'preserveAspectRatio="xMidYMid slice">'
        f'<defs>{_definitions(mood)}<clipPath id="water"><rect y="{horizon:.0f}" width="{width}" '
        f'height="{height - horizon:.0f}"/></clipPath></defs>'
        f'<rect width="{width}" height="{height}" '
        f'fill="url(#sky)"/>{_aurora(width, height, chance) if mood.aurora else ""}'
        f'<circle cx="{width * x:.0f}" cy="{height * y:.0f}" r="{height * 0.62:.0f}" '
        f'fill="url(#sun)"/>{backdrop}'
        f'<g clip-path="url(#water)"><g transform="matrix(1 0 0 -.62 0 {horizon * 1.62:.1f})">'
        f'<rect width="{width}" height="{horizon:.0f}" '
        f'fill="url(#sky)"/>{backdrop.replace("massif", "mirrored")}</g>'
        f'<rect y="{horizon:.0f}" width="{width}" height="{height - horizon:.0f}" '
        f'fill="url(#lake)"/>{streaks}</g>'
        f'<rect y="{horizon - height * 0.07:.0f}" width="{width}" height="{height * 0.12:.0f}" '
        f'fill="url(#mist)"/>'
        f'{f"""<rect width="{width}" height="{height}" fill="url(#page)"/>""" if fade else ""}'
        f'<path d="{woods}" fill="{mood.wood}"/><path d="{_path([(0, height), *grass, (width, height)])}Z" '
        f'fill="url(#shore)"/>'
        f"{extra}{drops}</svg>"
    )


def hero(seed: int = 11, width: int = 1600, height: int = 640) -> str:
    """The home page's panorama: the first snow over an autumn lake, faded on the left for the headline."""
    return banner(AUTUMN, seed, width, height, fade=True)


def sign(color: str = "#1f4a43") -> str:
    """The shop's sign: two peaks over a wave, 40 × 28."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 28" fill="none" stroke-linecap="round" '
        f'stroke-linejoin="round" stroke="{color}" stroke-width="2"><path d="M2,20L14,4L21,14L26,8L37,20"/>'
        '<path d="M10.6,8.6L13.6,11L16.8,8.4" stroke-width="1.4"/>'
        '<path d="M2,25q4.4,-3.4 8.8,0t8.8,0t8.8,0t8.8,0" stroke-width="1.8"/></svg>'
    )
