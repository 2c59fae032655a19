"""Making the demo at its first run, and opening its shop."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from expedit.app import make_home, perform, serve
from expedit.core import (
    Clock,
    NotFound,
    Progress,
    Struct,
    format_time,
    from_json,
    no_progress,
    system_clock,
    to_json,
)
from expedit.demo.drawing import Drawing, open_gallery, picture_folder
from expedit.demo.landing import pin_pages, put_up_pages
from expedit.demo.pictures import BANNERS, Gallery, banner, hero, rasterize, sign
from expedit.demo.ruling import set_rules
from expedit.demo.showing import show_season
from expedit.demo.storefront import Engine, Pages, beside, create_storefront, read_goods
from expedit.demo.world import MARKETS, DemoCatalog, build_catalog, known_people, write_shoppers
from expedit.experiments import PERSONALIZED, pin
from expedit.orders import keep_orders
from expedit.proof import count_people, keep_sales
from expedit.storage import Home, Shop, open_shop, write_whole
from expedit.web import Asgi

_LOOPBACK = "127.0.0.1"
_TUNE_SECONDS = 5


class DemoKeys(Struct, frozen=True):
    """What the storefront's server needs to know of the expedit beside it."""

    write_key: str
    secret_key: str
    signing_secret: str
    made_at: int


def prepare_demo(root: Path, progress: Progress = no_progress, clock: Clock = system_clock) -> None:
    """Make the demo's home, catalog, history and first model, unless a whole one is there."""
    if _keys_path(root).exists():
        return
    if Home(root).exists():
        raise NotFound(f"{root} is an expedit home, but not a demo's; choose another with --home")
    now = clock()
    made = make_home(
        root, {"shop_name": "Fjäll & Fjord", "markets": MARKETS, "locale": "sv", "cookie_secure": False}
    )
    catalog = build_catalog(now)
    feed, history = root / "catalog.jsonl", root / "history.jsonl.gz"
    catalog.to_jsonl(feed, picture="/pictures/{id}-640.webp")
    perform(root, "import_catalog", {"path": str(feed)}, progress)
    prices = root / "prices.csv"
    write_price_history(catalog, prices)
    perform(root, "import_prices", {"path": str(prices)}, progress)
    write_shoppers(catalog, history, now, progress)
    perform(root, "import_events", {"path": str(history), "source": "server"}, progress)
    progress("what the shop showed", 0, None)
    answers = root / "answers.jsonl.gz"
    shop = open_shop(root)
    try:
        keep_orders(shop, progress)  # a customer who looks at once sees theirs
        show_season(shop, history, answers, now)
        set_rules(shop)
        put_up_pages(shop)
    finally:
        shop.close()
    perform(root, "import_events", {"path": str(answers), "source": "server"}, progress)
    build = [
        sys.executable,
        "-m",
        "expedit",
        "build",
        "--home",
        str(root),
        "--tune-seconds",
        str(_TUNE_SECONDS),
    ]
    progress("learning models", 0, None)
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    progress("learning models", 1, 1)
    shop = open_shop(root)
    try:
        write_whole(shop.home.proof_path, count_people(shop))
        keep_sales(shop)
    finally:
        shop.close()
    keys = DemoKeys(made.write_keys["web"], made.secret_key, made.signing_secret, now)
    # Written last: a demo without this file was interrupted.
    with os.fdopen(os.open(_keys_path(root), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(to_json(keys))


def write_price_history(catalog: DemoCatalog, path: Path) -> None:
    """Write what each size has cost since it came, so that reductions can show their prior price."""
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["id", "market", "price", "from"])
        for product in catalog.products:
            for market, offer in product.offers.items():
                for variant in product.variants:
                    out.writerow(
                        [variant.id, market, offer.amount(offer.price), format_time(product.created)]
                    )


def run_demo(root: Path, port: int, clock: Clock = system_clock) -> None:
    """Serve the storefront and expedit on one port until interrupted."""
    keys = from_json(_keys_path(root).read_bytes(), DemoKeys)
    gallery = open_gallery(keys.made_at)

    def prepare(shop: Shop) -> None:
        # Nobody's first try should land in the holdout.
        pin(shop, PERSONALIZED)
        pin_pages(shop)
        if gallery.missing():
            shop.part(Drawing, lambda: Drawing(keys.made_at))

    def wrap(engine: Asgi) -> Asgi:
        speaker = Engine(_LOOPBACK, port, keys.secret_key, keys.signing_secret)
        pages = Pages(read_goods(root / "catalog.jsonl"), speaker, keys.write_key)
        draw = pictures(picture_folder(), gallery)
        return beside(create_storefront(pages, draw, known_people(), "expedit_id", clock), engine)

    serve(root, port, host=_LOOPBACK, wrap=wrap, prepare=prepare)


def pictures(folder: Path, gallery: Gallery) -> Callable[[str], bytes]:
    """Return a function that gives a picture's WebP bytes by file name, drawing it if need be."""
    scenes: dict[str, tuple[Callable[[], str], int]] = {"hero": (hero, 1600)}
    scenes |= {name: (partial(banner, mood), 1200) for name, mood in BANNERS.items()}
    lock = threading.Lock()

    def picture(name: str) -> bytes:
        if name == "sign.svg":
            return sign().encode()
        stem = name.removesuffix(".webp")
        if stem in scenes:
            path = folder / f"scene-{stem}.webp"
            with lock:
                if not path.exists():
                    draw, width = scenes[stem]
                    folder.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(rasterize(draw(), width))
            return path.read_bytes()
        product, width = (stem[:-4], 640) if stem.endswith("-640") else (stem, 320)
        return gallery.picture_bytes(product, width)

    return picture


def _keys_path(root: Path) -> Path:
    return root / "demo.json"
