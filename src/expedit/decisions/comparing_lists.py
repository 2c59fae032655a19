"""What the page of a category would show without and with rules, and what each of them changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from expedit.catalog import CatalogSnapshot
from expedit.decisions.comparing import Acts, Comparison, Noting, including, marked
from expedit.decisions.desk import desk
from expedit.decisions.lists import PAGE, Made, list_desk
from expedit.decisions.model import Situation
from expedit.decisions.preview_who import stand_for
from expedit.decisions.wire import AskContext, ListBody
from expedit.merchandising import Rule, RuleBook
from expedit.storage import Shop


def compare_listing(
    shop: Shop,
    category: str,
    context: AskContext,
    at: int,
    rules: tuple[Sequence[Rule], Sequence[Rule]],
    who: str = "anonymous",
    key: str = "",
) -> Comparison:
    """Return the first page of a category's listing under the first and under the second set of rules.

    A product that only moves to a later page, or comes from one, has its place there as its `other`.

    Parameters
    ----------
    category
        Its path.
    at
        The moment in which it is asked, microseconds.
    who, key
        One of `preview_who.WHO`, and for ``person`` and ``audience`` their id.

    Raises
    ------
    NotFound
        When there is no such person or audience, or nobody is in it.
    InvalidInput
        When there is no such category or market.
    """
    lists = list_desk(shop, desk(shop))
    snapshot = lists.desk.catalog.current()
    inputs = lists.inputs_of(ListBody(category=category, context=context), snapshot)
    stand = stand_for(lists.desk, who, key, at, inputs.market, anywhere=context.market is None)
    situation = lists.situation(inputs, stand.asker, context, snapshot, at)

    def asked(book: RuleBook) -> Made:
        return lists.make(inputs, situation, stand.asker, context, snapshot, rules=book, explain=True)

    second = Noting(rules[1])
    before, after = asked(RuleBook(rules[0])), asked(second)
    first, then = (made.frozen.ordered.items.tolist() for made in (before, after))
    acts = _acts(after, {*first[:PAGE], *then[:PAGE]}, second, snapshot, situation)
    return marked(snapshot, inputs.market, first, then, acts, second, stand, seen=PAGE)


def _acts(
    made: Made, wanted: Collection[int], book: Noting, snapshot: CatalogSnapshot, situation: Situation
) -> Acts:
    """Return what rules did to the products that are `wanted`."""
    ordered, joined = made.frozen.ordered, made.joined
    added = {
        code.removeprefix("rule:"): values
        for code, values in ordered.parts.items()
        if code.startswith("rule:")
    }
    acts: dict[int, list[tuple[str, bool]]] = {
        item: [(rule, bool(values[row] > 0)) for rule, values in added.items() if values[row]]
        for row, item in enumerate(ordered.items.tolist())
        if item in wanted
    }
    for pin in ordered.pins:
        acts.setdefault(pin.item, []).append((pin.rule, True))
    for item in wanted:
        if item in joined.removed:
            acts.setdefault(item, []).append((joined.removed[item], False))
        if item in joined.levels:
            named = including(item, book, snapshot, situation.market, situation.at)
            acts.setdefault(item, []).extend((rule, True) for rule in named)
    return acts
