"""The doctor: each misconfiguration is found, explained and gone once it is mended."""

import shutil
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

import expedit.operations
from expedit.access import DEFAULT_CONSENT, Source, keys
from expedit.core import DAY, HOUR, MINUTE, Settings, evolve
from expedit.features import Feature, Health
from expedit.operations import Finding, examine, examine_shop, told
from expedit.operations.file_checks import file_system
from expedit.operations.readiness import readiness
from tests.app.houses import catalog
from tests.operations.homes import opened


@pytest.fixture
def migrated(shop):
    """A shop that is as it should be, as far as a test can make it so."""
    with shop.database.writing() as tx:
        tx.run("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL)")
        tx.run("DELETE FROM alembic_version")
        tx.run("INSERT INTO alembic_version VALUES (?)", (expedit.operations.newest_revision(),))
    keys(shop).add_source(Source("web", "browser", "wk_test", DEFAULT_CONSENT["browser"], "consent"))
    yield shop
    with shop.database.writing() as tx:
        tx.run("DROP TABLE alembic_version")


def codes(shop, settings: Settings | None = None) -> set[str]:
    if settings is not None:
        shop.settings = settings
    return {finding.code for finding in examine_shop(shop).findings}


def test_an_empty_shop_lacks_catalog_model_and_events(migrated):
    assert {"no_catalog", "no_model", "no_events", "not_serving", "no_backup"} <= codes(migrated)


SETTINGS = {
    "cookie_open": {"cookie_secure": False},
    "cookie_lost": {"shop_url": "http://shop.example"},
    "origin_star": {"allowed_origins": ["*"]},
    "origin_odd": {"allowed_origins": ["https://shop.example/"]},
    "origin_plain": {"allowed_origins": ["http://shop.example"]},
    "origin_missing": {"shop_url": "https://shop.example", "allowed_origins": ["https://shop.example"]},
    "no_holdout": {"holdout_share": 0.0},
    "large_holdout": {"holdout_share": 0.6},
    "no_exploration": {"explore_share": 0.0},
    "limits_crossed": {"max_event_bytes": 600_000},
    "events_before_profiles": {"events_days": 30},
    "events_before_builds": {"events_days": 300},
    "backup_nowhere": {"backup_hours": 24},
    "synchronous_normal": {"synchronous": "normal"},
}


@pytest.mark.parametrize("code", SETTINGS)
def test_settings_that_do_not_fit_are_found(code, migrated):
    good = Settings(
        shop_url="https://shop.example", allowed_origins=["https://shop.example", "https://www.shop.example"]
    )
    assert code not in codes(migrated, good)
    assert code in codes(migrated, evolve(good, **SETTINGS[code]))


def test_plain_http_on_this_machine_is_fine(migrated):
    found = codes(
        migrated, Settings(shop_url="http://localhost:3000", allowed_origins=["http://127.0.0.1:3000"])
    )
    assert not found & {"cookie_lost", "origin_plain", "origin_odd"}


def test_files_others_can_read_are_found(migrated):
    assert "secret_readable" not in codes(migrated)
    migrated.home.secret_path.chmod(0o644)
    assert "secret_readable" in codes(migrated)
    migrated.home.secret_path.chmod(0o600)
    migrated.home.settings_path.write_text('[storage]\ndatabase_url = "postgresql://u:p@h/d"\n')
    migrated.home.settings_path.chmod(0o640)
    (found,) = [one for one in examine_shop(migrated).findings if one.code == "secret_readable"]
    assert found.severity == "warning"
    assert found.values == {"path": str(migrated.home.settings_path), "mode": "640"}


def test_a_filling_disk_is_found_before_it_is_full(migrated, monkeypatch):
    def left(gigabytes: float):
        room = SimpleNamespace(free=int(gigabytes * (1 << 30)), total=100 << 30)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: room)

    left(50)
    assert not codes(migrated) & {"disk_full", "disk_tight"}
    left(3)
    assert "disk_tight" in codes(migrated)
    left(0.01)
    assert "disk_full" in codes(migrated)


def test_the_kind_of_a_file_system_is_that_of_the_longest_mount(tmp_path):
    mounts = tmp_path / "mounts"
    inner = tmp_path / "my shop"
    inner.mkdir()
    point = str(inner.resolve()).replace(" ", "\\040")
    mounts.write_text(f"/dev/root / ext4 rw 0 0\nserver:/x {point} nfs4 rw 0 0\nnone {point}2 tmpfs rw 0 0\n")
    assert file_system(inner / "home", str(mounts)) == "nfs4"
    assert file_system(tmp_path, str(mounts)) == "ext4"
    assert file_system(tmp_path, str(tmp_path / "nothing")) == ""


