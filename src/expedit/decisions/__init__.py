"""The way OUT: one explained answer for every placement that asks.

`routes` serves ``/v1/recommend``, ``/v1/decide``, ``/v1/list`` and ``/v1/decisions/{id}``; `desk` answers
the same inside the process. The answer itself is a pure function (`decide`) of a situation, the catalog, the
candidates of the strategies and a placement; every decision is kept in a log of its own (`read_decisions`,
`find_decision`).
"""

from expedit.decisions.answers import write_decision
from expedit.decisions.api import routes
from expedit.decisions.askers import Asker, find_asker
from expedit.decisions.deciding import Pool, Request, Rules, decide
from expedit.decisions.desk import Decision, Desk, desk
from expedit.decisions.dropping import drop_decisions
from expedit.decisions.landings import GENERIC, THE_PAGE
from expedit.decisions.landings import PREFIX as LANDING
from expedit.decisions.lists import ListDesk, list_desk
from expedit.decisions.live_placements import LivePlacements, live_placements
from expedit.decisions.log import DecisionLog, decision_log, find_decision, read_decisions
from expedit.decisions.model import Outcome, Part, Removed, Shown, Situation, Tastes
from expedit.decisions.outcomes import (
    ask_lift,
    ask_outcomes,
    ask_rules,
    chosen_markets,
    decision_tables,
    questions,
)
from expedit.decisions.panel_placements import placement_rows
from expedit.decisions.placements import BUILT_IN, Placement, Step
from expedit.decisions.placements_file import default_placements_file
from expedit.decisions.placements_reading import read_placements
from expedit.decisions.record import LoggedDecision, LoggedInputs, LoggedItem
from expedit.decisions.terminal import recommend
from expedit.decisions.wire import AskContext

__all__ = [
    "BUILT_IN",
    "GENERIC",
    "LANDING",
    "THE_PAGE",
    "AskContext",
    "Asker",
    "Decision",
    "DecisionLog",
    "Desk",
    "ListDesk",
    "LivePlacements",
    "LoggedDecision",
    "LoggedInputs",
    "LoggedItem",
    "Outcome",
    "Part",
    "Placement",
    "Pool",
    "Removed",
    "Request",
    "Rules",
    "Shown",
    "Situation",
    "Step",
    "Tastes",
    "ask_lift",
    "ask_outcomes",
    "ask_rules",
    "chosen_markets",
    "decide",
    "decision_log",
    "decision_tables",
    "default_placements_file",
    "desk",
    "drop_decisions",
    "find_asker",
    "find_decision",
    "list_desk",
    "live_placements",
    "placement_rows",
    "questions",
    "read_decisions",
    "read_placements",
    "recommend",
    "routes",
    "write_decision",
]
