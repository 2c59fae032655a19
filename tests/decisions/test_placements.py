"""placements.toml: built-ins, overlays, complaints that name the key, and the live copy."""

import os
import tomllib

import pytest

from expedit.core import SECOND, InvalidInput, evolve
from expedit.decisions.live_placements import PLACEMENTS, live_placements
from expedit.decisions.placements import BUILT_IN, LOCALES, Step
from expedit.decisions.placements_file import PlacementsFile, default_placements_file
from expedit.decisions.placements_reading import read_placements
from expedit.storage import Home, Shop

NAMES = [
    "home-bestsellers", "home-your-favorites", "home-season", "home-for-you", "home-new", "home-trending",
    "home-on-sale", "category-top", "product-similar", "product-looks-like", "product-upsell",
    "product-alternatives", "product-viewed-together", "product-bought-together", "product-complementary",
    "cart-addons", "cart-recently-viewed", "cart-reminders", "checkout-addons", "search-empty",
    "account-for-you", "account-buy-again", "account-new-for-you", "account-price-drops", "mail-for-you",
    "mail-reminders", "mail-buy-again", "mail-price-drops", "mail-after-purchase", "receipt",
    "receipt-care", "receipt-buy-again",
]  # fmt: skip


def test_every_shop_has_the_built_in_placements_in_three_languages():
    assert [placement.name for placement in BUILT_IN] == NAMES
    for placement in BUILT_IN:
        assert set(placement.titles) == set(LOCALES)
        assert all(placement.titles.values())


def test_the_default_file_changes_nothing_and_unchanged_lines_can_be_switched_on():
    text = default_placements_file()
    assert read_placements(text) == {placement.name: placement for placement in BUILT_IN}
    keys = ("title.", "ladder =", "fallback =", "filters =", "size =", "channel =", "personal =", "proof =")
    active = "\n".join(
        line.removeprefix("# ") if line.startswith("# ") and line[2:].startswith(keys) else line
        for line in text.splitlines()
    )
    assert len(tomllib.loads(active)["home-new"]) == 8
    assert read_placements(active) == read_placements("")


def test_a_file_changes_keys_of_a_built_in_and_adds_new_ones():
    found = read_placements(
        """
        [home-new]
        size = 12
        title.sv = "Färskt"
        selector = "#news"
        position = "after"
        pages = ["home"]
        [step-up]
        title = "Step up"
        ladder = [{ strategy = "similar", share = 0.5, scope = "category" }, "popular"]
        fallback = ""
        filters = ["in_stock", "same_category"]
        channel = "are"
        personal = false
        bought_days = 30
        proof = ["viewed"]
        [receipt]
        enabled = false
        """
    )
    assert set(found) == {*NAMES, "step-up"} - {"receipt"}
    new = found["home-new"]
    assert (new.size, new.titles["sv"], new.titles["nb"], new.ladder) == (
        12,
        "Färskt",
        "Nyheter",
        (Step("new"),),
    )
    assert (new.selector, new.position, new.pages) == ("#news", "after", ("home",))
    step_up = found["step-up"]
    assert step_up.titles == {"en": "Step up"}
    assert step_up.ladder == (Step("similar", 0.5, {"scope": "category"}), Step("popular"))
    assert step_up.steps() == step_up.ladder
    assert (step_up.filters, step_up.channel) == (("in_stock", "same_category"), "are")
    assert (step_up.personal, step_up.bought_days, step_up.size) == (False, 30, 4)
    assert (step_up.proof, new.proof) == (("viewed",), ("rating", "bought"))


@pytest.mark.parametrize(
    ("text", "field", "reason"),
    [
        ("[home-new]\nsize = 0", "home-new.size", "1 … 100"),
        ("[home-new]\nsize = 'many'", "home-new.size", "int"),
        ("[home-new]\nsise = 3", "home-new", "sise"),
        (
            "[home-new]\nladder = ['popular', 'magic']",
            "home-new.ladder[1].strategy",
            "'magic' is none of popular",
        ),
        ("[home-new]\nladder = [{ share = 1 }]", "home-new.ladder[0].strategy", "missing"),
        ("[home-new]\nladder = [{ strategy = 'new', share = 1.5 }]", "home-new.ladder[0].share", "at most 1"),
        ("[home-new]\nladder = [{ strategy = 'new', scope = [1] }]", "home-new.ladder[0].scope", "text"),
        (
            "[home-new]\nladder = [{ strategy = 'new', shop = 'a' }]",
            "home-new.ladder[0].shop",
            "no option of new",
        ),
        (
            "[home-new]\nladder = ['new', { strategy = 'upsell', max_ratio = 0.5 }]",
            "home-new.ladder[1].max_ratio",
            "1 … 10",
        ),
        ("[home-new]\nladder = []\nfallback = ''", "home-new.ladder", "empty"),
        ("[home-new]\nfilters = ['in_stock', 'x']", "home-new.filters[1]", "'x' is none of"),
        ("[home-new]\nfallback = 'magic'", "home-new.fallback", "magic"),
        ("[home-new]\npages = ['home', 'attic']", "home-new.pages[1]", "'attic' is none of home"),
        ("[home-new]\nposition = 'under'", "home-new.position", "append"),
        ("[home-new]\ntitle.fi = 'Uutta'", "home-new.title.fi", "sv, nb, en"),
        ("[home-new]\nbought_days = -1", "home-new.bought_days", "negative"),
        (
            "[home-new]\nselector = '<<<bad['",
            "home-new.selector",
            "is no CSS selector: it leaves a bracket open",
        ),
        ("[home-new]\nselector = 'div:::x >>'", "home-new.selector", "lacks a name after"),
        ("[mine]\nsize = 3", "mine.ladder", "needs one"),
        ("size = 3", "size", "outside"),
        ("[home-new", "placements.toml", "TOML"),
    ],
)
def test_a_complaint_names_the_key(text, field, reason):
    with pytest.raises(InvalidInput, match=reason) as caught:
        read_placements(text)
    assert caught.value.field == field