def test_what_happens_in_the_shop_is_looked_at(migrated, shop_clock, monkeypatch):
    from expedit.jobs.schedule import schedule

    now = shop_clock.now
    with migrated.database.writing() as tx:
        for letter in range(100):
            tx.run(
                "INSERT INTO dead_letters (at, source, body, field, reason, subjects)"
                " VALUES (?, 'web', '', '', '', '')",
                (letter,),
            )
        tx.run(
            "INSERT INTO events (xid, at, received, source, message_id, kind, subject, body)"
            " VALUES (0, ?, ?, 'web', 'm', 'page_view', '', ?)",
            (now, now - 60 * MINUTE, b""),
        )
        for day, source, count in ((0, "till", 5), (5, "web", 500)):
            from expedit.core import day_of

            tx.run(
                "INSERT INTO tracking_counts (day, source, fate, events) VALUES (?, ?, 'stored', ?)",
                (day_of(now - day * DAY), source, count),
            )
        schedule(tx, "seal", 60, now - 5 * HOUR)
        tx.run("UPDATE jobs SET error = 'Corrupt: the file is torn', finished = ?", (now,))
    readiness(migrated).beat()
    found = {one.code: one for one in examine_shop(migrated).findings}
    assert found["dead_letters"].severity == "warning"
    assert found["seal_late"].values == {"count": 1, "minutes": 60}
    assert found["source_silent"].values["source"] == "web"
    assert found["job_failed"].values == {"job": "seal", "error": "Corrupt: the file is torn"}
    assert found["jobs_late"].values == {"jobs": "seal"}
    assert "no_events" not in found
    assert "not_serving" not in found


def test_settings_of_postgresql_that_lose_data_are_found(migrated):
    found = {(one.code, one.values.get("setting")) for one in examine_shop(migrated).findings}
    # The test's own server runs without fsync.
    assert (("not_durable", "fsync") in found) == (migrated.database.dialect == "postgresql")


def test_a_clock_that_is_off_is_found_on_postgresql(migrated, shop_clock):
    # The standing clock of tests is in 2026; the database's is not.
    assert ("clock_skew" in codes(migrated)) == (migrated.database.dialect == "postgresql")


def test_features_speak_for_themselves(migrated):
    def health(_: object) -> list[Health]:
        return [Health("feed", "failing", "is broken", "/panel/feed"), Health("till", "ok", "is fine")]

    found = examine_shop(migrated, (Feature(name="made-up", health=health),)).findings
    (mine,) = [one for one in found if one.code == "feature"]
    assert (mine.severity, mine.values["says"], mine.href) == ("failing", "is broken", "/panel/feed")


def test_the_tables_of_another_version_are_found(migrated):
    for revision, code in (("0001", "schema_older"), ("9999", "schema_newer")):
        with migrated.database.writing() as tx:
            tx.run("UPDATE alembic_version SET version_num = ?", (revision,))
        found = codes(migrated)
        assert code in found
        assert "no_catalog" not in found  # no question to tables that may not be there


def test_what_cannot_be_opened_is_explained_too(tmp_path, stocked):
    assert [one.code for one in examine(tmp_path / "nothing").findings] == ["no_home"]
    settings = stocked.root / "expedit.toml"
    good = settings.read_text()
    settings.write_text(good + "\n[shop2]\nx = 1\n")
    assert [one.code for one in examine(stocked.root).findings] == ["settings"]
    settings.write_text(good)
    away = examine(stocked.root, environ={"EXPEDIT_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"})
    assert "database_away" in {one.code for one in away.findings}
    (stocked.root / "secret.key").unlink()
    assert [one.code for one in examine(stocked.root).findings] == ["no_secret"]


def test_the_command_prints_and_exits_by_the_worst(stocked, monkeypatch):
    ran = stocked.run("doctor", "--json")
    found = {one["code"]: one for one in ran.json["findings"]}
    assert "no_catalog" not in found
    assert found["no_model"]["what"] == "No model was built yet."
    assert found["no_model"]["fix"].startswith("expedit build")
    assert ran.code == max(
        {"failing": 2, "warning": 1, "notice": 0}[one["severity"]] for one in found.values()
    )
    text = stocked.run("doctor")
    assert text.code == ran.code
    assert "No backups are made here" in text.out
    assert f"{ran.json['checks']} checks" in text.out


def test_every_finding_has_its_words_in_every_language():
    room = Path(expedit.operations.__file__).parent
    texts = tomllib.loads((room / "texts.toml").read_text())["finding"]
    named = set()
    for path in room.glob("*.py"):
        import ast

        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding" and node.args:
                first = node.args[0]
                assert isinstance(first, ast.Constant)
                named.add(first.value)
    assert named == set(texts)
    for code, parts in texts.items():
        assert set(parts) == {"what", "why", "fix"}, code
        for versions in parts.values():
            assert set(versions) == {"en", "sv", "nb"}, code


def test_a_finding_is_told_with_its_values():
    words = told(Finding("old_model", "warning", {"days": 9, "hours": 24}), "sv")
    assert words.what == "Modellen är 9 dagar gammal; den ska byggas var 24:e timme."


def test_the_report_of_sizes_adds_up(stocked):
    stocked.done("seal")
    found = stocked.done("home", "--json").json
    parts = {part["name"]: part for part in found["parts"]}
    size = sum(path.stat().st_size for path in stocked.root.rglob("*") if path.is_file())
    assert abs(found["total"] - size) < 100_000  # the database's own log comes and goes
    assert parts["event log"]["files"] == len(list((stocked.root / "log").rglob("*.*"))) > 3
    assert parts["event log"]["daily"] > 0
    assert found["days_left"] == found["free"] // found["daily"] > 1000
    rows = {one["name"]: one["rows"] for one in found["tables"]}
    shop = opened(stocked)
    assert rows["products"] == len(catalog())
    assert rows["profiles"] == shop.database.read_row("SELECT count(*) FROM profiles")[0]
    shop.close()
    assert "expedit.sqlite" not in {part["name"] for part in found["parts"]}
    assert "products" in stocked.done("home").out
