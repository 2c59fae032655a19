"""The types that a room's ``feature.py`` fills in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal

from expedit.core import PersonRef, Progress, Settings, Struct
from expedit.storage import Shop, Transaction
from expedit.web import Html, Reply, Role, Route, Viewer, Visit


class Job(Struct, frozen=True):
    """Periodic work.

    Parameters
    ----------
    name
        Unique over all features.
    every
        Seconds between two runs, from the settings.
    run
        Does the work; may be repeated after a crash, so it must be idempotent.
    """

    name: str
    every: Callable[[Settings], float]
    run: Callable[[Shop, Progress], None]


class Page(Struct, frozen=True):
    """One address of the panel.

    Parameters
    ----------
    path
        With parameters as Litestar writes them: ``/panel/people/{person_id:str}``.
    show
        Answers GET, in a thread.
    act
        Answers POST, in a thread, once the form's token is checked; leaves its trace with `access.audit`. An
        `InvalidInput` that it raises shows the page again with the error at the field.
    role, act_role
        Who may see it, and who may post to it.
    public
        Whether it is open to visitors who have not signed in; their visit carries `NOBODY`.
    body_limit
        Largest posted body in bytes, files included.
    """

    path: str
    show: Callable[[Shop, Visit], Reply] | None = None
    act: Callable[[Shop, Visit], Reply] | None = None
    role: Role = "viewer"
    act_role: Role = "merchandiser"
    public: bool = False
    body_limit: int = 1_000_000


class MenuItem(Struct, frozen=True):
    """One line of the panel's menu.

    Parameters
    ----------
    path
        The page.
    text
        Key of its name.
    icon
        Name of a Tabler icon.
    order
        Place in the menu; lines of a group stand together, where its first one stands.
    role
        Who sees it.
    group
        Key of the heading it stands under, as ``web.group.customers``; empty for none.
    """

    path: str
    text: str
    icon: str
    order: int
    role: Role = "viewer"
    group: str = ""


class Found(Struct, frozen=True):
    """One hit of the panel's search.

    Parameters
    ----------
    title, note
        What was found, and a line that tells it from others.
    href
        Its page; without personal data.
    kind
        Text key of what kind of thing it is.
    """

    title: str
    note: str
    href: str
    kind: str


class Use(Struct, frozen=True):
    """Something that needs a thing of another room, as a rule needs an audience.

    Parameters
    ----------
    title
        What it is called.
    kind
        Text key of what kind of thing it is.
    href
        Its page, or empty.
    """

    title: str
    kind: str
    href: str = ""


class PersonPanel(Struct, frozen=True):
    """A card on the page of one person.

    Parameters
    ----------
    text
        Key of its heading.
    order
        Place among the cards.
    show
        Gives the card's body.
    """

    text: str
    order: int
    show: Callable[[Shop, PersonRef, Visit], Html]


class Health(Struct, frozen=True):
    """One thing that was looked at, and how it is.

    Parameters
    ----------
    name
        What was looked at.
    state
        ``warning`` asks for attention, ``failing`` does not work.
    says
        One sentence: what is so, and what to do.
    href
        The page of the panel that shows more.
    critical
        Whether the server cannot do its work while this is failing: `/readyz` then says so.
    spoken
        The sentence in the languages of the panel, where it has them: language → whole sentence, with the
        name of what was looked at in it. `says` is in English, for logs and machines.
    """

    name: str
    state: Literal["ok", "warning", "failing"]
    says: str
    href: str = ""
    critical: bool = False
    spoken: dict[str, str] = {}


class Feature(Struct, frozen=True):
    """One room's offer.

    Parameters
    ----------
    name
        The room's name.
    tables
        Every table that the room owns.
    person_tables
        Those of them that hold something of a person; each must be covered by `erase_person`.
    routes
        Gives the room's routes.
    jobs
        Periodic work.
    export_person
        Gives what the room knows of a person, as JSON-able values (GDPR art. 15 and 20).
    erase_person
        Erases the person inside the caller's transaction (GDPR art. 17).
    start
        Opens what the room keeps in memory while serving.
    pages, menu
        The room's part of the panel.
    find
        Finds what a viewer's words mean in this room, the likeliest first, at most ten.
    titles
        For each kind of thing that the room keeps (``product``, ``placement``): a function of shop, ids and
        language that gives the titles of those that it knows. Lists of other rooms show them in place of ids.
    lists
        For each kind of thing of which there are few (``placement``, ``channel``): a function of shop and
        language that gives the titles of all of them, by id. Other rooms offer them to choose from.
    uses
        For each kind of thing (``audience``): a function of a transaction and an id that gives what of this
        room is in force and needs that thing, which must then stay.
    person_panel
        Cards on the page of one person.
    health
        Looks after the room's own well-being; must answer within a second.
    package
        Python package that holds ``texts.toml`` and ``templates/``; empty for a room of expedit itself. A
        plugin names its own.
    """

    name: str
    tables: tuple[str, ...] = ()
    person_tables: tuple[str, ...] = ()
    routes: Callable[[Shop], Sequence[Route]] | None = None
    jobs: tuple[Job, ...] = ()
    export_person: Callable[[Shop, PersonRef], dict[str, object]] | None = None
    erase_person: Callable[[Shop, Transaction, PersonRef], None] | None = None
    start: Callable[[Shop], None] | None = None
    pages: tuple[Page, ...] = ()
    menu: tuple[MenuItem, ...] = ()
    find: Callable[[Shop, Viewer, str], Sequence[Found]] | None = None
    titles: Mapping[str, Callable[[Shop, Collection[str], str], Mapping[str, str]]] = {}
    lists: Mapping[str, Callable[[Shop, str], Mapping[str, str]]] = {}
    uses: Mapping[str, Callable[[Transaction, str], Sequence[Use]]] = {}
    person_panel: tuple[PersonPanel, ...] = ()
    health: Callable[[Shop], Sequence[Health]] | None = None
    package: str = ""


class _Installed:
    """The features that serve one shop."""

    def __init__(self) -> None:
        self.features: tuple[Feature, ...] = ()


def install(shop: Shop, features: Sequence[Feature]) -> None:
    """Tell a shop which features serve it; `app` does so at start."""
    shop.part(_Installed, _Installed).features = tuple(features)


def installed(shop: Shop) -> tuple[Feature, ...]:
    """Return the features that serve a shop, for pages that show something of each (health, a person)."""
    return shop.part(_Installed, _Installed).features


def titles_of(shop: Shop, kind: str, ids: Collection[str], language: str) -> Mapping[str, str]:
    """Return what the things of that kind are called, by id; ids that no feature knows are left out."""
    found: dict[str, str] = {}
    for feature in installed(shop):
        if ids and kind in feature.titles:
            found |= feature.titles[kind](shop, ids, language)
    return found


def list_of(shop: Shop, kind: str, language: str) -> Mapping[str, str]:
    """Return all things of a kind of which there are few, as placements: id → title."""
    found: dict[str, str] = {}
    for feature in installed(shop):
        if kind in feature.lists:
            found |= feature.lists[kind](shop, language)
    return found


def uses_of(shop: Shop, tx: Transaction, kind: str, thing: str) -> tuple[Use, ...]:
    """Return everything that is in force and needs a thing of that kind."""
    return tuple(
        use for feature in installed(shop) if kind in feature.uses for use in feature.uses[kind](tx, thing)
    )
