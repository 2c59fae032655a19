"""Rules that merchandisers lay over recommendations: exclude, boost, pin and the rest, with their history.

A rule has an action over products, a condition on the moment, a scope and a schedule. `live_rules` gives the
rules in force, put together so that a decision applies them all at once; `create_rule` and its like change
them, edition by edition; `lint_rules` tells what would go wrong before it does.
"""

from expedit.merchandising.arrivals import KINDS as ARRIVALS
from expedit.merchandising.arrivals import UNKNOWN as UNKNOWN_ARRIVAL
from expedit.merchandising.arrivals import Arrival, arrival, told_arrival
from expedit.merchandising.balance import (
    BALANCES,
    SHOP_WIDE,
    SIDES,
    Balance,
    Balances,
    LiveBalances,
    category_name,
    check_balance,
    live_balances,
)
from expedit.merchandising.balance_api import named_category, note_balance
from expedit.merchandising.book import NO_RULES, RuleBook
from expedit.merchandising.company import Company, Mark
from expedit.merchandising.editing import (
    archive_rule,
    change_rule,
    create_rule,
    discard_rule,
    draft_rule,
    publish_rule,
    reorder_rules,
    restore_rule,
    undo_rule,
)
from expedit.merchandising.facts import Facts, product_facts
from expedit.merchandising.finding import find_kept, find_rule
from expedit.merchandising.forms import rule_of_form
from expedit.merchandising.landing import (
    BALANCE_OF,
    LANDINGS,
    RANKINGS,
    LandingPage,
    LandingWords,
    check_landing,
    check_slug,
    read_landing,
    when_lands,
    which_lands,
)
from expedit.merchandising.landing_editing import publish_landing, save_landing, undo_landing
from expedit.merchandising.landing_form import landing_of_form
from expedit.merchandising.landing_live import Landing, Landings, LiveLandings, PageGoods, live_landings
from expedit.merchandising.lint import Complaint, Finding, lint_places, lint_rules
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
from expedit.merchandising.offering import Offering
from expedit.merchandising.panel_landings import landing_rows
from expedit.merchandising.plan import Moment, Plan, Ruled, Trace
from expedit.merchandising.reading import check_rule, read_rule
from expedit.merchandising.rehearsal import stage
from expedit.merchandising.spells import Spell, do_the_same, rule_spells
from expedit.merchandising.standing import Kept
from expedit.merchandising.telling import RuleTeller
from expedit.merchandising.vocabulary import PRODUCT, SITUATION

__all__ = [
    "ACTIONS",
    "ARRIVALS",
    "BALANCES",
    "BALANCE_OF",
    "LANDINGS",
    "NO_RULES",
    "PRODUCT",
    "RANKINGS",
    "SHOP_WIDE",
    "SIDES",
    "SITUATION",
    "UNKNOWN_ARRIVAL",
    "Action",
    "Arrival",
    "Balance",
    "Balances",
    "Boost",
    "BrandConflict",
    "Bury",
    "Company",
    "Complaint",
    "Diversity",
    "Edition",
    "Exclude",
    "Facts",
    "Finding",
    "Include",
    "Kept",
    "Landing",
    "LandingPage",
    "LandingWords",
    "Landings",
    "LiveBalances",
    "LiveLandings",
    "LiveRules",
    "Mark",
    "Moment",
    "NeverWith",
    "NewFirst",
    "Offering",
    "Only",
    "PageGoods",
    "Pin",
    "Plan",
    "PriceBand",
    "Rule",
    "RuleBook",
    "RuleTeller",
    "Ruled",
    "Spell",
    "Trace",
    "archive_rule",
    "arrival",
    "category_name",
    "change_rule",
    "check_balance",
    "check_landing",
    "check_rule",
    "check_slug",
    "create_rule",
    "discard_rule",
    "do_the_same",
    "draft_rule",
    "find_kept",
    "find_rule",
    "landing_of_form",
    "landing_rows",
    "lint_places",
    "lint_rules",
    "live_balances",
    "live_landings",
    "live_rules",
    "named_category",
    "note_balance",
    "product_facts",
    "publish_landing",
    "publish_rule",
    "read_landing",
    "read_rule",
    "reorder_rules",
    "restore_rule",
    "rule_of_form",
    "rule_spells",
    "save_landing",
    "stage",
    "told_arrival",
    "undo_landing",
    "undo_rule",
    "when_lands",
    "which_lands",
]
