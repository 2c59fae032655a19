"""Phrases: plurals, definite forms, compounds written together or not, and honest silence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expedit.catalog import Product, live_catalog, live_phrases, upsert
from expedit.catalog.phrases import Phrases, stem, stems_of

GOODS = (
    "Skaljacka Storm Röd Dam Skaljackor", "Dunjacka Herr", "Vandringskänga läder", "Trailsko", "Ull mössa",
    "Regnbyxa barn", "Tält två personer", "Ryggsäck 40L", "Flaske", "Ryggsekk dame",
)  # fmt: skip


def found(phrase: str, goods=GOODS) -> set[str]:
    answer = Phrases([tuple(stems_of(one)) for one in goods]).promised(phrase)
    return {goods[item].split()[0] for item in answer.items.tolist()}


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("jackor", {"Skaljacka", "Dunjacka"}), ("röda jackor", {"Skaljacka", "Dunjacka"}),
        ("jackets", {"Skaljacka", "Dunjacka"}), ("dunjackor herr", {"Dunjacka"}),
        ("herr dunjackan", {"Dunjacka"}), ("köp billiga skor", {"Trailsko"}),
        ("läderkängor", {"Vandringskänga"}), ("mössorna", {"Ull"}), ("regnbyxor till barn", {"Regnbyxa"}),
        ("tälten", {"Tält"}), ("RYGGSÄCKAR", {"Ryggsäck"}), ("ryggsekker", {"Ryggsekk"}),
        ("flasker", {"Flaske"}),
        ("regnjackor", {"Skaljacka", "Dunjacka"}), ("skaljackor xyz", {"Skaljacka"}),
        ("tält åtta hylsor", {"Tält"}), ("cykel", set()), ("och till", set()), ("", set()),
        ("<script>", set()),
    ],
)  # fmt: skip
def test_what_a_phrase_means(phrase, expected):
    assert found(phrase) == expected


def test_who_answers_more_of_it_is_graded_higher():
    goods = ("Dunjacka herr", "Dunjacka dam", "Mössa dam", "Vante")
    answer = Phrases([tuple(stems_of(one)) for one in goods]).promised("dunjacka dam")
    assert dict(zip(answer.items.tolist(), answer.grades.tolist(), strict=True)) == {0: 0.5, 1: 1.0, 2: 0.5}


@given(st.text(max_size=60))
def test_anything_may_be_searched_for(phrase):
    answer = Phrases([tuple(stems_of(one)) for one in GOODS]).promised(phrase)
    assert all(0.49 < grade <= 1 + 1e-9 for grade in answer.grades.tolist())
    assert answer.items.tolist() == sorted(set(answer.items.tolist()))


@given(st.from_regex(r"[a-zåäö]{1,20}", fullmatch=True))
def test_a_stem_is_the_beginning_of_its_word_and_long_enough(word):
    assert word.startswith(stem(word))
    assert len(stem(word)) >= min(len(word), 3)


def test_a_changed_title_is_found_at_once_and_the_old_one_no_more(shop):
    def sell(title):
        with shop.database.writing() as tx:
            upsert(tx, [Product("a", title), Product("b", "Vante")], shop.clock())
        live_catalog(shop).poll()

    sell("Kängor")
    phrases = live_phrases(shop)
    assert phrases.current().promised("känga").items.size == 1
    sell("Sandaler")
    assert phrases.current().promised("känga").items.size == 0
    assert phrases.current().promised("sandal").items.size == 1


def test_a_compound_without_products_is_answered_in_part_by_its_last_part():
    answer = Phrases([tuple(stems_of(one)) for one in GOODS]).promised("regnjackor")
    assert answer.grades.tolist() == [0.75, 0.75]
