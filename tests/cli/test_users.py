"""Users of the panel on the command line."""

import re

import pytest

from expedit.access import find_login, sessions, users_of
from expedit.access.links import account_of_link
from expedit.access.signing_in import open_link
from expedit.cli.users import first_link
from expedit.core import NotFound
from expedit.storage import open_shop

LINK = re.compile(r"^(https?://[^/]+)/panel/set-up\?token=([\w-]{43})$")


@pytest.fixture
def opened(house):
    shop = open_shop(house.root)
    yield shop
    shop.close()


def link_in(printed):
    found = LINK.fullmatch(printed.strip())
    assert found, printed
    return found.groups()


def test_init_gives_a_link_to_become_the_first_user(house, opened):
    address, token = link_in(house.keys["panel_link"])
    assert address == "http://127.0.0.1:8000"
    open_link(opened, token, "elva grå hästar i dimma", email="anna@example.com", name="Anna")
    (anna,) = users_of(opened)
    assert (anna.email, anna.role, anna.ready) == ("anna@example.com", "admin", True)


def test_a_user_is_added_listed_reset_and_disabled(house, opened):
    ran = house.done(
        "users", "add", "Eva@example.com", "--name", "Eva Lind", "--role", "merchandiser", "--language", "nb",
        "--address", "https://expedit.example.com/",
    )  # fmt: skip
    address, first = link_in(ran.out)
    assert address == "https://expedit.example.com"
    (listed,) = house.done("users", "list", "--json").json
    assert {name: listed[name] for name in ("email", "name", "role", "language", "ready", "disabled")} == {
        "email": "eva@example.com", "name": "Eva Lind", "role": "merchandiser", "language": "nb",
        "ready": False, "disabled": False,
    }  # fmt: skip
    _, second = link_in(house.done("users", "reset", "eva@example.com").out)
    with pytest.raises(NotFound):
        account_of_link(opened, first)
    entrance = open_link(opened, second, "elva grå hästar i dimma")
    assert sessions(opened).viewer(entrance.token) is not None
    house.done("users", "add", "anna@example.com", "--role", "admin")
    assert house.done("users", "disable", "eva@example.com").out == "eva@example.com is locked out\n"
    assert sessions(opened).viewer(entrance.token) is None
    assert "locked out" in house.done("users", "list").out
    house.done("users", "disable", "eva@example.com", "--enable")
    eva = find_login(opened, "eva@example.com")
    assert eva is not None and not eva.disabled


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("add", "nobody"), "error InvalidInput: email: is no e-mail address"),
        (("add", "a@b.se", "--role", "king"), "error InvalidInput: role: choose from viewer, merchandiser"),
        (("reset", "a@b.se"), "error NotFound: no user signs in as a@b.se"),
        (("disable", "a@b.se"), "error NotFound: no user signs in as a@b.se"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(stocked, arguments, message):
    ran = stocked.run("users", *arguments)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(message)


def test_the_last_administrator_cannot_be_locked_out(stocked):
    stocked.done("users", "add", "anna@example.com", "--role", "admin")
    ran = stocked.run("users", "disable", "anna@example.com")
    assert (ran.code, ran.err) == (1, "error Conflict: somebody must stay administrator\n")


def test_a_first_user_is_asked_for_until_an_administrator_can_come_in(house, opened):
    """Also on a server that starts again and again: its log must not keep links that nobody needs."""
    assert first_link(house.root)
    house.done("users", "add", "vera@example.com")
    assert first_link(house.root)  # a viewer alone could add nobody
    house.done("users", "add", "anna@example.com", "--role", "admin")
    assert first_link(house.root) == ""
    with opened.database.writing() as tx:
        tx.run("UPDATE account_links SET until = 0 WHERE account <> ''")
    assert first_link(house.root)  # she let her link run out
    invited = link_in(house.done("users", "reset", "anna@example.com").out)[1]
    assert first_link(house.root) == ""
    open_link(opened, invited, "elva grå hästar i dimma")
    assert first_link(house.root) == ""
