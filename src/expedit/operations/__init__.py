"""Running it: examinations, readiness, figures, logs, backups, moving house, keeping no longer than needed.

What is wrong with an installation is a `Finding` (`examine`), whether a process can work a `Reason`
(`readiness`), what it counts a meter (`meters`). `back_up` writes everything that an installation is while it
runs, `restore` makes one of it again on either database, `move` carries one from SQLite to PostgreSQL.
"""

from expedit.operations.backing_up import MadeBackup, back_up
from expedit.operations.backups import Backup, Manifest, list_backups, prune_backups, read_manifest
from expedit.operations.doctor import Examination, examine, examine_shop
from expedit.operations.erasures import Erase, Erasures, keep_erasures, read_erasures
from expedit.operations.logs import configure_logs, without_personal
from expedit.operations.meters import Meters, meters
from expedit.operations.model import Finding, Reason
from expedit.operations.moving import Moved, move
from expedit.operations.readiness import Readiness, readiness
from expedit.operations.requests import Watched
from expedit.operations.restoring import Restored, restore
from expedit.operations.retention import Forgotten, keep_no_longer
from expedit.operations.revisions import is_up_to_date, newest_revision
from expedit.operations.sizes import HomeSizes, home_sizes
from expedit.operations.stopping import stoppable
from expedit.operations.store import ServerProcess, living
from expedit.operations.telling import Words, told
from expedit.operations.tracing import Tracer, open_tracer

__all__ = [
    "Backup",
    "Erase",
    "Erasures",
    "Examination",
    "Finding",
    "Forgotten",
    "HomeSizes",
    "MadeBackup",
    "Manifest",
    "Meters",
    "Moved",
    "Readiness",
    "Reason",
    "Restored",
    "ServerProcess",
    "Tracer",
    "Watched",
    "Words",
    "back_up",
    "configure_logs",
    "examine",
    "examine_shop",
    "home_sizes",
    "is_up_to_date",
    "keep_erasures",
    "keep_no_longer",
    "list_backups",
    "living",
    "meters",
    "move",
    "newest_revision",
    "open_tracer",
    "prune_backups",
    "read_erasures",
    "read_manifest",
    "readiness",
    "restore",
    "stoppable",
    "told",
    "without_personal",
]