def test_titles_fall_back_by_language():
    (new,) = [placement for placement in BUILT_IN if placement.name == "home-new"]
    assert [new.title(locale) for locale in ("sv-SE", "nb", "en-GB", "de")] == [
        "Nyheter",
        "Nyheter",
        "New in",
        "New in",
    ]


def test_a_change_is_live_after_a_second_and_a_slip_keeps_the_last_good_file(tmp_path):
    home, now = Home(tmp_path), [0]
    live = PlacementsFile(home, lambda: now[0])
    assert live.current()["home-new"].size == 8

    def write(text: str, stamp: int) -> None:
        home.placements_path.write_text(text)
        os.utime(home.placements_path, ns=(stamp, stamp))

    write("[home-new]\nsize = 3", 1)
    now[0] += SECOND - 1
    assert live.current()["home-new"].size == 8
    now[0] += 1
    assert live.current()["home-new"].size == 3
    write("[home-new]\nsize = 0", 2)
    now[0] += SECOND
    assert live.current()["home-new"].size == 3
    assert live.complaint is not None
    assert live.complaint.field == "home-new.size"
    home.placements_path.unlink()
    now[0] += SECOND
    assert live.current()["home-new"].size == 8
    assert live.complaint is None


def test_a_broken_file_at_start_is_told_at_once(tmp_path):
    home = Home(tmp_path)
    home.placements_path.write_text("[home-new]\nsize = 0")
    with pytest.raises(InvalidInput, match="1 … 100"):
        PlacementsFile(home, lambda: 0)


def test_an_edition_of_the_panel_stands_above_the_file_until_it_is_given_back(shop):
    file, live = shop.home.placements_path, live_placements(shop)
    file.write_text("[home-new]\nsize = 3")
    mine = evolve(BUILT_IN[4], size=12)

    def put(step, *given):
        with shop.database.writing() as tx:
            edition = step(tx, *given, "Eva", shop.clock())
        shop.clock.advance(SECOND)
        return edition.version

    put(PLACEMENTS.save_in, "home-new", mine, 0)
    assert live.current()["home-new"].size == 3
    put(PLACEMENTS.publish_in, "home-new", 1)
    assert (live.current()["home-new"], live.of_file()["home-new"].size) == (mine, 3)
    assert live.current() is live.current()
    put(PLACEMENTS.retire_in, "home-new", evolve(mine, enabled=False), 2)
    assert "home-new" not in live.current()
    put(PLACEMENTS.undo_in, "home-new", 3)
    assert live.current()["home-new"].size == 12
    put(PLACEMENTS.archive_in, "home-new", 4)
    assert live.current()["home-new"].size == 3


def test_an_edition_that_no_longer_fits_leaves_the_files_placement_in_force(shop):
    gone = evolve(BUILT_IN[4], ladder=(Step("magic"),))
    with shop.database.writing() as tx:
        PLACEMENTS.save_in(tx, "home-new", gone, 0, "Eva", 1)
        PLACEMENTS.publish_in(tx, "home-new", 1, "Eva", 2)
    live = live_placements(shop)
    assert live.current()["home-new"] == BUILT_IN[4]
    assert live.refused["home-new"].field == "ladder[0].strategy"


def test_another_process_takes_a_published_edition_up_within_a_second(shop):
    another_process = Shop(shop.settings, shop.home, shop.database, shop.clock)
    assert live_placements(another_process).current()["home-new"].size == 8
    with shop.database.writing() as tx:
        PLACEMENTS.save_in(tx, "home-new", evolve(BUILT_IN[4], size=5), 0, "Eva", 1)
        PLACEMENTS.publish_in(tx, "home-new", 1, "Eva", 2)
    assert live_placements(another_process).current()["home-new"].size == 8
    shop.clock.advance(SECOND)
    assert live_placements(another_process).current()["home-new"].size == 5
