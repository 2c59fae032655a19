"""Moving from SQLite to PostgreSQL by one command, with everything kept."""

import pytest

from expedit.core import Conflict, Corrupt, InvalidInput
from expedit.operations import move, moving
from expedit.operations.settings_files import with_database_url
from tests.app.houses import House, shoppers, shown
from tests.operations.homes import live_a_day, opened, sums


def test_everything_arrives_and_lives_on(stocked, new_postgres):
    live_a_day(stocked)
    before, url = sums(stocked), new_postgres("moved")
    with stocked.serving() as site:
        answer = shown(site.recommend("home-bestsellers", {"anonymousId": "device-2"}))
        busy = stocked.run("move", "--to", url)
        assert busy.err.startswith("error Conflict: a server or command works in")
    before = sums(stocked)
    ran = stocked.done("move", "--to", url)
    assert "moved and compared" in ran.out
    assert sums(stocked) == before  # expedit.toml names PostgreSQL now
    assert before["profiles"].rows > 30
    shop = opened(stocked)
    assert shop.database.dialect == "postgresql"
    assert shop.settings.database_url == url
    assert shop.home.settings_path.stat().st_mode & 0o777 == 0o600
    shop.close()
    with stocked.serving() as site:
        assert shown(site.recommend("home-bestsellers", {"anonymousId": "device-2"})) == answer
        who = {"anonymousId": "after-the-move"}
        site.track("Product Viewed", who, properties={"product_id": "p3"})
        assert shown(site.recommend("cart-recently-viewed", who))[0] == "p3"
        # The old events are known: sent once more, they count no second time.
        again = stocked.done("import", "events", stocked.write("again", shoppers()), "--json").json
        assert again["duplicates"] > 100
        assert again["stored"] == 0
    assert stocked.run("move", "--to", url).err == (
        "error Conflict: this installation is on PostgreSQL already\n"
    )


def test_an_interrupted_move_can_be_begun_again(stocked, new_postgres, monkeypatch):
    url, write = new_postgres("interrupted"), moving.write_table

    def breaks(tx, table, portions):
        if table.name == "products":
            raise OSError("the cable was pulled")
        return write(tx, table, portions)

    shop = opened(stocked)
    settings = shop.home.settings_path.read_text()
    monkeypatch.setattr(moving, "write_table", breaks)
    with pytest.raises(OSError, match="cable"):
        move(shop, url)
    assert shop.home.settings_path.read_text() == settings
    monkeypatch.undo()
    assert move(shop, url).tables["products"] == 24
    shop.close()


def test_what_does_not_arrive_whole_is_not_moved_to(stocked, new_postgres, monkeypatch):
    url, write = new_postgres("falsified"), moving.write_table

    def falsifies(tx, table, portions):
        done = write(tx, table, portions)
        if table.name == "products":
            tx.run("UPDATE products SET created = created + 1 WHERE id = 'p1'")
        return done

    shop = opened(stocked)
    settings = shop.home.settings_path.read_text()
    monkeypatch.setattr(moving, "write_table", falsifies)
    with pytest.raises(Corrupt, match="the table products did not arrive as it was sent"):
        move(shop, url)
    assert shop.home.settings_path.read_text() == settings
    shop.close()


def test_only_an_empty_postgresql_is_moved_to(stocked, new_postgres, tmp_path):
    taken = House.make(tmp_path / "other", database_url=new_postgres("has_a_home"))
    shop = opened(stocked)
    with pytest.raises(Conflict, match="holds rows already"):
        move(shop, taken.database_url)
    with pytest.raises(InvalidInput, match="must be the address of a PostgreSQL"):
        move(shop, "sqlite:////tmp/other.sqlite")
    shop.close()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '[storage]\ndatabase_url = "U"\n'),
        (
            '# hello\n[storage]\n# database_url = ""\n\n[shop]\n',
            '# hello\n[storage]\ndatabase_url = "U"\n\n[shop]\n',
        ),
        (
            '[storage]  # db\nsynchronous = "full"\n',
            '[storage]  # db\ndatabase_url = "U"\nsynchronous = "full"\n',
        ),
        ('[shop]\nlocale = "nb"\n', '[shop]\nlocale = "nb"\n\n[storage]\ndatabase_url = "U"\n'),
        ('[storage]\ndatabase_url = "postgresql://old"\n', '[storage]\ndatabase_url = "U"\n'),
    ],
    ids=["nothing", "commented", "section", "no section", "replaced"],
)
def test_one_line_of_the_settings_changes(before, after):
    url = 'postgresql://u:p"\\ss@h/db'
    written = after.replace("U", url.replace("\\", "\\\\").replace('"', '\\"'))
    assert with_database_url(before, url) == written
