"""What an experiment is, and the pure function that gives every person their arm."""

from __future__ import annotations

from expedit.core import BUCKETS, InvalidInput, Struct, bucket


class Arm(Struct, frozen=True):
    """One arm of an experiment.

    Parameters
    ----------
    name
        As it is logged and shown.
    share
        Share of all people, 0 … 1.
    """

    name: str
    share: float


class Experiment(Struct, frozen=True):
    """A randomized comparison of people.

    Parameters
    ----------
    name
        As it is logged and shown.
    salt
        Text that makes this experiment's buckets independent of every other experiment's.
    arms
        In the order in which they take buckets from 0 upward; the last arm also gets what rounding leaves.
    """

    name: str
    salt: str
    arms: tuple[Arm, ...]

    def __post_init__(self) -> None:
        if not self.arms:
            raise InvalidInput("arms", "an experiment needs at least one arm")
        if len({arm.name for arm in self.arms}) != len(self.arms):
            raise InvalidInput("arms", "two arms have the same name")
        if any(not 0 <= arm.share <= 1 for arm in self.arms):
            raise InvalidInput("arms", "a share lies between 0 and 1")
        if abs(sum(arm.share for arm in self.arms) - 1) > 1e-9:
            raise InvalidInput("arms", "the shares of all arms add up to 1")


def arm_of(experiment: Experiment, bucket_key: str) -> str:
    """Return the name of the arm that `bucket_key` falls into.

    Arm *i* owns the buckets from ``round(BUCKETS × shares before it)`` up to, and without,
    ``round(BUCKETS × shares up to it)``; so growing the last-but-one arm's share moves nobody between others.
    """
    place = bucket(experiment.salt, bucket_key)
    reached = 0.0
    for arm in experiment.arms[:-1]:
        reached += arm.share
        if place < round(BUCKETS * reached):
            return arm.name
    return experiment.arms[-1].name
