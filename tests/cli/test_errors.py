"""What goes wrong is said in one line that helps, with exit code 1 and without a traceback."""

import pytest

from tests.app.houses import House, Ran, run, shoppers


def no_home(root) -> str:
    return f"error NotFound: {root} is no expedit home; make one with: expedit init --home {root}\n"


@pytest.mark.parametrize(
    "words",
    [
        ("serve",), ("seal",), ("build",), ("recommend", "home-new"), ("keys", "list"), ("models", "list"),
        ("models", "rollback"), ("people", "show", "user_id", "x"), ("export", "people", "x.jsonl"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_without_a_home(tmp_path, words):
    root = tmp_path / "nowhere"
    assert run(*words, "--home", root) == Ran(1, "", no_home(root))
    assert not root.exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[shop]\nlocal = 'sv'\n", "expedit.toml: no setting is called [shop] local"),
        ("[web]\nlocale = 'sv'\n", "expedit.toml: no setting is called [web] locale"),
        ("locale = 'sv'\n", "expedit.toml: 'locale' stands outside a [section]"),
        (
            "[profiles]\nprofile_days = 'many'\n",
            "expedit.toml: profile_days must be a whole number, not 'many'",
        ),
        (
            "[storage]\nsynchronous = 'off'\n",
            "expedit.toml: synchronous must be one of full, normal, not 'off'",
        ),
        ("[shop\n", "expedit.toml is not valid TOML: "),
    ],
)
def test_a_wrong_setting_is_named(stocked, text, message):
    (stocked.root / "expedit.toml").write_text(text)
    ran = stocked.run("keys", "list")
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert ran.err.startswith(f"error SettingsError: {message}")


def test_a_wrong_variable_is_named(stocked, monkeypatch):
    monkeypatch.setenv("EXPEDIT_PROFILE_DAYS", "many")
    assert stocked.run("seal") == Ran(
        1, "", "error SettingsError: EXPEDIT_PROFILE_DAYS must be a whole number, not 'many'\n"
    )


def test_a_database_that_is_away(stocked, monkeypatch):
    monkeypatch.setenv("EXPEDIT_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    ran = stocked.run("seal")
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert ran.err.startswith("error Unavailable: PostgreSQL did not answer: ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("people", "show", "user_id", "nobody"), "error NotFound: nobody is known by this user_id\n"),
        (
            ("people", "erase", "user_id", "nobody", "--yes"),
            "error NotFound: nobody is known by this user_id\n",
        ),
        (("people", "export", "shoe_size", "42"), "error InvalidInput: kind: must be one of anonymous_id, "),
        (("people", "undo-merge", "nothing"), "error NotFound: "),
        (("recommend", "nowhere"), "error NotFound: "),
        (("recommend", "home-new", "--market", "DK"), "error InvalidInput: context.market: "),
        (
            ("models", "rollback", "nothing"),
            "error NotFound: no model version 'nothing'; expedit models list",
        ),
        (("models", "rollback"), "error NotFound: "),
        (("models", "publish", "nothing"), "error NotFound: "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_not_there(stocked, words, message):
    ran = stocked.run(*words)
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1), ran
    assert ran.err.startswith(message)


def test_exporting_to_a_folder_that_is_not_there(stocked, tmp_path):
    folder = tmp_path / "none"
    assert stocked.run("export", "events", folder / "x.jsonl") == Ran(
        1, "", f"error NotFound: there is no folder {folder} to write in\n"
    )
    ran = stocked.run("export", "shoes", tmp_path / "x.jsonl")
    assert (ran.code, ran.out) == (2, "")
    assert "choose events, people, catalog" in ran.err
    ran = stocked.run("export", "events", tmp_path / "x.jsonl", "--format", "xml")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("error InvalidInput: format: ")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("x.")] == []


def test_importing_what_cannot_be_read(stocked, tmp_path):
    ran = stocked.run("import", "events", tmp_path / "none.jsonl")
    assert ran.code == 2
    assert "does not exist" in " ".join(ran.err.split())
    path = stocked.write("events", shoppers()[:1])
    ran = stocked.run("import", "events", path, "--source", "fax")
    assert ran == Ran(1, "", "error NotFound: no source is called 'fax'; known are: server, till, web\n")
    binary = tmp_path / "picture.png"
    binary.write_bytes(bytes(range(256)))
    for what in ("catalog", "events"):
        ran = stocked.run("import", what, binary)
        assert "Traceback" not in ran.err
        assert (ran.code, ran.err.count("\n")) == (1, 1), ran


def test_two_workers_on_sqlite(tmp_path):
    house = House.make(tmp_path / "home")
    assert house.run("serve", "--workers", "3") == Ran(
        1,
        "",
        "error SettingsError: --workers 3 needs PostgreSQL (set database_url): processes that write one "
        "SQLite file starve each other\n",
    )


def test_writing_while_another_command_writes(tmp_path):
    house = House.make(tmp_path / "home")
    from expedit.storage import Home

    lock = Home(house.root).try_lock()
    try:
        ran = house.run("seal")
        assert ran == Ran(
            1,
            "",
            f"error Unavailable: another expedit command is writing in {house.root}; wait until it is done\n",
        )
        ran = house.run("serve")
        assert ran == Ran(
            1, "", f"error Conflict: another process is serving {house.root} or writing in it\n"
        )
    finally:
        lock.close()
    assert house.run("seal").code == 0
