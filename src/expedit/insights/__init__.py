"""What it all came to: traffic, orders, what recommendations led to, and what they truly added.

Attribution (a click on a recommended item and its purchase within seven days) flatters; lift (the
personalized against the holdout) is true but slow. They stand side by side and are never mixed. Questions are
asked of the sealed log in the background; a page shows the last answer, with its moment.
"""

from expedit.insights.answers import Answer, Answers, answers
from expedit.insights.asking import ask_overview, lift_of, plan_of, scope_of, scopes
from expedit.insights.model import (
    PERIODS,
    Arm,
    ArmDay,
    DayTraffic,
    Lift,
    Named,
    Overview,
    Period,
    Plan,
    Scope,
    Spots,
    Traffic,
    Wait,
)
from expedit.insights.statistics import Interval, Sample

__all__ = [
    "PERIODS",
    "Answer",
    "Answers",
    "Arm",
    "ArmDay",
    "DayTraffic",
    "Interval",
    "Lift",
    "Named",
    "Overview",
    "Period",
    "Plan",
    "Sample",
    "Scope",
    "Spots",
    "Traffic",
    "Wait",
    "answers",
    "ask_overview",
    "lift_of",
    "plan_of",
    "scope_of",
    "scopes",
]
