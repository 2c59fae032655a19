"""Placements told in words, in one viewer's language: every part of one, and what changed."""

from __future__ import annotations

from collections.abc import Mapping

from expedit.decisions.placement_form import FIELDS
from expedit.decisions.placements import Placement, Step
from expedit.recommendation import OPTIONS, SCOPE
from expedit.web import Difference, number, percent, text

CHANNELS = ("web", "app", "mail", "receipt")


class PlacementTeller:
    """Tells of placements in one language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def parts(self, placement: Placement) -> dict[str, str]:
        """Return every part of a placement in words, by what the part is called."""
        steps = " → ".join(map(self.step, placement.ladder))
        fallback = (
            self._say(f"strategy.{placement.fallback}") if placement.fallback else self._say("edit.none")
        )
        told = {
            "headings": " · ".join(f"{words} ({locale})" for locale, words in placement.titles.items()),
            "ladder": steps or self._say("edit.none"),
            "fallback": fallback,
            "filters": self._listed("filter", placement.filters),
            "size": str(placement.size),
            "channel": self.channel(placement.channel),
            "tastes": self._say("placement.yes" if placement.personal else "placement.no"),
            "bought_days": self._say("placement.days", n=placement.bought_days),
            "proof": self._listed("proof", placement.proof),
            "selector": f"{self._say(f'edit.position_{placement.position}')} {placement.selector}"
            if placement.selector
            else "–",
            "pages": self._listed("page", placement.pages)
            if placement.pages
            else self._say("edit.every_page"),
            "template": placement.template or "–",
        }
        return {self._say(f"placement.{name}"): said for name, said in told.items()}

    def differences(self, before: Placement, after: Placement) -> list[Difference]:
        """Return what is not the same in two states of a placement."""
        old, new = self.parts(before), self.parts(after)
        return [Difference(part, old[part], told) for part, told in new.items() if old[part] != told]

    def step(self, step: Step) -> str:
        """Return one step of a ladder: its strategy, and what it is told beside it."""
        told = list(self.options(step))
        if step.share < 1:
            told.append(self._say("placement.at_most", share=percent(self.language, step.share, 0)))
        name = self._say(f"strategy.{step.strategy}")
        return f"{name} ({', '.join(told)})" if told else name

    def options(self, step: Step) -> list[str]:
        """Return what a step is told beside its strategy."""
        return [self._option(step.strategy, name, value) for name, value in step.options.items()]

    def channel(self, channel: str) -> str:
        """Return what a channel is called; a store by its own name."""
        return self._say(f"edit.channel_{channel}") if channel in CHANNELS else channel

    def channels(self, locations: list[str]) -> Mapping[str, str]:
        """Return the channels there are: the house's own, and the stores that have stock."""
        return {one: self.channel(one) for one in dict.fromkeys((*CHANNELS, *locations))}

    def _option(self, strategy: str, name: str, value: str | int | float | bool) -> str:
        known = {"scope": SCOPE, **OPTIONS.get(strategy, {})}.get(name)
        said = self._say(f"option.{name}")
        if known is not None and known.choices:
            return self._say(f"scope.{value}")
        if isinstance(value, bool):
            return said if value else self._say("edit.not", what=said)
        field = next((one for one in FIELDS.get(strategy, ()) if one.name == name), None)
        if field is not None and field.kind == "percent":
            return f"{said} {percent(self.language, float(value), 0)}"
        if isinstance(value, str):
            return f"{said} {value}"
        return f"{said} {number(self.language, value)}"

    def _listed(self, of: str, names: tuple[str, ...]) -> str:
        return ", ".join(self._say(f"{of}.{name}") for name in names) or self._say("edit.none")

    def _say(self, key: str, **values: object) -> str:
        return text(self.language, f"decisions.{key}", **values)
