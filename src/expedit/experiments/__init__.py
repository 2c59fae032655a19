"""Randomized comparisons: who is in which arm, and the holdout that is always on.

An `Experiment` splits the 10,000 buckets of `expedit.core.bucket` among its arms; `arm_of` says which arm a
person's stored bucket key falls into, the same in every process, at every time and in TypeScript. The
`HOLDOUT` is the experiment that never ends: its people get the same placements, filters and rules, but only
strategies that know nothing of them, so that what personalization earns can be told from what would have been
bought anyway. What was shown in which arm is an exposure fact of the decision log.
"""

from expedit.experiments.holdout import HELD_OUT, HOLDOUT, PERSONALIZED, holdout_arm, holdout_experiment
from expedit.experiments.model import Arm, Experiment, arm_of
from expedit.experiments.pins import pin, pinned_arm, unpin
from expedit.experiments.shares import arm_in

__all__ = [
    "HELD_OUT",
    "HOLDOUT",
    "PERSONALIZED",
    "Arm",
    "Experiment",
    "arm_in",
    "arm_of",
    "holdout_arm",
    "holdout_experiment",
    "pin",
    "pinned_arm",
    "unpin",
]
