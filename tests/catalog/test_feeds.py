"""Files of every kind are taken apart row by row, and hostile ones are refused."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import Any

import pytest

from expedit.catalog.feeds import FeedRow, feed_rows, open_feed
from expedit.catalog.mapping import Columns, read_mapping
from expedit.core import InvalidInput

ATOM = """<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
  <title>Shop</title><link rel="self" href="https://shop.example"/><updated>2026-01-01T00:00:00Z</updated>
  <entry>
    <g:id>TV_123</g:id><id>tag:shop.example,2026:1</id>
    <title>Lykta</title><g:title>Lykta, stor</g:title>
    <summary>Lyser länge.</summary>
    <link href="https://shop.example/lykta"/>
    <g:price>159.00 SEK</g:price><g:custom_label_0>vinter</g:custom_label_0>
    <updated>2026-01-01T00:00:00Z</updated>
  </entry>
</feed>"""

BOMB = """<?xml version="1.0"?>
<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<rss><channel><item><id>1</id><title>&b;</title></item></channel></rss>"""


def rows(data: bytes, chosen: str | None = None, mapping: dict[str, str] | None = None) -> list[FeedRow]:
    return list(feed_rows(io.BufferedReader(io.BytesIO(data)), Columns(mapping), chosen))  # type: ignore[arg-type]


def values(data: bytes, **options: Any) -> list[dict[str, Any]]:
    return [row.values for row in rows(data, **options)]


def test_atom_with_merchants_names_first() -> None:
    assert rows(ATOM.encode()) == [
        FeedRow(
            4,
            {
                "id": "TV_123",
                "title": "Lykta, stor",
                "description": "Lyser länge.",
                "link": "https://shop.example/lykta",
                "price": "159.00 SEK",
                "custom_label_0": "vinter",
            },
        )
    ]


def test_elements_may_be_mapped() -> None:
    data = b"<rss><channel><item><artnr>1</artnr><namn>A</namn><x>y</x></item></channel></rss>"
    mapping = {"artnr": "id", "Namn": "title", "x": ""}
    assert values(data, mapping=mapping) == [{"id": "1", "title": "A"}]
    assert values(data, mapping=mapping, chosen="merchant-xml") == [{"id": "1", "title": "A"}]


@pytest.mark.parametrize("cut", [3, 40, 200, 400])
def test_xml_in_pieces_is_the_same(cut: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = rows(ATOM.encode())
    monkeypatch.setattr("expedit.catalog.markup._CHUNK", cut)
    assert rows(ATOM.encode()) == whole


@pytest.mark.parametrize(
    "data",
    [
        BOMB,
        '<?xml version="1.0"?><!DOCTYPE rss SYSTEM "file:///etc/passwd"><rss/>',
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><item><id>&x;</id></item></rss>',
    ],
)
def test_document_types_are_refused(data: str) -> None:
    with pytest.raises(InvalidInput, match="document type"):
        rows(data.encode())


def test_xml_that_is_no_feed() -> None:
    with pytest.raises(InvalidInput, match="'html', not rss or feed"):
        rows(b"<html><body>Not found</body></html>")
    with pytest.raises(InvalidInput, match="breaks at line 2: mismatched tag"):
        rows(b"<rss><channel><item><id>1</id></item>\n</oops></rss>")
    with pytest.raises(InvalidInput, match="undefined entity"):
        rows(b"<rss><item><id>&nbsp;</id></item></rss>")
    with pytest.raises(InvalidInput, match="nests deeper"):
        rows(b"<rss>" + b"<a>" * 40)


def test_an_item_that_is_too_long_is_refused_alone() -> None:
    long = "x" * (1 << 21)
    data = f"<rss><item><id>1</id><d>{long}</d></item><item><id>2</id></item></rss>".encode()
    found = rows(data)
    assert [row.values for row in found] == [{}, {"id": "2"}]
    assert found[0].problem == "is longer than 1048576 characters"


def test_tsv_with_a_byte_order_mark_and_spaced_names() -> None:
    data = "\ufeffid\tTitle\tImage Link\tg:gtin\n1\tMössa, röd\thttps://x/1.jpg\t\n".encode()
    assert rows(data) == [
        FeedRow(2, {"id": "1", "title": "Mössa, röd", "image_link": "https://x/1.jpg", "gtin": ""})
    ]


def test_quoted_cells_may_hold_lines_and_separators() -> None:
    data = b'id,title\n1,"a, ""b""\nc"\n\n2,d\n'
    assert rows(data) == [
        FeedRow(2, {"id": "1", "title": 'a, "b"\nc'}),
        FeedRow(5, {"id": "2", "title": "d"}),
    ]


def test_a_line_in_another_encoding_is_refused_alone() -> None:
    good = "".join(f"{i};Mössa\n" for i in range(9_000))
    data = ("id;title\n" + good).encode() + "x;Mössa\n".encode("cp1252") + b"y;ok\n"
    found = rows(data)
    assert [row.problem for row in found[-2:]] == ["is not valid utf-8", ""]
    assert found[-1].values == {"id": "y", "title": "ok"}


def test_broken_json_lines_are_refused_alone() -> None:
    data = b'{"id": "1"}\n\n{"id": \n[1]\n{"ID": "2", "Image Link": "x"}\n'
    found = rows(data)
    assert [(row.line, row.values, bool(row.problem)) for row in found] == [
        (1, {"id": "1"}, False),
        (3, {}, True),
        (4, {}, True),
        (5, {"id": "2", "image_link": "x"}, False),
    ]


def test_a_json_list_is_fine_too() -> None:
    assert values(b'\n [{"id": "1"}, {"id": "2"}]') == [{"id": "1"}, {"id": "2"}]
    with pytest.raises(InvalidInput, match="not a JSON list"):
        rows(b'[{"id": "1"}, 5]')


def test_tables_that_cannot_be_meant() -> None:
    with pytest.raises(InvalidInput, match="two columns mean title"):
        rows(b"id,title,Title\n1,a,b\n")
    with pytest.raises(InvalidInput, match="none of xml"):
        rows(b"id,title\n", chosen="xlsx")


def test_gzip_that_lies_or_ends(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"id,title\n" + b"0" * (64 << 20)))
    source = open_feed(path)
    with source.raw, source.file, pytest.raises(InvalidInput, match=r"200 times its size|longer than"):
        list(feed_rows(source.file, Columns()))
    path.write_bytes(gzip.compress(b"id,title\n" + b"1,a\n" * 8_000_000))
    source = open_feed(path)
    with source.raw, source.file, pytest.raises(InvalidInput, match="200 times its size"):
        while source.file.read(1 << 20):
            pass
    path.write_bytes(gzip.compress(b"id,title\n" + b"1,a\n" * 1000)[:-12])
    source = open_feed(path)
    with source.raw, source.file, pytest.raises(InvalidInput, match="gzip data is broken"):
        list(feed_rows(source.file, Columns()))


def test_a_mapping_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "columns.toml"
    path.write_text('[columns]\n"Art. nr" = "id"\n"Pris Norge" = "price[NO]"\n', encoding="utf-8")
    columns = read_mapping(path)
    assert columns.renamed({"art. NR": 1, "Pris Norge": 2, "Färg": 3}) == {"id": 1, "price[NO]": 2, "färg": 3}
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_mapping(tmp_path / "none.toml")
    path.write_text("[other]\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"no \[columns\] table"):
        read_mapping(path)
    path.write_text("columns = [", encoding="utf-8")
    with pytest.raises(InvalidInput, match="not valid TOML"):
        read_mapping(path)
