"""Products that look alike: vectors with known neighbors, pictures with known answers, and the way in."""

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from expedit.catalog import (
    Offer,
    Product,
    Variant,
    import_catalog,
    live_catalog,
    looked_at,
    put_looks,
    read_looks,
    upsert,
)  # fmt: skip
from expedit.catalog.looks import read_embedding
from expedit.connections import Fetcher, FetchFailed, FetchRefused
from expedit.connections.fetching import Fetched
from expedit.core import InvalidInput, evolve, to_json
from expedit.events import seal
from expedit.recommendation import Query, build, candidates, empty_model, live_model, looking
from expedit.recommendation.feature import FEATURE
from expedit.recommendation.looking import Looker, looker
from expedit.recommendation.looks import GROUP, LEAST_ALIKE, NEAR, Space, look_alikes
from expedit.recommendation.neighbors import neighborhoods
from expedit.recommendation.pictures import look_of
from expedit.recommendation.training import looks_of


def unit(*rows):
    found = np.array(rows, np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def alone(n):
    return np.arange(n, dtype=np.int32)


def test_the_nearest_by_cosine_come_first():
    """At 0°, 10°, 30° and 100°: the last looks like none but the third."""
    turns = np.radians([0, 10, 30, 100])
    vectors = np.stack([np.cos(turns), np.sin(turns)], axis=1).astype(np.float32)
    found = look_alikes([Space(vectors, alone(4))], alone(4), 4)
    assert [found.of(item)[0].tolist() for item in range(4)] == [[1, 2], [0, 2], [1, 0, 3], [2]]
    assert found.of(0)[1] == pytest.approx(np.cos(np.radians([10, 30])), abs=1e-6)


def test_colors_of_one_style_are_no_neighbors_and_products_without_a_look_have_none():
    vectors = unit((1, 0), (1, 0.01), (1, 0.2))
    group = np.array([7, 1, 7, 3], np.int32)
    found = look_alikes([Space(vectors, np.array([0, 2, 3], np.int32))], group, 4)
    assert [found.of(item)[0].tolist() for item in range(4)] == [[3], [], [3], [2, 0]]


def test_of_equals_the_first_comes_first_and_no_row_is_longer_than_asked():
    found = look_alikes([Space(unit(*[(1, 1)] * 6), alone(6))], alone(6), 6, top=3)
    assert found.items.size == 18
    assert found.scores == pytest.approx(1) and found.scores.dtype == np.float32
    assert found.items.dtype == np.int32 and found.ptr.dtype == np.int64


def test_without_looks_there_are_no_neighbors():
    found = look_alikes([], alone(3), 3)
    assert (found.ptr.tolist(), found.items.size) == ([0, 0, 0, 0], 0)


def test_many_products_are_compared_with_those_of_near_groups():
    """Of 12,500 around 60 things nearly every true neighbor is found, though most were never compared."""
    chance = np.random.default_rng(5)
    things = chance.normal(size=(60, 16))
    vectors = things[chance.integers(0, 60, GROUP * NEAR + 2_500)]
    vectors = vectors + 0.2 * chance.normal(size=vectors.shape)
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    n = vectors.shape[0]
    found = look_alikes([Space(vectors, alone(n))], alone(n), n, top=10)
    right = 0
    for item in range(0, n, 250):
        scores = vectors @ vectors[item]
        scores[item] = -1
        right += len(set(np.argsort(-scores)[:10].tolist()) & set(found.of(item)[0].tolist()))
    assert right >= 0.95 * 10 * (n / 250)


@given(st.lists(st.tuples(*[st.floats(-1, 1, width=32)] * 3).filter(lambda v: any(abs(x) > 0.01 for x in v)),
                min_size=1, max_size=30))  # fmt: skip
def test_neighbors_are_those_of_counting_by_hand(rows):
    vectors = unit(*rows)
    n = len(rows)
    found = look_alikes([Space(vectors, alone(n))], alone(n), n, top=5)
    for item in range(n):
        items, scores = found.of(item)
        cosines = vectors @ vectors[item]
        others = [one for one in range(n) if one != item and cosines[one] >= LEAST_ALIKE]
        assert item not in items
        assert items.size == min(5, len(others)) or np.isclose(cosines, LEAST_ALIKE, atol=1e-5).any()
        assert scores == pytest.approx(np.minimum(cosines[items], 1), abs=1e-5)
        assert sorted(scores, reverse=True) == scores.tolist()
        best = sorted((float(cosines[one]) for one in others), reverse=True)[: items.size]
        assert scores == pytest.approx(best, abs=1e-5)


# ── embeddings ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("written", [[3, 4], "3 4", "[3.0, 4.0]", "3,4", [30.0, 40.0], ["3", "4"]])
def test_an_embedding_may_be_written_in_many_ways(written):
    assert read_embedding(written) == pytest.approx([0.6, 0.8])


@pytest.mark.parametrize("written", [None, "", []])
def test_no_embedding_is_none(written):
    assert read_embedding(written) is None


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ([1.0], "has 1 numbers; it must be 2 … 4096"),
        ([1.0] * 4097, "has 4097 numbers; it must be 2 … 4096"),
        ([1.0, "x"], "holds what is no number"),
        ([1.0, None], "holds what is no number"),
        ([1.0, True], "holds what is no finite number"),
        ([1.0, float("inf")], "holds what is no finite number"),
        ("1 nan", "holds what is no finite number"),
        ([0, 0.0], "is zero everywhere, which looks like nothing"),
        ({"a": 1}, "must be a list of numbers"),
    ],
)
def test_an_embedding_that_is_none_is_refused(written, reason):
    with pytest.raises(InvalidInput) as refused:
        read_embedding(written)
    assert (refused.value.field, refused.value.reason) == ("embedding", reason)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=8).filter(any))
