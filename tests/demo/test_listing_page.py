"""What a shopper chooses on a category page, as it stands in the address."""

from __future__ import annotations

import pytest

from expedit.demo.storefront.listing import Chosen, _by_size, read_chosen


def test_an_address_is_read_and_written_back() -> None:
    asked = [("color", "Petrol"), ("color", "Björk"), ("size", "M"), ("price", "500.00-899.99"),
             ("on_sale", "1"), ("sort", "newest")]  # fmt: skip
    chosen = read_chosen(asked)
    assert chosen.values == {"color": ("Petrol", "Björk"), "size": ("M",)}
    assert chosen.pairs() == asked
    assert ("color", "Petrol") not in chosen.pairs(("color", "Petrol"))
    assert ("color", "Björk") in chosen.pairs(("color", "Petrol"))
    assert len(chosen.pairs(("price", "500.00-899.99"))) == len(asked) - 1


@pytest.mark.parametrize(
    "asked",
    [
        [("sort", "best")],
        [("price", "cheap")],
        [("price", "a-b")],
        [("color", "")],
        [("color", "x" * 81)],
        [("on_sale", "yes")],
        [("utm_source", "brev")],
    ],
)
def test_what_is_no_choice_is_left_out(asked: list[tuple[str, str]]) -> None:
    assert read_chosen(asked) == Chosen()


def test_a_facet_takes_no_more_than_twenty_values() -> None:
    assert len(read_chosen([("color", str(n)) for n in range(30)]).values["color"]) == 20


def test_sizes_stand_as_people_wear_them() -> None:
    sizes = ["42", "XL", "One size", "S", "3XL", "M", "38,5", "XS", "L"]
    ordered = sorted(({"value": one} for one in sizes), key=_by_size)
    assert [one["value"] for one in ordered] == ["XS", "S", "M", "L", "XL", "3XL", "38,5", "42", "One size"]
