"""Rules that merchandisers lay over recommendations: exclude, boost, pin and the rest, with their history.

A rule has an action over products, a condition on the moment, a scope and a schedule. `live_rules` gives the
rules in force, put together so that a decision applies them all at once; `create_rule` and its like change
them, edition by edition; `lint_rules` tells what would go wrong before it does.
"""

from expedit.merchandising.book import NO_RULES, RuleBook
from expedit.merchandising.editing import (
    archive_rule,
    change_rule,
    create_rule,
    draft_rule,
    publish_rule,
    reorder_rules,
    restore_rule,
    undo_rule,
)
from expedit.merchandising.lint import Finding, lint_rules
from expedit.merchandising.live import LiveRules, live_rules
from expedit.merchandising.model import (
    ACTIONS,
    Action,
    Boost,
    BrandConflict,
    Bury,
    Diversity,
    Edition,
    Exclude,
    Include,
    NeverWith,
    NewFirst,
    Only,
    Pin,
    PriceBand,
    Rule,
)
from expedit.merchandising.plan import Moment, Plan, Ruled, Trace
from expedit.merchandising.reading import check_rule, read_rule
from expedit.merchandising.vocabulary import PRODUCT, SITUATION

__all__ = [
    "ACTIONS",
    "NO_RULES",
    "PRODUCT",
    "SITUATION",
    "Action",
    "Boost",
    "BrandConflict",
    "Bury",
    "Diversity",
    "Edition",
    "Exclude",
    "Finding",
    "Include",
    "LiveRules",
    "Moment",
    "NeverWith",
    "NewFirst",
    "Only",
    "Pin",
    "Plan",
    "PriceBand",
    "Rule",
    "RuleBook",
    "Ruled",
    "Trace",
    "archive_rule",
    "change_rule",
    "check_rule",
    "create_rule",
    "draft_rule",
    "lint_rules",
    "live_rules",
    "publish_rule",
    "read_rule",
    "reorder_rules",
    "restore_rule",
    "undo_rule",
]