def test_every_vector_is_kept_with_length_one(numbers):
    found = read_embedding(numbers)
    assert np.linalg.norm(found.astype(np.float64)) == pytest.approx(1, abs=1e-5)


def feed(path, rows):
    path.write_bytes(b"\n".join(to_json(row) for row in rows))
    return path


def row(name, embedding=None, **more):
    return {"id": name, "title": name, "price": "100 SEK", "embedding": embedding, **more}


@pytest.fixture
def mapped(shop, tmp_path):
    """A shop with four products and their embeddings, and one that has none."""
    rows = [row("a", [1, 0]), row("b", [1, 0.2]), row("c", [0, 1]), row("d", [0.3, 1]), row("e")]
    report = import_catalog(shop, feed(tmp_path / "feed.jsonl", rows))
    assert (report.added, report.refused) == (5, ())
    live_catalog(shop).poll()
    return shop


def kept(shop):
    return {
        name: (made_of, [round(float(one), 2) for one in vector])
        for name, made_of, vector in read_looks(shop.database)
    }


def test_embeddings_come_in_with_the_catalog_and_stay_when_a_row_has_none(mapped, tmp_path):
    before = kept(mapped)
    assert before == {"a": ("", [1, 0]), "b": ("", [0.98, 0.2]), "c": ("", [0, 1]), "d": ("", [0.29, 0.96])}
    rows = [
        row("a"),
        row("b", [0, 2]),
        row("f-1", [1, 1], item_group_id="f"),
        row("f-2", [9, 1], item_group_id="f"),
    ]
    import_catalog(mapped, feed(tmp_path / "next.jsonl", rows))
    assert kept(mapped) == {**before, "b": ("", [0, 1]), "f": ("", [0.71, 0.71])}


def test_embeddings_of_two_models_do_not_stand_in_one_file(mapped, tmp_path):
    rows = [row("a", [1, 0, 0]), row("b", [1, 0]), row("c", [0, 1, 0]), row("d", "1 x 2")]
    report = import_catalog(mapped, feed(tmp_path / "next.jsonl", rows))
    assert [(one.line, one.field, one.reason) for one in report.refused] == [
        (2, "embedding", "has 2 numbers, and the first of this file 3"),
        (4, "embedding", "holds what is no number"),
    ]
    spaces = looks_of(mapped, live_catalog(mapped).current())
    assert [(one.vectors.shape, one.items.tolist()) for one in spaces] == [((2, 2), [1, 3]), ((2, 3), [0, 2])]


