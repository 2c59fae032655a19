"""What it all came to: traffic, orders, what recommendations led to, and what they truly added.

Attribution (a click on a recommended item and its purchase within seven days) flatters; lift (the
personalized against the holdout) is true but slow. They stand side by side and are never mixed. Questions are
asked of the sealed log in the background; a page shows the last answer, with its moment.
"""

from expedit.insights.answers import Answer, Answers, invoices, overviews
from expedit.insights.asking import ask_overview, lift_of, plan_of, scope_of, scopes
from expedit.insights.model import (
    PERIODS,
    Arm,
    ArmDay,
    DayTraffic,
    Invoice,
    Lift,
    Named,
    Overview,
    Period,
    Plan,
    RuleWorth,
    Scope,
    Side,
    Spots,
    Traffic,
    Wait,
)
from expedit.insights.rule_invoice import ask_invoice
from expedit.insights.statistics import Interval, Sample

__all__ = [
    "PERIODS",
    "Answer",
    "Answers",
    "Arm",
    "ArmDay",
    "DayTraffic",
    "Interval",
    "Invoice",
    "Lift",
    "Named",
    "Overview",
    "Period",
    "Plan",
    "RuleWorth",
    "Sample",
    "Scope",
    "Side",
    "Spots",
    "Traffic",
    "Wait",
    "ask_invoice",
    "ask_overview",
    "invoices",
    "lift_of",
    "overviews",
    "plan_of",
    "scope_of",
    "scopes",
]
