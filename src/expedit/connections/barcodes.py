"""Numbers under barcodes: which of them name a product everywhere, and which only inside one shop. Pure."""

from __future__ import annotations

from expedit.core import InvalidInput, Struct

# GS1 prefixes that a shop gives out itself: weighed goods, deposits, coupons, its own labels.
_IN_STORE = ("02", "04", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29")
_LENGTHS = frozenset({8, 12, 13, 14})


class Barcode(Struct, frozen=True):
    """A scanned number whose check digit fits.

    Parameters
    ----------
    number
        Padded with zeros to 14 digits.
    in_store
        Whether its prefix (020–029, 040–049, 200–299) means something only in the shop that printed it.
    """

    number: str
    in_store: bool


def check_digit(digits: str) -> int:
    """Return the digit that belongs after `digits`.

    The digits are weighted 3, 1, 3, … from the right; the check digit fills the sum up to a multiple of ten.

    References
    ----------
    GS1 General Specifications, section 7.9 "Check digit calculations".
    """
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return -total % 10


def read_barcode(text: str, field: str = "gtin") -> Barcode:
    """Return the number that a till scanned.

    Parameters
    ----------
    text
        8, 12, 13 or 14 digits; spaces and hyphens are passed over, and so are what spreadsheets make of long
        numbers (``7310865004703.0``) and zeros in front that they dropped.

    Raises
    ------
    InvalidInput
        When it has another length or its check digit is wrong.
    """
    digits = text.strip().removesuffix(".0").replace(" ", "").replace("-", "")
    if not (digits.isascii() and digits.isdecimal()):
        raise InvalidInput(field, f"{text[:20]!r} is no number of a barcode")
    if len(digits) not in _LENGTHS and 8 < len(digits) < 13:
        digits = digits.rjust(13, "0")  # a spreadsheet dropped the zeros in front
    if len(digits) not in _LENGTHS:
        raise InvalidInput(field, f"{text[:20]!r} has not 8, 12, 13 or 14 digits")
    if check_digit(digits[:-1]) != int(digits[-1]):
        raise InvalidInput(field, f"the check digit of {digits} is wrong")
    number = digits.rjust(14, "0")
    # An EAN-8 has prefixes of its own: those that begin with 0 or 2 are the shop's.
    in_store = digits[0] in "02" if len(digits) == 8 else number[0] == "0" and number[1:3] in _IN_STORE
    return Barcode(number, in_store)


def gtin_in(text: str) -> str:
    """Return the GTIN-14 that `text` is, or nothing when it is none that holds outside the shop."""
    try:
        found = read_barcode(text)
    except InvalidInput:  # fields called "barcode" or "gtin" hold anything; what is no GTIN is left out
        return ""
    return "" if found.in_store else found.number
