"""What a room offers to the house: one `Feature` of routes, pages, jobs, tables and duties toward people.

Only `app` reads features; a plugin gives the same value through an entry point and has no fewer rights. A
page that shows something of every feature (health, one person) asks `installed`.
"""

from expedit.features.feature import (
    Feature,
    Found,
    Health,
    Job,
    MenuItem,
    Page,
    PersonPanel,
    Use,
    install,
    installed,
    list_of,
    titles_of,
    uses_of,
)

__all__ = [
    "Feature",
    "Found",
    "Health",
    "Job",
    "MenuItem",
    "Page",
    "PersonPanel",
    "Use",
    "install",
    "installed",
    "list_of",
    "titles_of",
    "uses_of",
]
