"""What is known of each person: products, cart, purchases, tastes, intent, consents, traits.

A profile is one row, a fold of facts in the order in which they happened: `record` keeps it up to date
inside the ingest transaction, so the very next decision sees it, and a replay of the log gives the same
bytes.
"""

from expedit.identity import find_person, person_of
from expedit.profiles.affinity import DIMENSIONS, EVENT_WEIGHTS, own_weights
from expedit.profiles.api import PersonView, view_person
from expedit.profiles.crowd import Crowd, count_people, crowd_after, crowd_of, crowd_sample
from expedit.profiles.exporting import export_people
from expedit.profiles.forgetting import forget_old
from expedit.profiles.model import (
    Affinities,
    CartLine,
    Intent,
    Profile,
    Purchased,
    RecentProduct,
    SessionFacts,
    Step,
)
from expedit.profiles.panel import may_see, note_view
from expedit.profiles.read import consents_of, read_profile, told_traits
from expedit.profiles.rebuild import rebuild_profiles, recompute, rejoin, replay, separate_people, undo_merge
from expedit.profiles.recording import record
from expedit.profiles.seeking import masked as mask_identifier

__all__ = [
    "DIMENSIONS",
    "EVENT_WEIGHTS",
    "Affinities",
    "CartLine",
    "Crowd",
    "Intent",
    "PersonView",
    "Profile",
    "Purchased",
    "RecentProduct",
    "SessionFacts",
    "Step",
    "consents_of",
    "count_people",
    "crowd_after",
    "crowd_of",
    "crowd_sample",
    "export_people",
    "find_person",
    "forget_old",
    "mask_identifier",
    "may_see",
    "note_view",
    "own_weights",
    "person_of",
    "read_profile",
    "rebuild_profiles",
    "recompute",
    "record",
    "rejoin",
    "replay",
    "separate_people",
    "told_traits",
    "undo_merge",
    "view_person",
]