def test_a_dry_import_keeps_nothing(shop, tmp_path):
    import_catalog(shop, feed(tmp_path / "feed.jsonl", [row("a", [1, 0])]), dry=True)
    assert kept(shop) == {}


def test_an_import_as_a_table_reads_a_text_of_numbers(shop, tmp_path):
    path = tmp_path / "feed.csv"
    path.write_text('id,title,price,embedding\na,A,100 SEK,"0.6, 0.8"\n')
    assert import_catalog(shop, path).refused == ()
    assert kept(shop) == {"a": ("", [0.6, 0.8])}


def asked(shop, *products, **more):
    model, snapshot = live_model(shop).current(), live_catalog(shop).current()
    places = tuple(snapshot.index[name] for name in products)
    found = candidates("visually_similar", model, snapshot, Query(products=places, market="SE", **more))
    name = snapshot.ids.__getitem__
    return [(name(item), name(because)) for item, because in zip(found.items, found.because, strict=True)]


def learned(shop):
    """Build and take up a model of what is known now."""
    seal(shop)
    build(shop, tune_seconds=0)
    live_model(shop).poll()


def test_new_products_have_neighbors_and_are_some_without_any_event(mapped):
    """Nobody has looked at or bought anything yet."""
    learned(mapped)
    assert asked(mapped, "a") == [("b", "a"), ("d", "a")]
    assert asked(mapped, "b") == [("a", "b"), ("d", "b")]  # c lies at 79°: too far
    assert asked(mapped, "c") == [("d", "c")]
    assert asked(mapped, "e") == []  # the ladder goes on
    assert asked(mapped, "c", "a") == [("d", "c"), ("b", "a")]


def test_a_model_from_before_there_were_looks_answers_nothing(mapped):
    snapshot = live_catalog(mapped).current()
    assert len(candidates("visually_similar", empty_model(), snapshot, Query(products=(0,)))) == 0


# ── pictures ────────────────────────────────────────────────────────────────────────────────────────────


