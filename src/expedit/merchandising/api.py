"""Routes of rules; for secret keys with the scope ``rules:write``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from litestar import Request, get, post, put
from litestar.datastructures import State as Shared

from expedit.access import keys
from expedit.catalog import live_catalog
from expedit.core import Conflict, InvalidInput, Struct, field
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
from expedit.merchandising.lint import Finding
from expedit.merchandising.looking import look_ahead, look_at
from expedit.merchandising.model import Action, Edition, RawCondition, Rule, State
from expedit.merchandising.standing import brought_by_undo
from expedit.merchandising.store import read_history, read_in_force, read_newest, read_order, read_rules
from expedit.storage import Shop
from expedit.web import Route

_Asked = Request[object, object, Shared]

_STEPS: dict[str, Callable[[Shop, str, int, str], Edition]] = {
    "publish": publish_rule,
    "draft": draft_rule,
    "discard": discard_rule,
    "archive": archive_rule,
    "undo": undo_rule,
}
_RESTORE = "restore"


class RuleBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A rule as it is sent; moments are microseconds.

    Parameters
    ----------
    version
        The version that the sender saw; only for a change.
    """

    name: str
    action: Action
    when: RawCondition = field(default_factory=dict)
    placements: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()
    starts: int | None = None
    ends: int | None = None
    note: str = ""
    measured: bool | None = None
    version: int = 0

    def rule(self, rule_id: str = "") -> Rule:
        """Return the rule."""
        return Rule(
            rule_id, self.name, self.action, self.when, self.placements, self.channels, self.markets,
            0, self.starts, self.ends, self.note, self.measured,
        )  # fmt: skip


class StepBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The version of a rule that the sender saw.

    Parameters
    ----------
    restore
        The version whose content becomes the next draft; only to restore.
    anyway
        Put it in force although lint finds something serious.
    """

    version: int
    restore: int = 0
    anyway: bool = False


class OrderBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Rules by id in the order of their priority.

    Parameters
    ----------
    version
        The version of the order that the sender saw, as ``order`` of `RulesAnswer` gives it.
    """

    ids: tuple[str, ...]
    version: int


class RulesAnswer(Struct, frozen=True, omit_defaults=False):
    """Rules with their states, by priority.

    Parameters
    ----------
    order
        Version of the order in which they stand; 0 before somebody has chosen one.
    """

    rules: tuple[Edition, ...]
    order: int = 0


class LintAnswer(Struct, frozen=True, omit_defaults=False):
    """What is wrong with the rules that are in force, or would be."""

    findings: tuple[Finding, ...]


def routes(shop: Shop) -> Sequence[Route]:
    """Return the routes of rules."""
    return [*_looking(shop), *_changing(shop)]


def _author(shop: Shop, request: _Asked) -> str:
    caller = keys(shop).caller(request.headers.get("authorization", ""))
    caller.need("rules:write")
    return caller.key


def _read(shop: Shop, *states: State) -> RulesAnswer:
    with shop.database.reading() as tx:
        order = read_order(tx)
        return RulesAnswer(tuple(read_rules(tx, states)), order.version if order else 0)


def _need_sound(shop: Shop, rule: Rule | None, *, anyway: bool) -> None:
    """Refuse to put a rule in force of which lint finds something serious."""
    found = [] if rule is None or anyway else look_ahead(shop, rule)
    if any(one.serious for one in found):
        raise Conflict(
            'lint finds something serious: look at "findings", or send "anyway": true', {"findings": found}
        )


def _looking(shop: Shop) -> Sequence[Route]:
    @get("/v1/rules", sync_to_thread=True)
    def list_rules(request: _Asked, archived: bool = False) -> RulesAnswer:
        """Give the rules by priority, with `archived` those that were put away."""
        _author(shop, request)
        return _read(shop, "archived") if archived else _read(shop, "draft", "published")

    @get("/v1/rules/{rule_id:str}", sync_to_thread=True)
    def show_rule(request: _Asked, rule_id: str) -> RulesAnswer:
        """Give every edition of a rule, the newest first."""
        _author(shop, request)
        with shop.database.reading() as tx:
            read_newest(tx, rule_id)
            return RulesAnswer(tuple(read_history(tx, rule_id)))

    @get("/v1/rules-lint", sync_to_thread=True)
    def lint(request: _Asked, market: str = "", drafts: bool = True) -> LintAnswer:
        """Tell what is wrong with the rules in force, with `drafts` as if those were in force too."""
        _author(shop, request)
        markets = live_catalog(shop).current().markets
        if market and market not in markets:
            raise InvalidInput("market", f"{market[:20]!r} is none of {', '.join(markets)}")
        with shop.database.reading() as tx:
            editions = read_rules(tx) if drafts else read_in_force(tx)
        return LintAnswer(tuple(look_at(shop, [one.rule for one in editions], market)))

    return [list_rules, show_rule, lint]


def _changing(shop: Shop) -> Sequence[Route]:
    @post("/v1/rules", sync_to_thread=True)
    def add_rule(request: _Asked, data: RuleBody) -> Edition:
        """Keep a new rule as a draft."""
        return create_rule(shop, data.rule(), _author(shop, request))

    @put("/v1/rules/{rule_id:str}", sync_to_thread=True)
    def replace_rule(request: _Asked, rule_id: str, data: RuleBody) -> Edition:
        """Keep a draft; what is in force stays. ``version`` names the one that the sender saw."""
        author = _author(shop, request)
        if data.version < 1:
            raise InvalidInput("version", "name the version that you saw")
        return change_rule(shop, data.rule(rule_id), data.version, author)

    @post("/v1/rules/{rule_id:str}/{step:str}", status_code=200, sync_to_thread=True)
    def move_rule(request: _Asked, rule_id: str, step: str, data: StepBody) -> Edition:
        """``publish``, ``draft``, ``discard``, ``archive``, ``undo`` or ``restore`` a rule."""
        author = _author(shop, request)
        if step not in {*_STEPS, _RESTORE}:
            raise InvalidInput("step", f"{step[:40]!r} is none of {', '.join([*_STEPS, _RESTORE])}")
        if step == _RESTORE:
            return restore_rule(shop, rule_id, data.restore, data.version, author)
        if step in {"publish", "undo"}:
            with shop.database.reading() as tx:
                coming = read_newest(tx, rule_id).rule if step == "publish" else brought_by_undo(tx, rule_id)
            _need_sound(shop, coming, anyway=data.anyway)
        return _STEPS[step](shop, rule_id, data.version, author)

    @put("/v1/rules-order", sync_to_thread=True)
    def order_rules(request: _Asked, data: OrderBody) -> RulesAnswer:
        """Put rules in the order of their priority."""
        reorder_rules(shop, data.ids, data.version, _author(shop, request))
        return _read(shop, "draft", "published")

    return [add_rule, replace_rule, move_rule, order_rules]
