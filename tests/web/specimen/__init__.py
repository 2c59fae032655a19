"""A plugin with a panel of its own: every part of the kit on one page, and a form that can be refused."""

from __future__ import annotations

from expedit.core import Conflict, InvalidInput, NotAllowed, NotFound, Unavailable
from expedit.features import Feature, Found, MenuItem, Page
from expedit.storage import Shop
from expedit.web import Cookie, Download, Html, Redirect, Reply, Viewer, Visit, text

DAYS = [f"{day} Oct" for day in range(1, 31)]
CHART = {
    "xAxis": {"type": "category", "data": DAYS, "boundaryGap": False},
    "yAxis": {"type": "value", "scale": True},
    "series": [
        {
            "name": "Personalized", "type": "line", "smooth": True, "showSymbol": False,
            "areaStyle": {"opacity": 0.1}, "data": [12 + (day * 7 % 11) / 4 for day in range(30)],
        },
        {
            "name": "Holdout", "type": "line", "smooth": True, "showSymbol": False,
            "lineStyle": {"type": "dashed"}, "data": [10.5 + (day * 5 % 9) / 5 for day in range(30)],
        },
    ],
}  # fmt: skip
FUNNEL = {
    "legend": False,
    "tooltip": {"trigger": "item"},
    "series": [
        {
            "type": "funnel", "left": 0, "right": 0, "top": 0, "bottom": 0, "gap": 2,
            "label": {"position": "inside"},
            "data": [{"name": name, "value": value} for name, value in
                     (("Shown", 100), ("Clicked", 70), ("In cart", 45), ("Bought", 25))],
        }
    ],
}  # fmt: skip


def show_parts(shop: Shop, visit: Visit) -> Reply:
    """Show every part."""
    values = {"chart": CHART, "funnel": FUNNEL, "rows": range(5), "at": visit.at - 7_200_000_000}
    return Html("specimen/parts.html", values)


def show_form(shop: Shop, visit: Visit) -> Reply:
    """Show a form."""
    return Html("specimen/form.html", {"kept": visit.cookies.get("expedit_kept", "")})


def send_form(shop: Shop, visit: Visit) -> Reply:
    """Refuse a name that is too short; else tell what came."""
    name = visit.form.get("name", "")
    if len(name) < 3:
        raise InvalidInput("name", text(visit.language, "specimen.form.short", n=3))
    brought = ", ".join(f"{file.name} {len(file.body)}" for file in visit.uploads.values())
    said = text(visit.language, "specimen.form.done", name=name, kinds="+".join(visit.chosen("kind")))
    return Redirect("/panel/specimen/form", f"{said} {brought}".strip(), (Cookie("expedit_kept", "yes", 60),))


def fail(shop: Shop, visit: Visit) -> Reply:
    """Fail as asked."""
    kind = visit.path["kind"]
    if kind == "bug":
        raise RuntimeError("secret detail")
    errors = {"404": NotFound, "403": NotAllowed, "409": Conflict, "503": Unavailable}
    raise errors[kind](f"said {kind}")


def give(shop: Shop, visit: Visit) -> Reply:
    """Give a file."""
    return Download(b"<script>alert(1)</script>", "text/html", "blåbär.html")


def away(shop: Shop, visit: Visit) -> Reply:
    """Lead to another site, which the kit refuses."""
    return Redirect("//example.com/")


def count(shop: Shop, visit: Visit) -> Reply:
    """Give a fragment."""
    return Html("specimen/count.html", {"partial": visit.partial})


def open_page(shop: Shop, visit: Visit) -> Reply:
    """Greet anybody."""
    return Html("specimen/open.html", {"said": visit.form.get("word", "")})


def find(shop: Shop, viewer: Viewer, words: str) -> list[Found]:
    """Find boots."""
    names = ("Boot <b>low</b>", "Boot high", "Boot mid")
    return [
        Found(name, f"note {n}", f"/panel/specimen/form?n={n}", "specimen.kind")
        for n, name in enumerate(names)
        if words.lower() in name.lower()
    ]


SPECIMEN = Feature(
    "specimen",
    pages=(
        Page("/panel/specimen", show=show_parts),
        Page("/panel/specimen/form", show=show_form, act=send_form, body_limit=10_000),
        Page("/panel/specimen/fail/{kind:str}", show=fail, act=fail, act_role="viewer"),
        Page("/panel/specimen/file", show=give),
        Page("/panel/specimen/away", show=away),
        Page("/panel/specimen/count", show=count),
        Page("/panel/specimen/secret", show=show_form, act=send_form, role="admin", act_role="admin"),
        Page("/panel/open", show=open_page, act=open_page, public=True),
    ),
    menu=(
        MenuItem("/panel/specimen", "specimen.title", icon="layout-dashboard", order=10),
        MenuItem(
            "/panel/specimen/form",
            "specimen.form.title",
            icon="forms",
            order=100,
            group="web.group.customers",
        ),
        MenuItem(
            "/panel/specimen/secret",
            "specimen.secret",
            icon="lock",
            order=900,
            role="admin",
            group="web.group.administration",
        ),
    ),
    find=find,
    package="tests.web.specimen",
)
