"""`expedit init` makes a home, tells its keys once, and never half."""

import hashlib
import hmac
import stat

import pytest

from expedit.access import SCOPES, keys, signing_secret, user_hash
from expedit.core import SETTINGS, Settings, load_settings
from expedit.decisions import BUILT_IN, read_placements
from expedit.storage import differences, open_shop
from tests.app.houses import House, Ran, run


def test_a_home_has_everything_that_a_server_needs(house):
    names = {path.name for path in house.root.iterdir()} - {"expedit.sqlite-wal", "expedit.sqlite-shm"}
    database = set() if house.database_url else {"expedit.sqlite"}
    assert names == {
        "expedit.toml", "placements.toml", "secret.key", "log", "models", "decisions", "run", *database,
    }  # fmt: skip
    shop = open_shop(house.root)
    try:
        assert shop.database.dialect == ("postgresql" if house.database_url else "sqlite")
        assert differences(shop.database) == []
        assert shop.settings == Settings(markets={"SE": "SEK"}, locale="sv", database_url=house.database_url)
        assert {source.id: (source.kind, source.legal_basis) for source in keys(shop).sources()} == {
            "web": ("browser", "consent"), "server": ("server", "contract"), "till": ("till", "contract"),
        }  # fmt: skip
        for name, write_key in house.keys["write_keys"].items():
            source = keys(shop).caller("", write_key).source if name == "web" else None
            source = source or keys(shop).caller(f"Bearer {write_key}").source
            assert source is not None and source.id == name
        assert keys(shop).caller(f"Bearer {house.secret}").scopes == set(SCOPES)
        assert signing_secret(shop) == house.keys["signing_secret"]
        signed = hmac.new(house.keys["signing_secret"].encode(), b"anna", hashlib.sha256).hexdigest()
        assert user_hash(shop, "anna") == signed
    finally:
        shop.close()


def test_the_secret_is_the_owners_alone(tmp_path):
    house = House.make(tmp_path / "home")
    assert stat.S_IMODE((house.root / "secret.key").stat().st_mode) == 0o600
    assert len(bytes.fromhex((house.root / "secret.key").read_text())) == 32


def test_the_secret_api_key_is_stored_nowhere(tmp_path):
    house = House.make(tmp_path / "home")
    for path in house.root.rglob("*"):
        if path.is_file():
            assert house.secret.encode() not in path.read_bytes(), path


def test_two_homes_share_no_secret(tmp_path):
    one, other = House.make(tmp_path / "one"), House.make(tmp_path / "other")
    assert {one.secret, one.keys["signing_secret"], *one.keys["write_keys"].values()}.isdisjoint(
        {other.secret, other.keys["signing_secret"], *other.keys["write_keys"].values()}
    )


def test_for_people_every_key_is_whole_and_on_its_own_line(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    ran = run("init", "--home", tmp_path / "home")
    assert (ran.code, ran.err) == (0, "")
    listed = run("keys", "list", "--home", tmp_path / "home", "--json").json
    lines = {line.rsplit(maxsplit=1)[-1] for line in ran.out.splitlines()}
    told = {source["write_key"] for source in listed["sources"] if source["write_key"]}
    assert told and told <= lines
    assert sum(word.startswith("wk_") for word in lines) == len(listed["sources"])
    assert run("keys", "signing-secret", "--home", tmp_path / "home").out.strip() in lines
    assert sum(word.startswith("sk_") for word in lines) == 1
    assert f"Next: expedit import catalog FILE --home {tmp_path / 'home'}" in ran.out.splitlines()


def test_a_second_init_is_refused_and_changes_nothing(tmp_path):
    house = House.make(tmp_path / "home")
    before = {path: path.read_bytes() for path in house.root.rglob("*") if path.is_file()}
    ran = run("init", "--home", house.root)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"error Conflict: {house.root} is an expedit home already\n"
    assert {path: path.read_bytes() for path in house.root.rglob("*") if path.is_file()} == before


def test_the_settings_file_explains_every_setting_and_reads_back(tmp_path):
    house = House.make(tmp_path / "home", "--markets", "se:sek, NO:NOK", "--locale", "nb")
    text = (house.root / "expedit.toml").read_text()
    for setting in SETTINGS:
        assert f"# {setting.help}\n" in text
        lines = [line for line in text.splitlines() if line.lstrip("# ").startswith(f"{setting.name} = ")]
        assert len(lines) == 1, setting.name
        assert lines[0].startswith("#") is (setting.name not in {"markets", "locale"})
    chosen = Settings(markets={"SE": "SEK", "NO": "NOK"}, locale="nb")
    assert load_settings(text, {}) == chosen
    # Taking every # off the shown defaults gives the same settings.
    names = {setting.name for setting in SETTINGS}
    bare = "\n".join(
        line.removeprefix("# ") if line.removeprefix("# ").split(" = ")[0] in names else line
        for line in text.splitlines()
    )
    assert load_settings(bare, {}) == chosen


def test_the_placements_file_changes_nothing_until_it_is_edited(tmp_path):
    house = House.make(tmp_path / "home")
    assert read_placements((house.root / "placements.toml").read_text()) == read_placements("")
    assert set(read_placements("")) == {placement.name for placement in BUILT_IN}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--markets", "SE"), "error InvalidInput: --markets: 'SE' is not of the form SE:SEK,NO:NOK\n"),
        (
            ("--markets", "SE:KRONOR"),
            "error MoneyError: --markets: 'KRONOR' is not an ISO 4217 currency\n",
        ),
        (("--locale", "fi"), "error InvalidInput: --locale: choose from sv, nb, en\n"),
        (
            ("--database-url", "mysql://x"),
            "error SettingsError: database_url must start with sqlite:/// or postgresql://, not 'mysql'\n",
        ),
    ],
)
def test_a_wrong_choice_is_named_and_leaves_no_home(tmp_path, options, message):
    ran = run("init", "--home", tmp_path / "home", *options)
    assert ran == Ran(1, "", message)
    assert run("init", "--home", tmp_path / "home").code == 0


def test_a_database_that_does_not_answer_leaves_room_for_a_second_try(tmp_path):
    away = "postgresql://nobody@127.0.0.1:1/none"
    ran = run("init", "--home", tmp_path / "home", "--database-url", away)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("error Unavailable: ")
    assert run("init", "--home", tmp_path / "home").code == 0


def test_a_database_of_another_home_is_refused(tmp_path, new_postgres):
    url = new_postgres("taken")
    House.make(tmp_path / "one", database_url=url)
    ran = run("init", "--home", tmp_path / "other", "--database-url", url)
    assert ran.code == 1
    assert ran.err.startswith("error Conflict: ")
    assert not (tmp_path / "other" / "expedit.toml").exists()
