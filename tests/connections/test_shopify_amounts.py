"""What Shopify's orders come to, with the tax in the prices or without."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expedit.connections.reconciliation.asking import compare
from expedit.connections.shopify.amounts import Amounts, amounts_of, goods_of, money_of, refunded_of
from expedit.connections.shopify.bodies import Order, Refund, read
from expedit.connections.shopify.orders import figures_of
from expedit.core import to_json
from expedit.orders import find_order, keep_orders
from expedit.storage import Shop
from tests.connections.shopify_messages import connect, deliver, line, order


def amounts(which: str = "shop", **more: Any) -> Amounts:
    body = read(to_json(order(**more)), Order)
    return amounts_of(body, money_of(body, which))  # type: ignore[arg-type]


def back(refund: dict[str, Any], which: str = "shop", **more: Any) -> int:
    body = read(to_json(order(**more)), Order)
    money = money_of(body, which)  # type: ignore[arg-type]
    read_refund = read(to_json({"id": 1, "order_id": 5001, **refund}), Refund)
    return goods_of(read_refund, money, amounts_of(body, money), {})


def money(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"


@pytest.mark.parametrize(
    ("shipping", "cost"),
    [
        ({"price": "50.00"}, 5000),
        ({"price": "50.00", "discounted_price": "40.00", "discount_allocations": []}, 4000),
        # A code for free shipping, as API versions before 2024-07 tell it, and since.
        ({"price": "50.00", "discounted_price": "50.00", "discount_allocations": [{"amount": "50.00"}]}, 0),
        ({"price": "50.00", "discounted_price": "0.00", "discount_allocations": [{"amount": "50.00"}]}, 0),
        (
            {"price": "50.00", "discounted_price": "20.00", "discount_allocations": [{"amount": "30.00"}]},
            2000,
        ),
        ({"price": "50.00", "is_removed": True}, 0),
    ],
)
def test_shipping_is_what_was_paid_for_it(shipping: dict[str, Any], cost: int) -> None:
    assert amounts(shipping_lines=[shipping]).shipping == cost


def test_the_tax_of_the_shipping_is_what_no_line_was_taxed_with() -> None:
    taxed = line(11, 1, "500.00", tax_lines=[{"price": "100.00"}])
    told = {"line_items": [taxed], "total_tax": "110.00", "taxes_included": True}
    found = amounts(**told, shipping_lines=[{"price": "50.00"}])
    assert (found.goods, found.tax, found.shipping, found.goods_tax) == (40000, 11000, 4000, 10000)


EDITED = [line(11, 1, "100.00"), line(12, 1, "50.00")]
REMOVED = {
    "id": 7,
    "created_at": "2026-09-03T10:00:00+02:00",
    "refund_line_items": [
        {"quantity": 1, "line_item": line(13, 1, "30.00"), "subtotal": 30.0, "total_tax": 7.5}
    ],
}


@pytest.mark.parametrize(
    ("more", "goods", "tax"),
    [
        # Untouched, and what went back is told beside it: what is left and what went back are the whole.
        (
            {
                "line_items": [*EDITED, line(13, 1, "30.00")],
                "current_subtotal_price": "150.00",
                "current_total_tax": "37.50",
                "total_tax": "45.00",
                "refunds": [REMOVED],
            },
            18000,
            4500,
        ),
        # A line was added later, and the subtotal is of before: lines and what is left agree against it.
        (
            {
                "line_items": EDITED,
                "subtotal_price": "100.00",
                "total_tax": "25.00",
                "total_price": "125.00",
                "current_subtotal_price": "150.00",
                "current_total_tax": "37.50",
            },
            15000,
            3750,
        ),
        # What the lines do not tell (a discount of the whole order, in older messages) the subtotal does.
        ({"line_items": EDITED, "subtotal_price": "135.00", "current_subtotal_price": "135.00"}, 13500, 0),
        ({"line_items": EDITED, "subtotal_price": "135.00", "current_subtotal_price": "120.00"}, 13500, 0),
        ({"line_items": EDITED, "subtotal_price": None, "current_subtotal_price": None}, 15000, 0),
    ],
)
def test_two_accounts_that_agree_are_believed(more: dict[str, Any], goods: int, tax: int) -> None:
    found = amounts(**more)
    assert (found.goods, found.tax, found.total) == (goods, tax, goods + tax)


@pytest.mark.parametrize("included", [True, False])
@pytest.mark.parametrize("subtotal_with_tax", [True, False])
def test_a_refunded_line_is_worth_what_was_paid_for_it_without_tax(
    included: bool, subtotal_with_tax: bool
) -> None:
    sold = line(11, 2, "125.00" if included else "100.00", discount_allocations=[{"amount": "50.00"}])
    paid = 10000 if included else 7500  # for one of the two
    tax = 2000 if included else 1875
    subtotal = paid if subtotal_with_tax or not included else paid - tax
    refund = {
        "refund_line_items": [
            {"quantity": 1, "line_item": sold, "subtotal": subtotal / 100, "total_tax": tax / 100}
        ]
    }
    told = {"line_items": [sold], "taxes_included": included, "total_tax": money(2 * tax)}
    assert back(refund, **told) == (8000 if included else 7500)
    whole = read(to_json(order(**told, refunds=[{"id": 1, **refund}])), Order)
    assert refunded_of(whole, money_of(whole, "shop")) == (10000 if included else 9375)


@pytest.mark.parametrize("included", [True, False])
def test_money_that_belongs_to_no_line_is_shared_out_to_goods_and_tax(included: bool) -> None:
    told = {
        "line_items": [line(11, 1, "500.00" if included else "400.00")],
        "taxes_included": included,
        "total_tax": "100.00",
    }
    whole = {"order_adjustments": [{"kind": "refund_discrepancy", "amount": "-500.00", "tax_amount": "0.00"}]}
    assert back(whole, **told) == 40000
    taxed = {
        "order_adjustments": [{"kind": "refund_discrepancy", "amount": "-40.00", "tax_amount": "-10.00"}]
    }
    assert back(taxed, **told) == 4000
    kept = {
        "refund_line_items": [
            {
                "quantity": 1,
                "line_item": told["line_items"][0],  # type: ignore[index]
                "subtotal": 500.0 if included else 400.0,
                "total_tax": 100.0,
            }
        ],
        "order_adjustments": [{"kind": "refund_discrepancy", "amount": "50.00"}],
    }
    assert back(kept, **told) == 36000  # fifty kept of five hundred, for the trouble


def test_the_money_of_the_customer_counts_in_adjustments_too() -> None:
    def both(own: str, paid: str) -> dict[str, Any]:
        return {"shop_money": {"amount": own}, "presentment_money": {"amount": paid}}

    given = {
        "kind": "refund_discrepancy",
        "amount": "-40.00",
        "amount_set": both("-40.00", "-44.00"),
        "tax_amount": "-10.00",
        "tax_amount_set": both("-10.00", "-11.00"),
    }
    body = order(presentment_currency="NOK", total_price_set=both("199.00", "205.00"))
    body["refunds"] = [{"id": 1, "order_adjustments": [given]}]
    whole = read(to_json(body), Order)
    assert refunded_of(whole, money_of(whole, "presentment")) == 5500
    assert refunded_of(whole, money_of(whole, "shop")) == 5000


lines = st.lists(
    st.tuples(st.integers(1, 99_999), st.integers(1, 5), st.integers(0, 100)), min_size=1, max_size=4
)


@given(
    lines, st.sampled_from([0, 12, 25]), st.integers(0, 9_900), st.booleans(), st.booleans(), st.booleans()
)
def test_goods_tax_and_shipping_make_the_total_and_all_of_it_can_go_back(
    drawn: list[tuple[int, int, int]],
    rate: int,
    shipping: int,
    included: bool,
    with_tax: bool,
    stated: bool,
) -> None:
    def taxed(paid: int) -> int:
        return round(paid * rate / (100 + rate if included else 100))

    sold, refunds = [], []
    goods = tax = 0
    for number, (price, quantity, percent) in enumerate(drawn):
        off = price * quantity * percent // 100
        paid = price * quantity - off
        mine = taxed(paid)
        goods, tax = goods + paid, tax + mine
        sold.append(
            line(
                number + 1,
                quantity,
                money(price),
                discount_allocations=[{"amount": money(off)}],
                tax_lines=[{"price": money(mine)}],
            )
        )
        told = paid if with_tax or not included else paid - mine
        row = {"quantity": quantity, "line_item": sold[-1]}
        refunds.append({**row, "subtotal": money(told), "total_tax": money(mine)} if stated else row)
    sending = taxed(shipping)
    to_pay = goods + shipping + (0 if included else tax + sending)
    body = order(
        line_items=sold,
        taxes_included=included,
        subtotal_price=money(goods),
        total_tax=money(tax + sending),
        total_price=money(to_pay + 700),
        total_tip_received="7.00",
        shipping_lines=[{"price": money(shipping), "tax_lines": [{"price": money(sending)}]}],
        refunds=[{"id": 1, "created_at": "2026-09-03T10:00:00+02:00", "refund_line_items": refunds}],
    )
    whole = read(to_json(body), Order)
    found = amounts_of(whole, money_of(whole, "shop"))
    assert (found.goods, found.tax) == (goods - (tax if included else 0), tax + sending)
    assert found.goods + found.tax + found.shipping == found.total == to_pay
    (refund,) = whole.refunds or ()
    assert goods_of(refund, money_of(whole, "shop"), found, {}) == found.goods
    assert refunded_of(whole, money_of(whole, "shop")) == goods + (0 if included else tax)


@pytest.mark.parametrize("included", [True, False])
def test_nothing_is_left_to_explain(shop: Shop, included: bool) -> None:
    one = connect(shop)
    sold = line(
        11,
        2,
        "125.00" if included else "100.00",
        discount_allocations=[{"amount": "50.00" if included else "40.00"}],
    )
    duties = {"shop_money": {"amount": "12.00", "currency_code": "SEK"}}
    refund = {
        "id": 7,
        "created_at": "2026-09-21T10:00:00Z",
        "refund_line_items": [
            {"quantity": 1, "line_item": sold, "subtotal": 100.0 if included else 80.0, "total_tax": 20.0}
        ],
        "order_adjustments": [{"kind": "shipping_refund", "amount": "-40.00", "tax_amount": "-10.00"}],
    }
    body = order(
        created_at="2026-09-20T10:00:00Z",
        updated_at="2026-09-21T10:00:00Z",
        line_items=[sold],
        taxes_included=included,
        subtotal_price="200.00" if included else "160.00",
        total_tax="50.00",
        total_price="269.00",
        total_tip_received="7.00",
        current_total_duties_set=duties,
        shipping_lines=[
            {
                "price": "50.00" if included else "40.00",
                "discounted_price": "50.00" if included else "40.00",
                "tax_lines": [{"price": "10.00"}],
            }
        ],
        refunds=[refund],
    )
    deliver(shop, one, "orders/create", body)
    keep_orders(shop)
    found = find_order(shop, "5001")
    assert found is not None
    assert (found.value, found.tax, found.shipping, found.refunded) == (16000, 5000, 4000, 8000)
    figures = figures_of(read(to_json(body), Order), money_of(read(to_json(body), Order), "shop"), "1")
    assert (figures.total, figures.tax, figures.shipping, figures.refunded) == (26200, 5000, 5200, 15000)
    compared = compare(shop, one.id, 7)
    assert compared.odd == ()
    assert {cause.name: cause.amount for cause in compared.total.causes} == {
        "tax": 5000,
        "shipping": 5200,
        "refunds": 8000,
    }
