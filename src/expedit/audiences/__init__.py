"""Audiences: named conditions over people, who is in them now, and how many they are.

`live_audiences` tells of one person, computed each time and so always exact; `counter` notes who is in which
for sizes, trends and exports; `create_audience` and its like change audiences, edition by edition.
"""

from expedit.audiences.choosing import audience_choices
from expedit.audiences.counting import Counter, counter
from expedit.audiences.editing import (
    archive_audience,
    change_audience,
    create_audience,
    discard_audience,
    draft_audience,
    publish_audience,
    restore_audience,
    undo_audience,
)
from expedit.audiences.estimating import Estimate, estimate
from expedit.audiences.examples import Members, members_like, members_of_audience
from expedit.audiences.exporting import export_audience
from expedit.audiences.live import LiveAudiences, live_audiences
from expedit.audiences.model import Audience, Edition, Size
from expedit.audiences.naming import UnusableAudience, need_audiences
from expedit.audiences.vocabulary import PERSON

__all__ = [
    "PERSON",
    "Audience",
    "Counter",
    "Edition",
    "Estimate",
    "LiveAudiences",
    "Members",
    "Size",
    "UnusableAudience",
    "archive_audience",
    "audience_choices",
    "change_audience",
    "counter",
    "create_audience",
    "discard_audience",
    "draft_audience",
    "estimate",
    "export_audience",
    "live_audiences",
    "members_like",
    "members_of_audience",
    "need_audiences",
    "publish_audience",
    "restore_audience",
    "undo_audience",
]
