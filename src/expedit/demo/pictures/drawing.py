"""One product drawing: parts of cloth laid over each other, each with its own folds, light and edge.

A part is an outline filled with a texture, rounded by a sideways gradient, and covered by one soft layer:
dark and light leaf-shaped folds and a shadow along its inner edge, blurred together. One blur per part,
bounded by the part, is what keeps a picture quick to rasterize; everything else is sharp vectors.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from expedit.demo.pictures.outline import Segment, box, lens, shape, trace
from expedit.demo.pictures.palette import Dyes, Tone
from expedit.demo.pictures.textures import ONE_COLOR, Tile

TILE = "#eef0ee"
Fold = tuple[float, float, float, float, float, float, float]  # from x, y to x, y, bow, width, strength
LEATHER, BRASS, STEEL, CREAM, RUBBER = "#4a3527", "#c2a878", "#b9bdbc", "#f1ede2", "#25272a"


class Drawing:
    """Collects the parts of one picture and writes it as SVG.

    Parameters
    ----------
    dyes
        The paints to draw with.
    seed
        Where the folds fall.
    fit
        Largest width and height, in units of the 800 × 1000 picture, that the product may fill.
    ground
        Center x, y and half width of a contact shadow; without it the product hangs and throws a soft shadow.
    stretch
        Widens the product, for kinds that are drawn narrow.
    """

    def __init__(
        self,
        dyes: Dyes,
        seed: int,
        fit: tuple[float, float] = (660, 820),
        ground: tuple[float, float, float] | None = None,
        stretch: float = 1.0,
    ) -> None:
        self.main, self.second = dyes.main, dyes.second
        self.chance = random.Random(seed)
        self._dyes, self._fit, self._ground, self._stretch = dyes, fit, ground, stretch
        self._layers: list[str] = []
        self._defs: list[str] = []
        self._outlines: list[str] = []
        self._textures: dict[tuple[str, Tone], str] = {}

    # ---- paint

    def fixed(self, code: str) -> Tone:
        """A paint that does not follow the product's color."""
        return self._dyes.fixed(code)

    def define(self, make: Callable[[str], str]) -> str:
        """Add a definition and return its id."""
        name = f"d{len(self._defs)}"
        self._defs.append(make(name))
        return name

    def tile(self, tile: Tile) -> str:
        """Define a repeating tile and return the paint that uses it.

        The ground reaches over the tile's edges: else half-covered edge pixels would show as a grid.
        """
        width, height, color, content, transform = tile
        ground = (
            f'<rect x="-9" y="-9" width="{width + 18}" height="{height + 18}" fill="{color}"/>'
            if color
            else ""
        )
        turn = f' patternTransform="{transform}"' if transform else ""
        name = self.define(
            lambda i: (
                f'<pattern id="{i}" width="{width}" height="{height}" patternUnits="userSpaceOnUse"{turn}>'
                f"{ground}{content}</pattern>"
            )
        )
        return f"url(#{name})"

    def texture(self, kind: str, tone: Tone) -> str:
        """The paint of a one-color texture, defined once per tone."""
        key = (kind, tone)
        if key not in self._textures:
            self._textures[key] = self.tile(ONE_COLOR[kind](tone))
        return self._textures[key]

    def gradient(self, stops: Sequence[tuple[float, str, float]], *, down: bool = False) -> str:
        """A straight gradient of (offset, color, opacity) stops over whatever it fills."""
        body = "".join(f'<stop offset="{o}" stop-color="{c}" stop-opacity="{a:.3f}"/>' for o, c, a in stops)
        end = 'x2="0" y2="1"' if down else 'x2="1" y2="0"'
        name = self.define(lambda i: f'<linearGradient id="{i}" x1="0" y1="0" {end}>{body}</linearGradient>')
        return f"url(#{name})"

    def glow(self, x: float, y: float, rx: float, ry: float, color: str, opacity: float) -> str:
        """An ellipse that fades out to its rim."""
        name = self.define(
            lambda i: (
                f'<radialGradient id="{i}"><stop stop-color="{color}" stop-opacity="{opacity}"/>'
                f'<stop offset=".55" stop-color="{color}" stop-opacity="{opacity * 0.55:.3f}"/>'
                f'<stop offset="1" stop-color="{color}" stop-opacity="0"/></radialGradient>'
            )
        )
        return f'<ellipse cx="{x}" cy="{y}" rx="{rx}" ry="{ry}" fill="url(#{name})"/>'

    # ---- layers

    def add(self, markup: str) -> None:
        """Lay raw markup on top."""
        self._layers.append(markup)

    def part(
        self,
        outline: str,
        tone: Tone,
        texture: str | None = None,
        *,
        folds: Sequence[Fold] = (),
        detail: str = "",
        over: str = "",
        rounding: float = 0.5,
        edge: float = 30,
        depth: float = 0.5,
        soft: float = 8,
        casts: bool = True,
        line: float = 0.4,
        paint: str | None = None,
    ) -> None:
        """Lay one piece of cloth.

        Parameters
        ----------
        outline
            Closed path.
        tone, texture, paint
            Its color, the name of its texture, or a ready paint instead of a texture.
        folds
            Leaf-shaped folds: from, to, bow, width, strength 0–1.
        detail, over
            Markup clipped to the part, below and above its lights.
        rounding
            How much it turns away at the sides, 0–1.
        edge, depth
            Width and darkness of the shadow along the inner edge; ``edge`` 0 leaves out the soft layer.
        soft
            Blur of the soft layer.
        casts
            Whether the outline takes part in the product's shadow on the wall.
        line
            Opacity of the outline stroke.
        """
        if casts:
            self._outlines.append(outline)
        clip = self.define(lambda i: f'<clipPath id="{i}"><path d="{outline}"/></clipPath>')
        fill = paint or (self.texture(texture, tone) if texture else tone.fill)
        turn = self.gradient(
            (
                (0, tone.shade, rounding * 0.5),
                (0.28, tone.shine, rounding * 0.2),
                (0.5, tone.shine, 0),
                (1, tone.shade, rounding * 0.72),
            )
        )
        soft_layer = self._soft(outline, tone, folds, edge, depth, soft) if edge or folds else ""
        body = (
            f'<path d="{outline}" fill="{fill}"/>{detail}<path d="{outline}" '
            f'fill="{turn}"/>{soft_layer}{over}'
        )
        self.add(
            f'<g clip-path="url(#{clip})">{body}</g>'
            f'<path d="{outline}" fill="none" stroke="{tone.shade}" stroke-width="1.7" opacity="{line}" '
            f'stroke-linejoin="round"/>'
        )

    def _soft(
        self, outline: str, tone: Tone, folds: Sequence[Fold], edge: float, depth: float, blur: float
    ) -> str:
        left, top, right, bottom = box([outline])
        name = self.define(
            lambda i: (
                f'<filter id="{i}" filterUnits="userSpaceOnUse" x="{left - 6:.0f}" y="{top - 6:.0f}" '
                f'width="{right - left + 12:.0f}" height="{bottom - top + 12:.0f}" '
                f'color-interpolation-filters="sRGB"><feGaussianBlur stdDeviation="{blur}"/></filter>'
            )
        )
        marks: list[str] = []
        for x0, y0, x1, y1, bow, width, strength in folds:
            dark = lens(x0, y0, x1, y1, bow, width)
            lit = lens(x0, y0, x1, y1, bow + width * 2.1, width * 0.9)
            marks.append(
                f'<path d="{lit}" fill="{tone.shine}" opacity="{strength * 0.62:.2f}"/>'
                f'<path d="{dark}" fill="{tone.shade}" opacity="{strength:.2f}"/>'
            )
        rim = (
            f'<path d="{outline}" fill="none" stroke="{tone.shade}" stroke-width="{edge}" '
            f'opacity="{depth:.2f}"/>'
            f'<path d="{outline}" transform="translate({edge * 0.34:.1f} {edge * 0.4:.1f})" fill="none" '
            f'stroke="{tone.shine}" stroke-width="{edge * 0.3:.1f}" opacity="{depth * 0.5:.2f}"/>'
            if edge
            else ""
        )
        return f'<g filter="url(#{name})">{rim}{"".join(marks)}</g>'

    @contextmanager
    def _placed(self, transform: str, outlines: bool) -> Iterator[None]:
        layers, kept = self._layers, self._outlines
        self._layers, self._outlines = [], []
        yield
        inner, drawn = "".join(self._layers), self._outlines
        self._layers, self._outlines = layers, kept
        shadow = self._cast(drawn) if outlines else ""
        self.add(f'<g transform="{transform}">{shadow}{inner}</g>')

    def placed(self, transform: str, *, casts: bool = True) -> AbstractContextManager[None]:
        """Draw what follows moved, turned or mirrored, with its own cast shadow when it is one of a pair."""
        return self._placed(transform, casts)

    # ---- finishing touches

    def seam(
        self, path: str, tone: Tone, width: float = 2.0, *, dashed: bool = False, strength: float = 0.6
    ) -> None:
        """A sewn line: dark, with the light that catches its lower lip."""
        dash = ' stroke-dasharray="6 4.5"' if dashed else ""
        self.add(
            f'<g fill="none" stroke-linecap="round" stroke-width="{width}"{dash}>'
            f'<path d="{path}" transform="translate(1.3 1.9)" stroke="{tone.shine}" '
            f'opacity="{strength * 0.5:.2f}"/>'
            f'<path d="{path}" stroke="{tone.shade}" opacity="{strength:.2f}"/></g>'
        )

    def groove(self, path: str, tone: Tone, width: float = 12, strength: float = 0.1) -> None:
        """A shadow beside a seam: three strokes of falling width instead of a blur."""
        self.add(
            f'<g fill="none" stroke="{tone.shade}" stroke-linecap="round">'
            + "".join(
                f'<path d="{path}" stroke-width="{width * share:.1f}" opacity="{strength:.2f}"/>'
                for share in (1.0, 0.66, 0.36)
            )
            + "</g>"
        )

    def zip(self, x: float, top: float, bottom: float, tone: Tone, pull: str = "#d9dbd8") -> None:
        """A zip with its garage and puller."""
        metal = self.fixed(pull)
        self.add(
            f'<path d="M{x},{top}V{bottom}" stroke="{tone.shade}" stroke-width="17" opacity=".34"/>'
            f'<path d="M{x},{top}V{bottom}" stroke="{tone.darker(0.75).fill}" stroke-width="8"/>'
            f'<path d="M{x},{top}V{bottom}" stroke="{tone.shine}" stroke-width="4.6" stroke-dasharray="2.2 '
            f'3" '
            f'opacity=".5"/>'
            f'<rect x="{x - 6}" y="{top + 4}" width="12" height="18" rx="3.5" fill="{metal.fill}"/>'
            f'<rect x="{x - 4}" y="{top + 20}" width="8" height="32" rx="4" fill="{tone.darker(0.6).fill}"/>'
        )

    def pocket_zip(self, x0: float, y0: float, x1: float, y1: float, tone: Tone, pull: str) -> None:
        """A closed pocket zip with a colored cord."""
        self.seam(trace((x0, y0), (x1, y1)), tone, 5.5, strength=0.72)
        self.add(
            f'<rect x="{x0 - 4.5}" y="{y0 - 5}" width="9" height="28" rx="4" fill="{self.fixed(pull).fill}"/>'
        )

    def badge(
        self, x: float, y: float, width: float = 48, height: float = 27, back: str = LEATHER, turn: float = 0
    ) -> None:
        """The shop's woven label: a mountain over a fjord."""
        cloth, thread = self.fixed(back), self.fixed("#ffffff")
        w, h = width / 2, height / 2
        self.add(
            f'<g transform="translate({x} {y}) rotate({turn})"><rect x="{-w}" y="{-h}" width="{width}" '
            f'height="{height}" rx="3" fill="{cloth.fill}"/>'
            f'<rect x="{-w + 2.5}" y="{-h + 2.5}" width="{width - 5}" height="{height - 5}" rx="2" '
            f'fill="none" '
            f'stroke="{thread.fill}" stroke-opacity=".3" stroke-dasharray="3 2.5"/>'
            f'<g transform="scale({height / 30:.2f})">{peaks(thread.fill)}</g></g>'
        )

    def neck_label(self, y: float) -> None:
        """The small white label inside a neck."""
        self.add(
            f'<rect x="-21" y="{y}" width="42" height="15" rx="2" fill="{self.fixed("#f4f3ee").fill}" '
            f'opacity=".92"/>'
        )

    def buttons(self, x: float, top: float, bottom: float, count: int, code: str = "#7d5f45") -> None:
        """A row of horn buttons."""
        horn, dark = self.fixed(code), self.fixed("#2a1c12")
        step = (bottom - top) / max(1, count - 1)
        for k in range(count):
            y = top + k * step
            self.add(
                f'<circle cx="{x + 1.5}" cy="{y + 3}" r="11.5" fill="{dark.fill}" opacity=".26"/>'
                f'<circle cx="{x}" cy="{y}" r="10.5" fill="{horn.fill}"/>'
                f'<circle cx="{x}" cy="{y}" r="7" fill="{horn.lighter(0.2).fill}"/>'
                f'<circle cx="{x - 2.4}" cy="{y}" r="1.5" fill="{dark.fill}"/>'
                f'<circle cx="{x + 2.4}" cy="{y}" r="1.5" fill="{dark.fill}"/>'
            )

    # ---- the whole

    def _cast(self, outlines: Sequence[str]) -> str:
        if not self._dyes.constant_share:  # black on black: no dye reaches the shadow on the wall
            return ""
        left, top, right, bottom = box(outlines)
        name = self.define(
            lambda i: (
                f'<filter id="{i}" filterUnits="userSpaceOnUse" x="{left - 50:.0f}" y="{top - 30:.0f}" '
                f'width="{right - left + 110:.0f}" height="{bottom - top + 110:.0f}" '
                f'color-interpolation-filters="sRGB"><feGaussianBlur stdDeviation="17"/></filter>'
            )
        )
        body = "".join(f'<path d="{d}"/>' for d in outlines)
        return (
            f'<g filter="url(#{name})" opacity=".34"><g fill="{self.fixed("#26302e").fill}" '
            f'transform="translate(10 24)">{body}</g></g>'
        )

    def _contact(self) -> str:
        if self._ground is None:
            return self._cast(self._outlines) if self._outlines else ""
        x, y, half = self._ground
        dark = self.fixed("#1f2826").fill
        return self.glow(x, y, half * 1.18, 34, dark, 0.42) + self.glow(x, y - 2, half, 15, dark, 0.5)

    def svg(self, bounds: tuple[float, float, float, float] | None = None) -> str:
        """Write the picture: 800 × 1000, product centered on a flat tile.

        Parameters
        ----------
        bounds
            Left, top, right, bottom of the product when its parts do not tell (they were placed).
        """
        left, top, right, bottom = bounds or box(self._outlines)
        scale = min(self._fit[0] / (right - left), self._fit[1] / (bottom - top))
        contact = self._contact()
        tile = self.fixed(TILE).fill
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-400 0 800 1000">'
            f"<defs>{''.join(self._defs)}</defs>"
            f'<rect x="-400" width="800" height="1000" fill="{tile}"/>'
            f'<g transform="translate(0 500) scale({scale * self._stretch:.4f} {scale:.4f}) '
            f'translate({-(left + right) / 2:.1f} {-(top + bottom) / 2:.1f})">'
            f"{contact}{''.join(self._layers)}</g></svg>"
        )


def peaks(color: str) -> str:
    """The shop's sign, about 36 units wide: two peaks."""
    return f'<path d="M-18,9L-5,-9L3,1L7.5,-4L18,9Z" fill="{color}" opacity=".9"/>'


def quad(points: Sequence[Segment]) -> str:
    """A closed path through plain corner points."""
    return shape(*points)
