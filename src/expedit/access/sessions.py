"""Who is signed in: one row for each browser, known by a token that only the browser holds.

A token is 256 random bits, kept as a digest. It is made anew at each sign-in, whenever the user's rights or
secrets change, and while a session goes on every `session_renew_minutes`; the one before holds for a minute
more, for requests that were under way. A session ends when nothing came for `session_idle_minutes`, after
`session_hours` at the latest, or when it is ended by hand.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

from expedit.access.users import Language, checked_language, checked_role
from expedit.core import HOUR, MINUTE, NotFound, Struct, new_id
from expedit.storage import Shop, Transaction
from expedit.web import Viewer

SESSION_COOKIE = "expedit_session"
WAITING_MINUTES = 10
"""How long the second factor may take."""
FORMER_TOKEN = MINUTE
"""How long the token before the last renewal is still good, in microseconds."""
SEEN_STEP = MINUTE
"""How exactly the last request is remembered: a page is no reason to write."""

_FIND = (
    "SELECT s.id, s.waiting, s.renewed, s.seen, s.until, s.digest, u.id, u.name, u.login, u.role, u.language "
    "FROM panel_sessions s JOIN users u ON u.id = s.account "
    "WHERE u.disabled = 0 AND (s.digest = ? OR s.former_digest = ?)"
)


class SignedIn(Struct, frozen=True):
    """A session that holds.

    Parameters
    ----------
    viewer
        Who it is.
    csrf
        What every form of the panel must carry.
    language
        ``en``, ``sv`` or ``nb``.
    session_id
        Names the session in the list of a user's sessions.
    renewed
        The token that the browser must hold from now on, when it was made anew; else empty.
    """

    viewer: Viewer
    csrf: str
    language: Language
    session_id: str = ""
    renewed: str = ""


class OpenSession(Struct, frozen=True):
    """A session as its user sees it."""

    id: str
    browser: str
    created: int
    seen: int


class Sessions:
    """The sessions of a shop's panel."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def viewer(self, token: str) -> SignedIn | None:
        """Return who holds `token` (the value of the session cookie), or None.

        May write (when the user was last seen, a renewed token), so it belongs in a thread.
        """
        found = self._find(token)
        if found is None or found[1]:
            return None
        session_id, _, renewed, seen, _, digest, user_id, name, login, role, language = found
        now, fresh = self._shop.clock(), ""
        if digest == _digest(token) and now - renewed >= self._shop.settings.session_renew_minutes * MINUTE:
            fresh = self._renew(session_id, digest, now)
        elif now - seen >= SEEN_STEP:
            with self._shop.database.writing() as tx:
                tx.run("UPDATE panel_sessions SET seen = ? WHERE id = ?", (now, session_id))
                tx.run("UPDATE users SET seen = ? WHERE id = ?", (now, user_id))
        return SignedIn(
            Viewer(user_id, name, login, checked_role(role)),
            csrf_of(self._shop, session_id),
            checked_language(language),
            session_id,
            fresh,
        )

    def waiting_for(self, token: str) -> str:
        """Return the user whose second factor the session of `token` waits for, or nothing."""
        found = self._find(token)
        return str(found[6]) if found is not None and found[1] else ""

    def open(self, account: str, browser: str = "", *, waiting: bool = False) -> str:
        """Begin a session and return its token."""
        with self._shop.database.writing() as tx:
            return self.open_in(tx, account, browser, waiting=waiting)

    def open_in(self, tx: Transaction, account: str, browser: str = "", *, waiting: bool = False) -> str:
        """Begin a session inside a transaction; those that ran out go."""
        now, token = self._shop.clock(), secrets.token_urlsafe(32)
        length = WAITING_MINUTES * MINUTE if waiting else self._shop.settings.session_hours * HOUR
        idle = self._shop.settings.session_idle_minutes * MINUTE
        tx.run("DELETE FROM panel_sessions WHERE until < ? OR seen < ?", (now, now - idle))
        tx.run(
            "INSERT INTO panel_sessions (id, digest, account, waiting, browser, created, renewed, seen, "
            "until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (new_id(now), _digest(token), account, int(waiting), browser[:80], now, now, now, now + length),
        )
        if not waiting:
            tx.run("UPDATE users SET seen = ? WHERE id = ?", (now, account))
        return token

    def sign_out(self, token: str) -> None:
        """End the session of `token`, whatever its state."""
        with self._shop.database.writing() as tx:
            self.sign_out_in(tx, token)

    def sign_out_in(self, tx: Transaction, token: str) -> None:
        """End the session of `token` inside a transaction."""
        digest = _digest(token)
        tx.run("DELETE FROM panel_sessions WHERE digest = ? OR former_digest = ?", (digest, digest))

    def end(self, account: str, session_id: str) -> None:
        """End one session of a user, or raise `NotFound`."""
        with self._shop.database.writing() as tx:
            if not tx.run("DELETE FROM panel_sessions WHERE account = ? AND id = ?", (account, session_id)):
                raise NotFound("that session has ended already")

    def end_all_in(self, tx: Transaction, account: str) -> int:
        """End every session of a user; return how many there were."""
        return tx.run("DELETE FROM panel_sessions WHERE account = ?", (account,))

    def of(self, account: str) -> tuple[OpenSession, ...]:
        """Return the open sessions of a user, the latest seen first."""
        now = self._shop.clock()
        idle = self._shop.settings.session_idle_minutes * MINUTE
        rows = self._shop.database.read_rows(
            "SELECT id, browser, created, seen FROM panel_sessions WHERE account = ? AND waiting = 0 "
            "AND until >= ? AND seen >= ? ORDER BY seen DESC, id",
            (account, now, now - idle),
        )
        return tuple(OpenSession(*row) for row in rows)

    def _find(self, token: str) -> tuple[Any, ...] | None:
        if not token or len(token) > 128:
            return None
        digest = _digest(token)
        row = self._shop.database.read_row(_FIND, (digest, digest))
        if row is None:
            return None
        now = self._shop.clock()
        renewed, seen, until, current = row[2], row[3], row[4], row[5]
        if now > until or now - seen > self._shop.settings.session_idle_minutes * MINUTE:
            return None
        if current != digest and now - renewed > FORMER_TOKEN:
            return None
        return row

    def _renew(self, session_id: str, digest: str, now: int) -> str:
        token = secrets.token_urlsafe(32)
        with self._shop.database.writing() as tx:
            # Of two requests at once one renews; the other's token holds for a minute as the former one.
            done = tx.run(
                "UPDATE panel_sessions SET digest = ?, former_digest = ?, renewed = ?, seen = ? "
                "WHERE id = ? AND digest = ?",
                (_digest(token), digest, now, now, session_id, digest),
            )
        return token if done else ""


def sessions(shop: Shop) -> Sessions:
    """Return the sessions of a shop's panel."""
    return shop.part(Sessions, lambda: Sessions(shop))


def csrf_of(shop: Shop, session_id: str) -> str:
    """Return what the forms of a session must carry; a renewed token does not change it."""
    return hmac.new(shop.secret, b"csrf\0" + session_id.encode(), hashlib.sha256).hexdigest()[:40]


def _digest(token: str) -> str:
    # A token of 256 random bits needs no slow hash: there is nothing to guess.
    return hashlib.sha256(token.encode()).hexdigest()
