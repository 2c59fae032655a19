"""Landing pages told in words, in one viewer's language: who arrives, what is shown, and what changed."""

from __future__ import annotations

from expedit.access import Arranged
from expedit.core import Struct
from expedit.merchandising.landing import LandingPage, when_lands, which_lands
from expedit.merchandising.telling import RuleTeller
from expedit.merchandising.vocabulary import PRODUCT, SITUATION
from expedit.storage import Shop
from expedit.web import Difference, number, percent, tell_condition, text

LOCALES = ("sv", "nb", "en")
"""Languages that the panel writes pages in; the API knows any."""


class LandingRow(Struct, frozen=True):
    """A landing page in the list: its newest edition, told."""

    edition: Arranged[LandingPage]
    standing: str
    title: str
    who: str
    what: str
    author: str


def standing_of(edition: Arranged[LandingPage]) -> str:
    """Return how a page stands: ``published``, ``draft``, ``draft_beside`` one in force, or ``archived``."""
    return "draft_beside" if edition.state == "draft" and edition.live else edition.state


class LandingTeller:
    """Tells of the landing pages of one shop in one language."""

    def __init__(self, shop: Shop, language: str) -> None:
        self.language = language
        self.rules = RuleTeller(shop, language)
        self._shop = shop

    def title(self, page: LandingPage) -> str:
        """Return its heading, as the viewer reads it if it speaks their language."""
        return page.said(self.language, self._shop.settings.locale)[1].title

    def who(self, page: LandingPage) -> str:
        """Return who arrives at a page."""
        told = tell_condition(when_lands(page), SITUATION, self.rules.wording)
        return self._say("who", when=told) if told else self._say("nobody")

    def what(self, page: LandingPage) -> str:
        """Return which products a page shows."""
        told = tell_condition(which_lands(page), PRODUCT, self.rules.wording)
        some = self._say("what", which=told) if told else self._say("everything")
        return f"{some} {self._say('pinned', n=len(page.pins))}" if page.pins else some

    def parts(self, page: LandingPage) -> dict[str, str]:
        """Return every part of a page in words, by what the part is called."""
        names = self.rules.names("catalog.products", page.pins)
        share = page.generic_share
        parts = {
            self._say("part.name"): page.name,
            self._say("part.when"): self.who(page),
            self._say("part.which"): self.what(page),
            self._say("part.pins"): ", ".join(names.get(one, one) for one in page.pins) or "–",
            self._say("part.ranking"): self._say(f"ranking.{page.ranking}"),
            self._say("part.promise"): self._say("yes" if page.promise else "no"),
            self._say("part.size"): number(self.language, page.size),
            self._say("part.priority"): number(self.language, page.priority),
            self._say("part.generic_share"): self._say("as_set")
            if share is None
            else percent(self.language, share, 0),
            self._say("part.generic_url"): page.generic_url or "–",
        }
        for locale, words in sorted(page.words.items()):
            lines = (words.title, words.intro, words.picture, words.picture_text)
            parts[self._words_in(locale)] = " · ".join(one for one in lines if one)
        return parts

    def _words_in(self, locale: str) -> str:
        """Return what the words in a language are called; one that the panel cannot name goes by its code."""
        if locale in LOCALES:
            return self._say(f"part.words_{locale}")
        return self._say("part.words", code=locale)

    def differences(self, before: LandingPage, after: LandingPage) -> list[Difference]:
        """Return what is not the same in two states of a page."""
        old, new = self.parts(before), self.parts(after)
        return [
            Difference(part, old.get(part, "–"), new.get(part, "–"))
            for part in dict.fromkeys((*old, *new))
            if old.get(part) != new.get(part)
        ]

    def changes(self, before: Arranged[LandingPage], after: Arranged[LandingPage]) -> list[Difference]:
        """Return what is not the same in two editions of a page."""
        return self.differences(before.body, after.body)

    def _say(self, key: str, **values: object) -> str:
        return text(self.language, f"merchandising.landings.{key}", **values)
