"""The tables of this room; the modules named after what they keep speak SQL with them."""

from __future__ import annotations

import sqlalchemy as sa

from expedit.storage import metadata

sources_table = sa.Table(
    "sources",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    # A public key as it is; of a secret one only `digest_of` it.
    sa.Column("write_key", sa.Text, nullable=False, unique=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
)
old_write_keys_table = sa.Table(
    "old_write_keys",
    metadata,
    sa.Column("write_key", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("until", sa.BigInteger, nullable=False),
)
api_keys_table = sa.Table(
    "api_keys",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False, unique=True),
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("expires", sa.BigInteger, nullable=True),
)
key_uses_table = sa.Table(
    "key_uses",
    metadata,
    # The id of a source or of an API key: its table is hot, this one is written once a minute.
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("used", sa.BigInteger, nullable=False),
)
users_table = sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("login", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("password", sa.Text, nullable=False),
    sa.Column("disabled", sa.Integer, nullable=False),
    # Names of the secret (`totp.secret_of`), never the secret; empty while the second factor is off.
    sa.Column("totp", sa.Text, nullable=False),
    sa.Column("totp_offered", sa.Text, nullable=False),
    sa.Column("totp_step", sa.BigInteger, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("seen", sa.BigInteger, nullable=True),
)
panel_sessions_table = sa.Table(
    "panel_sessions",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False, unique=True),
    sa.Column("former_digest", sa.Text, nullable=True, index=True),
    sa.Column("account", sa.Text, nullable=False, index=True),
    # A session that still waits for the second factor opens no page.
    sa.Column("waiting", sa.Integer, nullable=False),
    sa.Column("browser", sa.Text, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("renewed", sa.BigInteger, nullable=False),
    sa.Column("seen", sa.BigInteger, nullable=False),
    sa.Column("until", sa.BigInteger, nullable=False),
)
links_table = sa.Table(
    "account_links",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    # Empty: whoever opens it makes the first user.
    sa.Column("account", sa.Text, nullable=False, index=True),
    sa.Column("until", sa.BigInteger, nullable=False),
)
recovery_codes_table = sa.Table(
    "recovery_codes",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, primary_key=True),
)
login_attempts_table = sa.Table(
    "login_attempts",
    metadata,
    # A keyed hash of an account or of a network, so that no address is kept.
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("closed_until", sa.BigInteger, nullable=False),
    sa.Column("forget_at", sa.BigInteger, nullable=False, index=True),
)
audit_log_table = sa.Table(
    "audit_log",
    metadata,
    sa.Column(
        "seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    sa.Column("at", sa.BigInteger, nullable=False, index=True),
    sa.Column("actor", sa.Text, nullable=False, index=True),
    sa.Column("action", sa.Text, nullable=False, index=True),
    sa.Column("subject", sa.Text, nullable=False, index=True),
    sa.Column("details", sa.LargeBinary, nullable=False),
)

TABLES = (
    "sources",
    "old_write_keys",
    "api_keys",
    "key_uses",
    "users",
    "panel_sessions",
    "account_links",
    "recovery_codes",
    "login_attempts",
    "audit_log",
)
