"""Where a product's pages are in the panel."""

from __future__ import annotations

from urllib.parse import quote

ROOT = "/panel/catalog"
_TAKEN = ("import",)


def product_address(product_id: str, part: str = "") -> str:
    """Return the address of a product's page, or of a part of it, whatever its id holds."""
    name = product_id.replace("~", "~7e").replace("/", "~2f")
    if name in _TAKEN or not name.strip("."):
        name = f"~{ord(name[0]):02x}{name[1:]}"
    return f"{ROOT}/{quote(name, safe='~')}{f'/{part}' if part else ''}"


def product_at(segment: str) -> str:
    """Return the product id that stands in an address made by `product_address`."""
    first, *rest = segment.split("~")
    return first + "".join(_letter(part) for part in rest)


def _letter(part: str) -> str:
    try:
        return chr(int(part[:2], 16)) + part[2:]
    except ValueError:
        return f"~{part}"
