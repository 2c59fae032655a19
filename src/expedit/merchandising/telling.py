"""Rules told in words, in one viewer's language: what they do, where, when, and what changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, get_day_names

from expedit.catalog import attribute_keys, live_catalog, value_names
from expedit.core import SECOND, read_condition
from expedit.features import list_of, titles_of
from expedit.merchandising.arrivals import KINDS
from expedit.merchandising.lint import LISTING, Finding
from expedit.merchandising.model import (
    Action,
    Boost,
    BrandConflict,
    Bury,
    Diversity,
    Edition,
    Include,
    NewFirst,
    Pin,
    PriceBand,
    RawCondition,
    Rule,
)
from expedit.merchandising.numbering import conditions_in
from expedit.merchandising.vocabulary import CHANNELS, PRODUCT, SITUATION
from expedit.storage import Shop
from expedit.web import (
    ConditionKit,
    Difference,
    Suggestion,
    Wording,
    condition_kit,
    number,
    percent,
    tell_condition,
    text,
)

SHARES = frozenset({"margin", "reduction", "page.product.margin", "page.product.reduction"})
INTENTS = ("browsing", "comparing", "deciding", "buying")
SUGGEST, COUNT = "/panel/rules/suggest", "/panel/rules/count"
_MOST_NAMED = 3


class RuleTeller:
    """Tells of the rules of one shop in one language."""

    def __init__(self, shop: Shop, language: str) -> None:
        self.language = language
        self.zone = ZoneInfo(shop.settings.time_zone)
        self.placements = {
            **list_of(shop, "placement", language), LISTING: self._say("where.listing"),
        }  # fmt: skip
        self.channels = {name: self._say(f"channel.{name}") for name in CHANNELS}
        self.markets = {name: name for name in shop.settings.markets}
        self._shop = shop
        currencies = " / ".join(dict.fromkeys(shop.settings.markets.values()))
        self.wording = Wording(language, self.names, currency=currencies, decimals=2, shares=SHARES,
                               zone=shop.settings.time_zone)  # fmt: skip

    def choices(self) -> dict[str, Mapping[str, str]]:
        """Return the sources with few values: source → value → name."""
        days = get_day_names("wide", locale=self.language)
        return {
            "placements": self.placements,
            "channels": self.channels,
            "audiences": list_of(self._shop, "audience", self.language),
            "markets": self.markets,
            "locales": {one: text(self.language, f"web.language.name_{one}") for one in ("sv", "nb", "en")},
            "intents": {one: self._say(f"intent.{one}") for one in INTENTS},
            "arrivals": {one: self._say(f"arrival.{one}") for one in KINDS},
            "weekdays": {str(day + 1): days[day] for day in range(7)},
        }

    def names(self, source: str, values: Collection[str]) -> Mapping[str, str]:
        """Return what values of conditions are called."""
        if source == "audiences":
            return titles_of(self._shop, "audience", values, self.language)
        few = self.choices().get(source)
        if few is not None:
            return {value: few[value] for value in values if value in few}
        return value_names(self._shop, source, values, self.language)

    def kit(self, known: RawCondition, of: Literal["product", "situation"]) -> ConditionKit:
        """Return what the editor of a rule's condition needs."""
        few = {
            source: tuple(
                Suggestion(int(value) if source == "weekdays" else value, name)
                for value, name in found.items()
            )
            for source, found in self.choices().items()
        }
        if of == "situation":
            keys = {"page.product.attributes.*": attribute_keys(self._shop)}
            return condition_kit(
                SITUATION, self.wording, choices=few, keys=keys, suggest=SUGGEST, known=known
            )
        keys = {"attributes.*": attribute_keys(self._shop)}
        return condition_kit(PRODUCT, self.wording, choices=few, keys=keys, suggest=SUGGEST, count=COUNT,
                             known=known)  # fmt: skip

    # Sentences

    def sentence(self, rule: Rule) -> str:
        """Return what a rule does: *Lift products where brand is Fjord by 50 %*."""
        return self.action(rule.action)

    def action(self, action: Action) -> str:
        """Return what an action does."""
        told: dict[str, object] = {
            "what" if name == "which" else name: self._what(which) for name, which in conditions_in(action)
        }
        kind = str(action.__struct_config__.tag)
        match action:
            case Boost() | Bury():
                told["by"] = self._share(action.by)
            case Include() | Diversity():
                told["n"] = action.most
            case Pin():
                told |= {"what": self._goods(action.products), "place": action.position}
            case PriceBand():
                kind = (
                    "price_band" if action.low and action.high else "price_from" if action.low else "price_to"
                )
                told |= {"low": self._share(action.low), "high": self._share(action.high)}
            case NewFirst():
                told["n"] = action.days
            case BrandConflict():
                told |= {"brands": self._some(action.brands), "against": self._some(action.against)}
        if isinstance(action, Diversity):
            told["attribute"] = self._say(f"attribute.{action.attribute}")
            kind += ("_all" if action.attribute == "all" else "") + ("_of" if action.which else "")
        return self._say(f"does.{kind}", **told)

    def when(self, rule: Rule) -> str:
        """Return the condition of the moment; empty when a rule always holds."""
        return tell_condition(read_condition(rule.when, SITUATION), SITUATION, self.wording)

    def where(self, rule: Rule) -> str:
        """Return where a rule holds."""
        named = (self.placements, self.channels, self.markets)
        parts = [
            ", ".join(sorted(names.get(one, one) for one in chosen))
            for chosen, names in zip((rule.placements, rule.channels, rule.markets), named, strict=True)
            if chosen
        ]
        return " · ".join(parts) or self._say("where.everywhere")

    def schedule(self, rule: Rule) -> str:
        """Return from when until when a rule holds; empty when it has no end."""
        starts = "" if rule.starts is None else self.moment(rule.starts)
        ends = "" if rule.ends is None else self.moment(rule.ends)
        if starts and ends:
            return f"{starts} – {ends}"
        if starts:
            return self._say("schedule.from", moment=starts)
        return self._say("schedule.until", moment=ends) if ends else ""

    def moment(self, at: int) -> str:
        """Return a moment in the shop's time zone."""
        local = datetime.fromtimestamp(at / SECOND, UTC).astimezone(self.zone)
        return str(format_datetime(local, "d MMM y HH:mm", locale=self.language))

    def finding(self, finding: Finding, names: Mapping[str, str]) -> str:
        """Return what lint found, as a sentence."""
        other = names.get(finding.other, finding.other)
        detail = finding.detail
        if finding.complaint in {"unknown_placement", "empties", "empties_page", "leaves_few"}:
            detail = self.placements.get(detail, detail)
        elif finding.complaint == "pin_excluded":
            detail = self._goods((detail,))
        return self._say(f"finding.{finding.complaint}", other=other, detail=detail)

    def parts(self, rule: Rule) -> dict[str, str]:
        """Return every part of a rule in words, by what the part is called."""
        return {
            self._say("part.name"): rule.name,
            self._say("part.action"): self.sentence(rule),
            self._say("part.when"): self.when(rule) or self._say("when.always"),
            self._say("part.where"): self.where(rule),
            self._say("part.schedule"): self.schedule(rule) or self._say("schedule.always"),
            self._say("part.priority"): number(self.language, rule.priority),
            self._say("part.measured"): self._say(f"measured.{'yes' if rule.has_coin else 'no'}"),
            self._say("part.note"): rule.note or "–",
        }

    def differences(self, before: Rule, after: Rule) -> list[Difference]:
        """Return what is not the same in two states of a rule."""
        old, new = self.parts(before), self.parts(after)
        return [Difference(part, old[part], told) for part, told in new.items() if old[part] != told]

    def changes(self, before: Edition, after: Edition) -> list[Difference]:
        """Return what is not the same in two editions of a rule."""
        return self.differences(before.rule, after.rule)

    def _what(self, which: RawCondition) -> str:
        told = tell_condition(read_condition(which, PRODUCT), PRODUCT, self.wording)
        return self._say("what.some", which=told) if told else self._say("what.all")

    def _goods(self, products: Collection[str]) -> str:
        known = self.names("catalog.products", products)
        return self._some([known.get(one, one) for one in products])

    def _some(self, names: Collection[str]) -> str:
        shown = list(names)[:_MOST_NAMED]
        more = len(names) - len(shown)
        told = ", ".join(shown)
        return self._say("what.and_more", names=told, n=more) if more else told or "–"

    def _share(self, share: float) -> str:
        return percent(self.language, share, 0 if round(share * 100, 6) == round(share * 100) else 1)

    def _say(self, key: str, **values: object) -> str:
        return text(self.language, f"merchandising.{key}", **values)


def catalog_is_empty(shop: Shop) -> bool:
    """Tell whether there is nothing yet that a rule could choose from."""
    return len(live_catalog(shop).current()) == 0
