"""The demo's landing pages: one for an autumn campaign, one for whoever searched for something."""

from __future__ import annotations

from expedit.access import SYSTEM
from expedit.decisions import LANDING, THE_PAGE
from expedit.experiments import pin
from expedit.merchandising import LandingPage, LandingWords, publish_landing, save_landing
from expedit.storage import Shop

PAGES: dict[str, LandingPage] = {
    "host": LandingPage(
        "Höstkampanjen",
        {
            "sv": LandingWords(
                "Redo för ruskväder",
                "Skal som står emot, ull som värmer även när den är våt.\n\nUtvalt av oss i butiken i Åre.",
                "/pictures/rain.webp",
                "En fjällsida i dis",
            ),
            "nb": LandingWords(
                "Klar for ruskevær",
                "Skall som holder tett, ull som varmer også når den er våt.\n\nValgt av oss i butikken.",
                "/pictures/rain.webp",
                "En fjellside i dis",
            ),
            "en": LandingWords(
                "Ready for rough weather",
                "Shells that keep the rain out, wool that warms even when it is wet.\n\nPicked by us.",
                "/pictures/rain.webp",
                "A mountainside in the mist",
            ),
        },
        when={"arrival.campaign": {"$in": ["host", "autumn"]}},
        which={"category": {"$in": ["Jackor", "Tröjor"]}},
        priority=10,
        promise=False,
        generic_url="/sv/",
    ),
    "hittade-hit": LandingPage(
        "Den som sökte",
        {
            "sv": LandingWords("Det du letade efter", "Det som passar din sökning bäst står först."),
            "nb": LandingWords("Det du lette etter", "Det som passer søket ditt best, står først."),
            "en": LandingWords("What you were looking for", "What fits your search best comes first."),
        },
        when={"arrival.kind": {"$in": ["search", "ad"]}, "arrival.phrase": {"$exists": True}},
        priority=20,
        generic_url="/sv/",
    ),
}


def put_up_pages(shop: Shop) -> None:
    """Keep the demo's landing pages, and put them in force."""
    with shop.database.writing() as tx:
        for slug, page in PAGES.items():
            made = save_landing(tx, slug, page, 0, SYSTEM, shop.clock())
            publish_landing(tx, slug, made.version, SYSTEM, shop.clock())


def pin_pages(shop: Shop) -> None:
    """Let everybody see the demo's pages: nobody's first try should get the ordinary one."""
    for slug in PAGES:
        pin(shop, THE_PAGE, LANDING + slug)
