"""The thirty named colors of Fjäll & Fjord, and how a drawing is dyed with them.

Every paint in a product drawing is a weighted sum of three *slots* (the main color, its shadow, the second
color) and of constants (ink, light, leather, steel). So one drawing in two special dyes, `Dyes.constants` and
`Dyes.weights`, holds the picture in every other color: `rasterize` uses that to draw a style once and dye it
many times.
"""

from __future__ import annotations

from typing import NamedTuple, Self

from expedit.core import Struct

RGB = tuple[float, float, float]
INK = "#0b1119"
LIGHT = "#fffdf6"


class NamedColor(Struct, frozen=True):
    """A color as the shop names it, with the basic color that filters group it under."""

    key: str
    hex: str
    sv: str
    nb: str
    en: str
    family: str


_ROWS = """
sno       #f0f0eb Snö      Snø         Snow            white
bjork     #e4dccd Björk    Bjørk       Birch           white
havre     #d3c4a8 Havre    Havre       Oat             beige
halm      #dfc982 Halm     Halm        Straw           yellow
senap     #c4952b Senap    Sennep      Mustard         yellow
hjortron  #dc8a2a Hjortron Multe       Cloudberry      orange
rost      #b35e30 Rost     Rust        Rust            orange
tegel     #a2472f Tegel    Tegl        Brick           red
smultron  #c2504c Smultron Markjordbær Wild_strawberry red
lingon    #95262e Lingon   Tyttebær    Lingonberry     red
plommon   #5b2e45 Plommon  Plomme      Plum            purple
ljung     #8c6c90 Ljung    Lyng        Heather         purple
ros       #d3a49e Ros      Rose        Rose            pink
kamel     #b18755 Kamel    Kamel       Camel           brown
kakao     #5b4335 Kakao    Kakao       Cocoa           brown
kol       #2c2e31 Kol      Kull        Charcoal        black
skiffer   #4a525a Skiffer  Skifer      Slate           gray
granit    #7b8183 Granit   Granitt     Granite         gray
dimma     #b6bcbc Dimma    Tåke        Mist            gray
is        #b4cbd6 Is       Is          Ice             blue
himmel    #7ba3c0 Himmel   Himmel      Sky             blue
fjord     #3d6a88 Fjord    Fjord       Fjord           blue
hav       #1f5070 Hav      Hav         Ocean           blue
marin     #202c47 Marin    Marine      Navy            blue
indigo    #35476c Indigo   Indigo      Indigo          blue
petrol    #1e5b62 Petrol   Petrol      Petrol          green
gran      #2d4a3d Gran     Gran        Spruce          green
salvia    #8b9b86 Salvia   Salvie      Sage            green
lav       #b4bca4 Lav      Lav         Lichen          green
mossa     #697144 Mossa    Mose        Moss            green
"""


def _read(row: str) -> NamedColor:
    key, code, sv, nb, en, family = row.split()
    return NamedColor(key=key, hex=code, sv=sv, nb=nb, en=en.replace("_", " "), family=family)


COLORS: dict[str, NamedColor] = {color.key: color for color in map(_read, _ROWS.strip().splitlines())}


def rgb(code: str) -> RGB:
    """Read ``#rrggbb`` as three numbers of 0–255."""
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def mix(a: RGB, b: RGB, share: float) -> RGB:
    """Blend ``a`` with a ``share`` (0–1) of ``b`` in sRGB."""
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share)


def luma(color: RGB) -> float:
    """Perceived lightness of 0–1 (Rec. 601 weights)."""
    return (0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2]) / 255


def shadow_of(color: RGB) -> RGB:
    """The color that shadows on cloth of this color take: mild on pale cloth, near black on dark."""
    return mix(color, rgb(INK), 0.84 - 0.36 * luma(color))


def _hex(color: RGB) -> str:
    return "#{:02x}{:02x}{:02x}".format(*(max(0, min(255, round(v))) for v in color))


class Tone(NamedTuple):
    """A paint together with the color of its shadows and of its lights."""

    base: RGB
    deep: RGB
    glow: RGB

    @property
    def fill(self) -> str:
        """The paint itself as ``#rrggbb``."""
        return _hex(self.base)

    @property
    def shade(self) -> str:
        """Its shadow as ``#rrggbb``."""
        return _hex(self.deep)

    @property
    def shine(self) -> str:
        """Its light as ``#rrggbb``."""
        return _hex(self.glow)

    def darker(self, share: float) -> Tone:
        """The same paint with a share of its own shadow mixed in."""
        return Tone(mix(self.base, self.deep, share), self.deep, self.glow)

    def lighter(self, share: float) -> Tone:
        """The same paint with a share of its own light mixed in."""
        return Tone(mix(self.base, self.glow, share), self.deep, self.glow)

    def towards(self, other: Tone, share: float) -> Tone:
        """Blend of two paints, shadows and lights included."""
        return Tone(
            mix(self.base, other.base, share),
            mix(self.deep, other.deep, share),
            mix(self.glow, other.glow, share),
        )


class Dyes(NamedTuple):
    """The paints of one drawing: two dyes, and whether constants keep their own color."""

    main: Tone
    second: Tone
    constant_share: float = 1.0

    @classmethod
    def of(cls, color: str, second: str) -> Self:
        """Dye with two colors, given by key (``petrol``) or code (``#1e5b62``)."""
        first, other = code_of(color), code_of(second)
        return cls.from_slots(rgb(first), shadow_of(rgb(first)), rgb(other), rgb(INK), rgb(LIGHT))

    @classmethod
    def from_slots(cls, main: RGB, deep: RGB, second: RGB, ink: RGB, light: RGB, share: float = 1.0) -> Self:
        """Dye with raw values for the three slots and the two constants that every paint mixes with."""
        return cls(
            Tone(main, deep, mix(main, light, 0.55)),
            Tone(second, mix(second, ink, 0.68), mix(second, light, 0.55)),
            share,
        )

    @classmethod
    def constants(cls) -> Self:
        """All slots black: what remains is the part of the picture that no dye changes."""
        black = (0.0, 0.0, 0.0)
        return cls.from_slots(black, black, black, rgb(INK), rgb(LIGHT))

    @classmethod
    def weights(cls) -> Self:
        """Constants black and one pure channel per slot: red = main, green = its shadow, blue = second."""
        black = (0.0, 0.0, 0.0)
        return cls.from_slots((255.0, 0.0, 0.0), (0.0, 255.0, 0.0), (0.0, 0.0, 255.0), black, black, 0.0)

    def fixed(self, code: str) -> Tone:
        """A paint that no dye changes: leather, steel, a label."""
        base = mix((0.0, 0.0, 0.0), rgb(code), self.constant_share)
        ink = mix((0.0, 0.0, 0.0), rgb(INK), self.constant_share)
        light = mix((0.0, 0.0, 0.0), rgb(LIGHT), self.constant_share)
        return Tone(base, mix(base, ink, 0.68), mix(base, light, 0.55))


def code_of(color: str) -> str:
    """``#rrggbb`` of a color given by key or already by code."""
    return color if color.startswith("#") else COLORS[color].hex
