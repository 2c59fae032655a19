"""Bringing things in and taking them out, by the command line."""

import gzip
import json

import pyarrow.parquet as pq
import pytest

from tests.app.houses import (
    PRODUCTS,
    SHOPPER_EVENTS,
    SHOPPERS,
    House,
    catalog,
    row,
    shoppers,
    stock,
)


def lines(path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_catalog_comes_in_once(house):
    path = house.write("catalog", catalog())
    assert house.done("import", "catalog", path).out == (
        f"{PRODUCTS} read, {PRODUCTS} added, 0 changed, 0 unchanged, 0 retired\n"
    )
    assert house.done("import", "catalog", path, "--json").json == {
        "read": PRODUCTS, "added": 0, "changed": 0, "unchanged": PRODUCTS, "retired": 0, "refused": [],
    }  # fmt: skip


def test_a_bad_row_is_reported_with_line_field_and_reason(stocked):
    rows = [row(0, price="99.00 SEK"), row(1, price="gratis"), row(30)]
    ran = stocked.done("import", "catalog", stocked.write("some", rows))
    assert ran.out == "3 read, 1 added, 1 changed, 0 unchanged, 0 retired\n"
    assert "1 refused" in ran.err
    (refused,) = stocked.done("import", "catalog", stocked.write("some", rows), "--json").json["refused"]
    assert (refused["line"], refused["field"]) == (2, "price")
    assert "gratis" in refused["reason"]


def test_a_full_feed_retires_what_it_does_not_list(stocked):
    path = stocked.write("full", catalog()[:-2])
    assert stocked.done("import", "catalog", path, "--full", "--json").json["retired"] == 2
    assert stocked.done("import", "catalog", path, "--full", "--json").json["retired"] == 0


def test_a_catalog_goes_out_and_comes_in_unchanged(house, tmp_path):
    stock(house)
    out = tmp_path / "out.jsonl"
    assert house.done("export", "catalog", out).out == f"{PRODUCTS} rows in {out}\n"
    assert len(lines(out)) == PRODUCTS
    assert house.done("import", "catalog", out, "--json").json == {
        "read": PRODUCTS, "added": 0, "changed": 0, "unchanged": PRODUCTS, "retired": 0, "refused": [],
    }  # fmt: skip
    other = House.make(tmp_path / "other")
    assert other.done("import", "catalog", out, "--json").json["added"] == PRODUCTS
    again = tmp_path / "again.jsonl"
    other.done("export", "catalog", again)
    assert sorted(out.read_text().splitlines()) == sorted(again.read_text().splitlines())


def test_events_come_in_once_and_go_out_sealed_or_not(house, tmp_path):
    house.done("import", "catalog", house.write("catalog", catalog()))
    calls = shoppers()
    first, second = calls[: SHOPPER_EVENTS // 2], calls[SHOPPER_EVENTS // 2 :]
    report = house.done("import", "events", house.write("first", first), "--json").json
    assert (report["read"], report["stored"], report["duplicates"], report["refused"]) == (
        len(first), len(first), 0, [],
    )  # fmt: skip
    assert house.done("seal").out == f"{len(first)} events sealed\n"
    report = house.done("import", "events", house.write("all", calls), "--json").json
    assert (report["stored"], report["duplicates"]) == (len(second), len(first))
    plain, table = tmp_path / "events.jsonl", tmp_path / "events.parquet"
    assert house.done("export", "events", plain).out == f"{SHOPPER_EVENTS} rows in {plain}\n"
    assert house.done("export", "events", table).out == f"{SHOPPER_EVENTS} rows in {table}\n"
    ids = {call["messageId"] for call in calls}
    told = lines(plain)
    assert len(told) == SHOPPER_EVENTS
    assert {event.get("message_id", event.get("messageId")) for event in told} == ids
    assert set(pq.read_table(table)["message_id"].to_pylist()) == ids


@pytest.mark.parametrize("name", ["people.jsonl", "people.parquet"])
def test_people_go_out(stocked, tmp_path, name):
    out = tmp_path / name
    assert stocked.done("export", "people", out).out == f"{SHOPPERS} rows in {out}\n"
    rows = lines(out) if name.endswith("jsonl") else pq.read_table(out).to_pylist()
    assert len(rows) == SHOPPERS
    text = json.dumps(rows, default=str)
    assert all(f"device-{who}" in text for who in range(SHOPPERS))


def test_the_format_may_be_said(stocked, tmp_path):
    stocked.done("export", "catalog", tmp_path / "file", "--format", "parquet")
    assert pq.read_table(tmp_path / "file").num_rows == PRODUCTS


def test_a_gzipped_table_with_a_mapping(stocked, tmp_path):
    table = tmp_path / "orders.csv.gz"
    with gzip.open(table, "wt") as file:
        file.write("no,what,n,when,price,who\n")
        file.write("x-1,p2,1,2026-01-05 10:00:00,300.00,carl\nx-1,p4,2,2026-01-05 10:00:00,500.00,carl\n")
        file.write("x-2,p2,1,yesterday,300.00,carl\n")
    mapping = tmp_path / "orders.toml"
    mapping.write_text(
        '[columns]\nno="order_id"\nwhat="item_id"\nn="quantity"\nwhen="timestamp"\nprice="price"\nwho="user_id"\n'
        '[fixed]\ncurrency="SEK"\n[consent]\nanalytics=true\npersonalization=true\n'
    )
    report = stocked.done("import", "events", table, "--mapping", mapping, "--json").json
    assert (report["read"], report["stored"], report["refused_lines"]) == (3, 1, 1)
    assert (report["refused"][0]["line"], report["refused"][0]["field"]) == (4, "timestamp")
    assert stocked.done("people", "show", "user_id", "carl").json["identifiers"][0]["value"] == "carl"


def test_older_prices(stocked, tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text("id,market,price,from,until\np0-m,SE,150.00 SEK,2020-01-01,2020-03-01\n")
    report = stocked.done("import", "prices", path, "--json").json
    assert (report["read"], report["added"], report["refused"]) == (1, 1, [])
