"""What comes from outside meets a parser that reads it or says what is wrong with it, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expedit.core import ExpeditError
from tests.security.parsers import Parser, parsers

PARSERS = tuple(parsers())


@st.composite
def spoiled(draw: st.DrawFn, seeds: tuple[bytes, ...]) -> bytes:
    """Good input with pieces cut out, doubled, overwritten or put in."""
    body = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(body)))
        end = draw(st.integers(start, min(len(body), start + 20)))
        piece = draw(
            st.binary(max_size=8)
            | st.sampled_from(
                [b"\x00", b"\xff\xfe", b"[" * 3000, b"{}", b"null", b"9" * 400, b"1e999", b"-0", b'"']
            )
            | st.just(bytes(body[start:end]) * 2)
        )
        body[start:end] = piece
    return bytes(body)


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_a_parser_reads_what_is_good(parser: Parser) -> None:
    for seed in parser.seeds:
        try:
            parser.read(seed)
        except ExpeditError as error:
            assert parser.name in {"money", "time", "page cursor", "feed file"}, error


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_a_parser_answers_or_complains(parser: Parser) -> None:
    @settings(max_examples=300, deadline=None)
    @given(spoiled(parser.seeds) | st.binary(max_size=200))
    def hold(body: bytes) -> None:
        try:
            parser.read(body)
        except ExpeditError as error:
            assert str(error)

    hold()
