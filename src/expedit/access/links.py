"""Links that are good once: the first user makes themselves, others choose their password.

There is no mail yet: a link is printed in the terminal or shown to the administrator who made it. Its token
is kept as a digest.
"""

from __future__ import annotations

import hashlib
import secrets

from expedit.core import HOUR, NotFound
from expedit.storage import Shop, Transaction

SETUP_PATH = "/panel/set-up"
FIRST_USER = ""
"""The account of a link whose opener becomes the first administrator."""


def make_link(shop: Shop, account: str = FIRST_USER) -> str:
    """Return the token of a new link; for a user the earlier ones are void from now on."""
    with shop.database.writing() as tx:
        return make_link_in(tx, shop, account)


def make_link_in(tx: Transaction, shop: Shop, account: str = FIRST_USER) -> str:
    """Return the token of a new link, made inside a transaction."""
    now, token = shop.clock(), secrets.token_urlsafe(32)
    tx.run("DELETE FROM account_links WHERE until < ?", (now,))
    if account != FIRST_USER:
        tx.run("DELETE FROM account_links WHERE account = ?", (account,))
    tx.run(
        "INSERT INTO account_links (digest, account, until) VALUES (?, ?, ?)",
        (_digest(token), account, now + shop.settings.link_hours * HOUR),
    )
    return token


def link_path(token: str) -> str:
    """Return the address of a link, after that of the server."""
    return f"{SETUP_PATH}?token={token}"


def account_of_link(shop: Shop, token: str) -> str:
    """Return the account that a link is for (`FIRST_USER` for the first), without using it.

    Raises
    ------
    NotFound
        When it was used, ran out or never was.
    """
    row = shop.database.read_row(
        "SELECT account FROM account_links WHERE digest = ? AND until >= ?", (_digest(token), shop.clock())
    )
    if row is None:
        raise NotFound("this link was used already, or has run out; ask for a new one")
    return str(row[0])


def use_link(tx: Transaction, shop: Shop, token: str) -> str:
    """Use a link, with all others for the same account; return the account.

    Raises
    ------
    NotFound
        When it was used, ran out or never was.
    """
    account = account_of_link(shop, token)
    # Two who hold links to become the first user wait for each other here; the second finds none left.
    used = tx.rows("DELETE FROM account_links WHERE account = ? RETURNING digest", (account,))
    if (_digest(token),) not in [tuple(row) for row in used]:
        raise NotFound("this link was used already, or has run out; ask for a new one")
    return account


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
