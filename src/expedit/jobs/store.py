"""The table of jobs: when each last ran, who has it now, what went wrong."""

from __future__ import annotations

import sqlalchemy as sa

from expedit.storage import metadata

jobs_table = sa.Table(
    "jobs",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("due", sa.BigInteger, nullable=False),
    sa.Column("started", sa.BigInteger),
    sa.Column("finished", sa.BigInteger),
    sa.Column("error", sa.Text),
    sa.Column("leased_by", sa.Text),
    sa.Column("leased_until", sa.BigInteger, nullable=False, server_default="0"),
)