def picture(shape, color, size=(200, 260), margin=0.15, kind="PNG", ground="white"):
    image = Image.new("RGB", size, ground)
    pen = ImageDraw.Draw(image)
    width, height = size
    left, top = int(width * margin), int(height * margin)
    box = (left, top, width - left, height - top)
    if shape == "disc":
        side = width - 2 * left
        pen.ellipse((left, (height - side) // 2, left + side, (height + side) // 2), fill=color)
    elif shape == "long":
        middle = width // 2
        pen.rectangle((middle - width // 12, box[1], middle + width // 12, box[3]), fill=color)
    else:
        pen.polygon([(width // 2, box[1]), (box[2], box[3]), (box[0], box[3])], fill=color)
    out = BytesIO()
    image.save(out, kind)
    return out.getvalue()


def test_the_same_thing_is_found_whatever_its_size_ground_and_format():
    shapes = {
        (shape, color): look_of(picture(shape, color))
        for shape in ("disc", "long", "tent") for color in ("#c02020", "#2040c0", "#208030", "#202020")
    }  # fmt: skip
    for shape, color in shapes:
        seen = look_of(picture(shape, color, (330, 300), 0.25, "JPEG", "#f0efe8"))
        best = max(shapes, key=lambda one: float(shapes[one] @ seen))
        assert best == (shape, color)


def test_color_and_shape_both_count():
    red_disc, red_long = look_of(picture("disc", "#c02020")), look_of(picture("long", "#c02020"))
    blue_disc, blue_long = look_of(picture("disc", "#2040c0")), look_of(picture("long", "#2040c0"))
    brick = look_of(picture("disc", "#b03028"))
    assert red_disc @ brick > red_disc @ red_long > red_disc @ blue_long
    assert red_disc @ brick > red_disc @ blue_disc > red_disc @ blue_long


def test_every_picture_gives_as_many_numbers_and_length_one():
    plain = BytesIO()
    Image.new("RGBA", (3, 900), (0, 0, 0, 0)).save(plain, "PNG")
    looks = [look_of(plain.getvalue()), look_of(picture("disc", "white")), look_of(picture("tent", "#888"))]
    assert len({look.size for look in looks}) == 1
    assert [float(np.linalg.norm(look)) for look in looks] == pytest.approx([1, 1, 1], abs=1e-6)


def test_what_is_no_picture_is_refused(monkeypatch):
    bitmap = BytesIO()
    Image.new("RGB", (4, 4)).save(bitmap, "BMP")
    for data in (b"", b"<svg/>", picture("disc", "red")[:80], bitmap.getvalue()):
        with pytest.raises(InvalidInput, match="cannot be read"):
            look_of(data)
    monkeypatch.setattr("expedit.recommendation.pictures.MOST_PIXELS", 10)
    with pytest.raises(InvalidInput, match="more than 10 pixels"):
        look_of(picture("disc", "red"))


@given(st.sampled_from(["PNG", "JPEG", "GIF", "WEBP"]), st.data())
def test_a_broken_picture_is_refused_or_seen_and_never_anything_else(kind, data):
    whole = bytearray(picture("disc", "red", (40, 50), kind=kind))
    for _ in range(data.draw(st.integers(0, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        look = look_of(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    except InvalidInput:
        return
    assert np.linalg.norm(look) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    "error",
    [EOFError(), IndexError(), struct.error(), zlib.error(), OSError(), Image.DecompressionBombError()],
)
def test_what_falls_through_the_reader_is_a_refusal_that_is_counted(pictured, monkeypatch, error):
    class Broken:
        def __enter__(self):
            raise error

        def __exit__(self, *_):
            return None

    Web(monkeypatch, **dict.fromkeys("abcdef", picture("disc", "red")))
    monkeypatch.setattr(Image, "open", lambda *_, **__: Broken())
    looking_at = Looker(pictured)
    assert looking_at.look(10) == 6
    assert looking_at.unreadable == 6
    assert list(read_looks(pictured.database)) == []


class Web:
    """Answers for the network, and remembers what was asked for."""

    def __init__(self, monkeypatch, **answers):
        self.answers = {f"https://shop.example/{name}.png": answer for name, answer in answers.items()}
        self.asked = []
        monkeypatch.setattr(Fetcher, "get", self.get)

    def get(self, url, **_):
        self.asked.append(url)
        answer = self.answers[url]
        if isinstance(answer, Exception):
            raise answer
        status, body = answer if isinstance(answer, tuple) else (200, answer)
        return Fetched(status, body=body)


@pytest.fixture
def pictured(shop):
    shop.settings = evolve(shop.settings, shop_url="https://shop.example", pictures_a_minute=10)
    put(shop, *"abcdef")
    return shop


def put(shop, *names, **changes):
    variants = {name: (Variant(name, offers=(Offer("SE", 100, "SEK"),)),) for name in names}
    products = [
        Product(name, name, **{"image_url": f"/{name}.png", "variants": variants[name], **changes})
        for name in names
    ]
    with shop.database.writing() as tx:
        upsert(tx, products, shop.clock())
    live_catalog(shop).poll()


def test_pictures_are_looked_at_once(pictured, monkeypatch):
    web = Web(
        monkeypatch, a=picture("disc", "red"), b=b"no picture", c=(404, b""), d=(503, b""),
        e=FetchFailed("it did not answer"), f=FetchRefused("url", "is private"), g=picture("long", "red"),
    )  # fmt: skip
    look = Looker(pictured)
    assert look.look(10) == 4
    assert len(web.asked) == 6
    assert list(kept(pictured)) == ["a"]  # what cannot be one is remembered, too, as nothing
    assert look.look(10) == look.look(10) == 0
    assert len(web.asked) == 6
    put(pictured, "a", image_url="/g.png")
    put(pictured, "b", retired=pictured.clock())
    assert look.look(10) == 1
    assert [url.rpartition("/")[2] for url in web.asked[6:]] == ["g.png", "d.png", "e.png"]
    assert kept(pictured)["a"][0] == "https://shop.example/g.png"


def test_no_more_pictures_than_allowed_and_no_longer_than_others_can_wait(pictured, monkeypatch):
    web = Web(monkeypatch, **dict.fromkeys("abcdef", picture("disc", "red")))
    look = Looker(pictured)
    assert look.look(2) == 2
    moments = iter([0.0, 0.0, 0.0, looking.SECONDS + 1])
    assert look.look(4, lambda: next(moments)) == 1
    assert look.look(10) == 3
    assert [url[-5] for url in web.asked] == list("abcdef")


def test_what_the_shop_gives_goes_before_pictures(pictured, monkeypatch):
    web = Web(monkeypatch, **dict.fromkeys("abcdef", picture("disc", "red")))
    with pictured.database.writing() as tx:
        put_looks(tx, {"a": read_embedding([1, 0])})
    assert Looker(pictured).look(10) == 5
    assert len(web.asked) == 5
    with pictured.database.writing() as tx:
        put_looks(tx, {"a": read_embedding([0, 1])}, {"a": "https://shop.example/a.png"})
        assert looked_at(tx, ["a", "nobody"]) == {"a": ""}
    pictures, given_ones = looks_of(pictured, live_catalog(pictured).current())
    assert (given_ones.vectors.tolist(), given_ones.items.tolist()) == ([[1, 0]], [0])
    assert pictures.items.tolist() == [1, 2, 3, 4, 5]


def test_one_embedding_does_not_switch_the_pictures_off(pictured, monkeypatch):
    """Neighbors are found within each space: of pictures, and of embeddings of either size."""
    discs = dict.fromkeys("abc", picture("disc", "red"))
    Web(monkeypatch, **discs, **dict.fromkeys("def", picture("long", "blue")))
    with pictured.database.writing() as tx:
        put_looks(tx, {"a": read_embedding([1, 0])})
    Looker(pictured).look(10)
    learned(pictured)
    assert asked(pictured, "a") == []
    assert asked(pictured, "b")[0] == ("c", "b")
    assert asked(pictured, "d")[:2] == [("e", "d"), ("f", "d")]
    assert "a" not in dict(asked(pictured, "b", "d"))
    with pictured.database.writing() as tx:
        put_looks(tx, {"f": read_embedding([1, 0.1]), "e": read_embedding([1, 0, 0])})
    learned(pictured)
    assert asked(pictured, "a") == [("f", "a")]
    assert asked(pictured, "e") == []
    assert not {"a", "e", "f"} & dict(asked(pictured, "b", "d")).keys()


def test_spaces_are_never_mixed():
    flat, deep = unit((1, 0), (1, 0.1)), unit((1, 0), (0.9, 0.1), (1, 0.02))
    spaces = [Space(flat, np.array([0, 3], np.int32)), Space(deep, np.array([1, 2, 4], np.int32))]
    found = look_alikes(spaces, alone(5), 5)
    assert [found.of(item)[0].tolist() for item in range(5)] == [[3], [4, 2], [4, 1], [0], [1, 2]]


def test_looking_is_a_job_that_is_off_unless_wanted(pictured, monkeypatch):
    web = Web(monkeypatch, **dict.fromkeys("abcdef", picture("disc", "red")))
    (job,) = (job for job in FEATURE.jobs if job.name == "look at pictures")
    assert job.every(pictured.settings) == 60
    pictured.settings = evolve(pictured.settings, pictures_a_minute=0)
    job.run(pictured, lambda *_: None)
    assert web.asked == []
    pictured.settings = evolve(pictured.settings, pictures_a_minute=4)
    job.run(pictured, lambda *_: None)
    assert len(web.asked) == 4
    assert looker(pictured).look(10) == 2


def test_an_address_inside_the_house_is_never_fetched(pictured):
    """By the real fetcher: remembered as nothing, so that it is not tried again and again."""
    put(pictured, "a", image_url="http://127.0.0.1:9/a.png")
    put(pictured, *"bcdef", retired=pictured.clock())
    assert Looker(pictured).look(10) == 1
    assert kept(pictured) == {}


def test_look_alikes_are_told_on_the_page_of_a_product(mapped):
    seal(mapped)
    build(mapped, tune_seconds=0)
    live_model(mapped).poll()
    model, snapshot = live_model(mapped).current(), live_catalog(mapped).current()

    def told(name):
        found = neighborhoods(model, snapshot, snapshot.index[name], "SE")
        return {
            one.kind: [snapshot.ids[near.item] for near in one.neighbors]
            for one in found
            if one.kind == "visually_similar"
        }

    assert told("a") == {"visually_similar": ["b", "d"]}
    assert told("e") == {}
