"""The make-believe world behind the demo shop: what it sells, and the people who shop there."""

from expedit.demo.world.assortment import CATEGORIES, LOCALES, MAIN_CATEGORIES, Words
from expedit.demo.world.catalog import DemoCatalog, build_catalog, gtin13
from expedit.demo.world.model import (
    LOCATIONS,
    MARKET_LOCALES,
    MARKETS,
    STORES,
    DemoOffer,
    DemoProduct,
    DemoVariant,
)
from expedit.demo.world.people import Known, known_people
from expedit.demo.world.shoppers import simulate, write_shoppers
from expedit.demo.world.styles import BRANDS
from expedit.demo.world.tastes import GOES_WITH, TASTES, Taste

__all__ = [
    "BRANDS",
    "CATEGORIES",
    "GOES_WITH",
    "LOCALES",
    "LOCATIONS",
    "MAIN_CATEGORIES",
    "MARKETS",
    "MARKET_LOCALES",
    "STORES",
    "TASTES",
    "DemoCatalog",
    "DemoOffer",
    "DemoProduct",
    "DemoVariant",
    "Known",
    "Taste",
    "Words",
    "build_catalog",
    "gtin13",
    "known_people",
    "simulate",
    "write_shoppers",
]
