"""Backups: complete, checked, restorable on either database, and nobody erased comes back."""

import json
import shutil
from pathlib import Path

import pytest

from expedit.app import erase_person
from expedit.core import DAY, Conflict, Corrupt, InvalidInput, NotFound
from expedit.events import append, count_events, read_events
from expedit.operations import (
    back_up,
    keep_erasures,
    list_backups,
    prune_backups,
    read_erasures,
    read_manifest,
    restore,
)
from expedit.operations.backups import Manifest, write_manifest
from expedit.profiles import find_person
from expedit.storage import open_shop
from tests.app.houses import House
from tests.operations.homes import ERASED, opened, sums

ALIVE = "device-2"
VIEWED = {"product_id": "p1"}


def backed_up(house: House, folder: Path) -> Path:
    shop = opened(house)
    try:
        return Path(back_up(shop, folder).path)
    finally:
        shop.close()


def files_of(root: Path) -> dict[str, bytes]:
    """Return every file of a home that a backup holds, but its tables."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for folder in ("log/events", "log/items", "decisions", "models")
        for path in sorted((root / folder).rglob("*"))
        if path.is_file()
    } | {name: (root / name).read_bytes() for name in ("placements.toml", "secret.key")}


@pytest.mark.parametrize("onto", ["sqlite", "postgresql"])
def test_what_comes_back_is_what_was_there_to_the_byte(lived_in, onto, tmp_path, new_postgres):
    source = backed_up(lived_in, tmp_path / "backups")
    url = "" if onto == "sqlite" else new_postgres(f"back_{'pg' if lived_in.database_url else 'lite'}")
    done = restore(source, tmp_path / "restored", database_url=url, erase=erase_person)
    fresh = House(tmp_path / "restored", lived_in.keys, url)
    before = sums(lived_in)
    assert sums(fresh) == before
    assert done.rows == sum(one.rows for one in before.values())
    assert files_of(fresh.root) == files_of(lived_in.root)
    assert before["events"].rows == 27  # three of the late ones were of somebody erased
    assert before["dead_letters"].rows == 1
    assert before["erased_subjects"].rows >= 1
    assert len([name for name in files_of(fresh.root) if name.startswith("decisions/")]) >= 1
    assert (fresh.root / "secret.key").stat().st_mode & 0o777 == 0o600
    # It lives: the log reads as before, and what comes next gets numbers that were never given out.
    one, other = opened(lived_in), opened(fresh)
    try:
        assert list(read_events(other)) == list(read_events(one))
        event = next(iter(read_events(other)))
        seqs = []
        for shop in (one, other):
            with shop.database.writing() as tx:
                append(tx, [event])
                seqs.append(tx.row("SELECT max(seq) FROM events")[0])
                tx.run("DELETE FROM events WHERE seq = ?", (seqs[-1],))
        assert seqs[0] == seqs[1] > 27
    finally:
        one.close()
        other.close()


def test_the_command_line_backs_up_and_restores(stocked, tmp_path):
    made = stocked.done("backup", tmp_path / "backups", "--json").json
    manifest = read_manifest(Path(made["path"]))
    assert made["bytes"] == manifest.bytes > 1000
    ran = House(tmp_path / "again").done("restore", made["path"], "--json")
    assert ran.json["rows"] == made["rows"]
    assert sums(House(tmp_path / "again")) == sums(stocked)
    refused = House(tmp_path / "again").run("restore", made["path"])
    assert refused.err == f"error Conflict: {tmp_path / 'again'} is not empty; restore into a new folder\n"


def test_a_backup_of_a_running_server_holds_all_that_was_acknowledged(stocked, tmp_path):
    with stocked.serving() as site:
        for number in range(50):
            site.track(
                "Product Viewed", {"anonymousId": "a", "messageId": f"during-{number}"}, properties=VIEWED
            )
        made = stocked.done("backup", tmp_path / "backups", "--json").json
        site.track("Product Viewed", {"anonymousId": "a", "messageId": "after"}, properties=VIEWED)
    House(tmp_path / "again").done("restore", made["path"])
    shop = open_shop(tmp_path / "again")
    seen = {event.message_id for event in read_events(shop)}
    shop.close()
    assert {f"during-{number}" for number in range(50)} <= seen
    assert "after" not in seen


def damage(source: Path, how: str) -> None:
    victim = source / "tables" / "subjects.parquet"
    if how == "changed":
        body = bytearray(victim.read_bytes())
        body[len(body) // 2] ^= 1
        victim.write_bytes(body)
    elif how == "missing":
        victim.unlink()
    else:
        victim.write_bytes(victim.read_bytes()[:-10])


@pytest.mark.parametrize("how", ["changed", "missing", "cut short"])
def test_a_damaged_backup_is_refused_and_leaves_nothing(stocked, tmp_path, how):
    source = backed_up(stocked, tmp_path / "backups")
    damage(source, how)
    with pytest.raises(Corrupt, match=r"subjects\.parquet is missing or not as it was backed up"):
        restore(source, tmp_path / "restored", erase=erase_person)
    assert not (tmp_path / "restored").exists()


def test_an_unfinished_backup_is_none(stocked, tmp_path):
    source = backed_up(stocked, tmp_path / "backups")
    (source / "manifest.json").unlink()
    assert list_backups(tmp_path / "backups") == []
    with pytest.raises(NotFound, match="no finished backup"):
        restore(source, tmp_path / "restored", erase=erase_person)


def test_it_is_not_restored_over_rows(stocked, tmp_path, new_postgres):
    source = backed_up(stocked, tmp_path / "backups")
    url = new_postgres("taken")
    House.make(tmp_path / "other", database_url=url)
    with pytest.raises(Conflict, match="holds rows already"):
        restore(source, tmp_path / "restored", database_url=url, erase=erase_person)
    assert not (tmp_path / "restored").exists()


def test_a_backup_does_not_lie_in_its_home(stocked):
    shop = opened(stocked)
    with pytest.raises(InvalidInput, match="inside the home"):
        back_up(shop, stocked.root / "backups")
    shop.close()


def test_nobody_who_was_erased_comes_back(stocked, tmp_path):
    """Somebody is erased after the backup was made; the list beside the backups remembers it."""
    source = backed_up(stocked, tmp_path / "backups")
    stocked.done("people", "erase", "anonymous_id", ALIVE, "--yes")
    shop = opened(stocked)
    erased_at = shop.database.read_row("SELECT max(at) FROM erased_subjects")[0]
    keep_erasures(shop, tmp_path / "backups")
    shop.close()
    done = restore(source, tmp_path / "restored", erase=erase_person)
    assert done.erased >= 1
    fresh = opened(House(tmp_path / "restored"))
    with pytest.raises(NotFound):
        find_person(fresh, "anonymous_id", ALIVE)
    assert find_person(fresh, "anonymous_id", "device-3")
    subjects = {subject for (subject,) in fresh.database.read_rows("SELECT subject FROM erased_subjects")}
    assert subjects
    assert not any(subjects & set(event.subjects) for event in read_events(fresh))
    # As of the moment of the erasure: what the same device does later is its own.
    assert fresh.database.read_row("SELECT max(at) FROM erased_subjects")[0] == erased_at
    fresh.close()
    # The same history, imported again, does not bring them back either.
    again = House(tmp_path / "restored", stocked.keys)
    history = stocked.root.parent.glob("*shoppers.jsonl")
    for path in history:
        again.done("import", "events", path)
    fresh = opened(again)
    assert not any(subjects & set(event.subjects) for event in read_events(fresh))
    fresh.close()


def test_the_list_of_erasures_only_grows(stocked, tmp_path):
    shop = opened(stocked)
    erase_person(shop, find_person(shop, "anonymous_id", ERASED))
    count = keep_erasures(shop, tmp_path)
    known = read_erasures(tmp_path)
    assert count == len(known.subjects) >= 1
    with shop.database.writing() as tx:
        tx.run("DELETE FROM erased_subjects")
    assert keep_erasures(shop, tmp_path) == count
    assert read_erasures(tmp_path).subjects == known.subjects
    shop.close()


def test_backups_get_no_older_than_was_promised(tmp_path):
    now = 1_790_000_000_000_000
    for days in (0, 10, 29, 31, 40):
        folder = tmp_path / f"2026-09-{21 - days % 20:02d}T00-00-{days:02d}Z"
        folder.mkdir()
        write_manifest(folder, Manifest(1, "0", "0002", "sqlite", now - days * DAY, {}, {}, ()))
    (tmp_path / "holiday pictures").mkdir()
    gone = prune_backups(tmp_path, now, 30)
    assert len(gone) == 2
    assert [(now - one.at) // DAY for one in list_backups(tmp_path)] == [29, 10, 0]
    assert (tmp_path / "holiday pictures").exists()
    # The last one stays, whatever its age.
    prune_backups(tmp_path, now + 400 * DAY, 30)
    assert [(now - one.at) // DAY for one in list_backups(tmp_path)] == [0]


def test_a_backup_of_another_version_says_which(stocked, tmp_path):
    source = backed_up(stocked, tmp_path / "backups")
    manifest = json.loads((source / "manifest.json").read_text())
    (source / "manifest.json").write_text(json.dumps({**manifest, "revision": "0001", "version": "0.0.9"}))
    with pytest.raises(Conflict, match=r"made by expedit 0\.0\.9"):
        restore(source, tmp_path / "restored", erase=erase_person)


def test_files_that_change_meanwhile_are_held(stocked, tmp_path, monkeypatch):
    """What is pruned between the snapshot and the copy is in the backup all the same."""
    from expedit.operations import backing_up

    stocked.done("seal")
    write = backing_up._write_tables

    def slow(tx, target, progress):
        for path in (stocked.root / "log" / "events").rglob("*.parquet"):
            path.unlink()
        return write(tx, target, progress)

    monkeypatch.setattr(backing_up, "_write_tables", slow)
    source = backed_up(stocked, tmp_path / "backups")
    restore(source, tmp_path / "restored", erase=erase_person)
    shop = opened(House(tmp_path / "restored"))
    assert count_events(shop) > 100
    shop.close()
    assert not list((stocked.root / "run").glob("backup-*"))
    shutil.rmtree(source)
