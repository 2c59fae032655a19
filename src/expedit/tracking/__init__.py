"""The way in: each event of any source becomes one of a closed family, with consent, exactly once, durably.

Calls in Segment's envelope (over HTTP, or from files by `import_events`) are read one by one, so that a bad
one is refused alone with its field and reason; `ingest` and the group-committing HTTP routes write them with
the log and the profiles in one transaction and answer when that is durable.
"""

from expedit.tracking.api import BatchAnswer, RefusedCall, SingleAnswer
from expedit.tracking.calls import Batch, Call, call_of, decode_call
from expedit.tracking.columns import EventMapping, FileMapping
from expedit.tracking.consent import allowed, read_consent
from expedit.tracking.group_commit import Committer, committer
from expedit.tracking.importing import ImportReport, RefusedLine, import_events
from expedit.tracking.ingesting import ingest
from expedit.tracking.model import Fate, Ignored, Outcome, Refusal
from expedit.tracking.names import KINDS_BY_CALL, KINDS_BY_NAME, kind_of
from expedit.tracking.store import Count, read_counts

__all__ = [
    "KINDS_BY_CALL",
    "KINDS_BY_NAME",
    "Batch",
    "BatchAnswer",
    "Call",
    "Committer",
    "Count",
    "EventMapping",
    "Fate",
    "FileMapping",
    "Ignored",
    "ImportReport",
    "Outcome",
    "Refusal",
    "RefusedCall",
    "RefusedLine",
    "SingleAnswer",
    "allowed",
    "call_of",
    "committer",
    "decode_call",
    "import_events",
    "ingest",
    "kind_of",
    "read_consent",
    "read_counts",
]
