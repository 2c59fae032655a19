"""Every kind of product that the demo can draw, by name."""

from __future__ import annotations

from collections.abc import Callable

from expedit.core import InvalidInput, Struct
from expedit.demo.pictures import bags, camp, footwear, headwear, jackets, shelter, small, tops, trousers
from expedit.demo.pictures.palette import COLORS, Dyes

Artist = Callable[[Dyes, int, tuple[str, ...]], str]

KINDS: dict[str, Artist] = {
    "shell": jackets.shell,
    "parka": jackets.parka,
    "down": jackets.down,
    "fleece": tops.fleece,
    "sweater": tops.sweater,
    "base_layer": tops.base_layer,
    "tee": tops.tee,
    "shirt": tops.shirt,
    "trousers": trousers.trousers,
    "skirt": trousers.skirt,
    "dress": trousers.dress,
    "beanie": headwear.beanie,
    "cap": headwear.cap,
    "headband": headwear.headband,
    "hat": headwear.hat,
    "boot": footwear.boot,
    "rubber_boot": footwear.rubber_boot,
    "shoe": footwear.shoe,
    "slipper": footwear.slipper,
    "rucksack": bags.rucksack,
    "day_pack": bags.day_pack,
    "duffel": bags.duffel,
    "tote": bags.tote,
    "hip_bag": bags.hip_bag,
    "dome_tent": shelter.dome_tent,
    "tunnel_tent": shelter.tunnel_tent,
    "sleeping_bag": shelter.sleeping_bag,
    "mat": shelter.mat,
    "blanket": shelter.blanket,
    "mug": camp.mug,
    "thermos": camp.thermos,
    "pot": camp.pot,
    "stove": camp.stove,
    "headlamp": camp.headlamp,
    "knife": camp.knife,
    "lantern": camp.lantern,
    "socks": small.socks,
    "mittens": small.mittens,
    "gloves": small.gloves,
    "scarf": small.scarf,
    "care_bottle": small.care_bottle,
    "wax_tin": small.wax_tin,
    "belt": small.belt,
}


class Picture(Struct, frozen=True):
    """What to draw: a kind, its colors by key, and the options and seed that give a style its own shape."""

    kind: str
    color: str
    second: str = "kol"
    options: tuple[str, ...] = ()
    seed: int = 1

    @property
    def shape(self) -> tuple[str, tuple[str, ...], int]:
        """What pictures that differ only in color have in common."""
        return self.kind, self.options, self.seed


def draw(
    kind: str,
    color: str,
    options: tuple[str, ...] = (),
    seed: int = 1,
    *,
    second: str = "kol",
    dyes: Dyes | None = None,
) -> str:
    """Draw a product as SVG, 800 × 1000 on a flat tile.

    Parameters
    ----------
    kind
        A key of `KINDS`.
    color, second
        Keys of `COLORS`, or codes such as ``#1e5b62``.
    options
        Words that the kind knows, such as ``cable``; others are ignored.
    seed
        Where folds fall.
    dyes
        Ready dyes instead of the two colors.

    Raises
    ------
    InvalidInput
        When the kind or a color is unknown.
    """
    if kind not in KINDS:
        raise InvalidInput("kind", f"no drawing is called {kind!r}")
    for field, value in (("color", color), ("second", second)):
        if not value.startswith("#") and value not in COLORS:
            raise InvalidInput(field, f"no color is called {value!r}")
    return KINDS[kind](dyes or Dyes.of(color, second), seed, options)
