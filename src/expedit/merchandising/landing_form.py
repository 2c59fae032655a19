"""Between a landing page and its form: what the fields hold, and what was typed into them."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from expedit.core import InvalidInput, write_condition
from expedit.merchandising.landing import RANKINGS, LandingPage, LandingWords, check_landing
from expedit.merchandising.landing_telling import LOCALES
from expedit.merchandising.vocabulary import PRODUCT, SITUATION
from expedit.web import Visit, condition_from, text

WORDS: tuple[str, ...] = LandingWords.__struct_fields__


def held_by(page: LandingPage) -> dict[str, Any]:
    """Return what the fields of a page's form hold."""
    share = page.generic_share
    return {
        "pins": "\n".join(page.pins),
        "generic_share": "" if share is None else f"{round(share * 100, 4):g}",
        "words": {
            locale: page.words.get(locale, LandingWords(""))
            for locale in dict.fromkeys((*LOCALES, *page.words))
        },
    }


def landing_of_form(visit: Visit) -> LandingPage:
    """Return the page that a form describes.

    Raises
    ------
    InvalidInput
        At the field of the form, in the viewer's language.
    """
    form = visit.form
    if form.get("ranking", "") not in RANKINGS:
        raise _wrong("ranking", visit)
    pins = (line.strip() for line in form.get("pins", "").splitlines())
    page = LandingPage(
        " ".join(form.get("name", "").split()),
        _words(visit),
        write_condition(condition_from(form.get("when", ""), SITUATION, "when", visit.language)),
        write_condition(condition_from(form.get("which", ""), PRODUCT, "which", visit.language)),
        tuple(dict.fromkeys(line for line in pins if line)),
        form["ranking"],  # type: ignore[arg-type]
        "promise" in form,
        _whole(visit, "size"),
        _whole(visit, "priority"),
        _share(visit),
        form.get("generic_url", "").strip(),
    )
    try:
        return check_landing(page)
    except InvalidInput as error:
        raise _at_field(error, visit) from error


def slug_of(name: str) -> str:
    """Return a slug that a name suggests."""
    lowered = name.casefold().replace("ø", "o").replace("æ", "ae")
    plain = unicodedata.normalize("NFKD", lowered).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")


def _words(visit: Visit) -> dict[str, LandingWords]:
    """Return what the page says; a language of which every field is empty is not spoken."""
    found = {}
    locales = [name[6:] for name in visit.form if re.fullmatch(r"title_[a-z]{2}", name)]
    for locale in locales:
        said = [visit.form.get(f"{name}_{locale}", "").replace("\r\n", "\n").strip() for name in WORDS]
        if any(said):
            found[locale] = LandingWords(*said)
    return found


def _at_field(error: InvalidInput, visit: Visit) -> InvalidInput:
    first, _, rest = error.field.partition(".")
    if first != "words":
        return _wrong(first, visit)
    locale, _, name = rest.partition(".")
    kind = {"": "words", "picture": "picture", "title": "title"}.get(name, "long")
    return InvalidInput(f"{name or 'title'}_{locale or LOCALES[0]}", _said(kind, visit))


def _wrong(field: str, visit: Visit) -> InvalidInput:
    return InvalidInput(field, _said(field, visit))


def _said(name: str, visit: Visit) -> str:
    return text(visit.language, f"merchandising.landings.wrong.{name}")


def _whole(visit: Visit, name: str) -> int:
    typed = visit.form.get(name, "").strip()
    if not typed.isdecimal() or len(typed) > 9:
        raise _wrong(name, visit)
    return int(typed)


def _share(visit: Visit) -> float | None:
    typed = re.sub(r"[\s%]", "", visit.form.get("generic_share", "")).replace(",", ".")
    try:
        return round(float(typed) / 100, 6) if typed else None
    except ValueError:
        raise _wrong("generic_share", visit) from None
