"""What pages take for granted: a shop with a catalog, people and models, and the files that they name."""

from __future__ import annotations

import gzip
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from tests.docs.pages import ROOT
from tests.docs.terminal import Terminal

BOTH = {"analytics": True, "personalization": True}
PRODUCTS = {  # product id: (title, price in SEK, category)
    "FJ-1042": ("Sylen skaljacka", 2499, "Jackor > Skaljackor"),
    "jkt-1": ("Blåhammaren jacka", 1999, "Jackor > Skaljackor"),
    "boot-1": ("Helags känga", 1799, "Skor > Kängor"),
    "boot-2": ("Sarek känga", 2199, "Skor > Kängor"),
    "sock-1": ("Vandringssocka", 129, "Skor > Sockor"),
    "sock-2": ("Ullsocka", 149, "Skor > Sockor"),
}


def _feed(currency: str, rate: float = 1) -> str:
    items = "".join(
        f"<item><g:id>{name}-m</g:id><g:item_group_id>{name}</g:item_group_id><title>{title}</title>"
        f"<link>https://shop.example/p/{name}</link><g:image_link>https://shop.example/i/{name}.jpg</g:image_link>"
        f"<g:price>{price * rate:.2f} {currency}</g:price><g:availability>in_stock</g:availability>"
        f"<g:product_type>{category.replace('>', '&gt;')}</g:product_type></item>\n"
        for name, (title, price, category) in PRODUCTS.items()
    )
    return (
        '<?xml version="1.0"?>\n<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>\n'
        f"<title>Shop</title>{items}</channel></rss>\n"
    )


def _call(number: int, event: str, who: dict[str, str], **properties: object) -> dict[str, object]:
    return {
        "type": "track",
        "event": event,
        "messageId": f"m-{number}",
        "timestamp": f"2026-11-{1 + number % 20:02d}T10:{number % 60:02d}:00Z",
        "context": {"consent": BOTH, "market": "SE"},
        "properties": properties,
        **who,
    }


def _lines(rows: list[dict[str, object]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _history() -> str:
    """Twenty customers who look at three products and buy two; Eva, whom an e-mail address made one."""
    ids, rows, number = list(PRODUCTS), [], 0
    for customer in range(1, 21):
        who = {"userId": f"customer-{customer}"}
        bought = [ids[(customer + step) % len(ids)] for step in range(3)]
        for product in bought:
            number += 1
            rows.append(_call(number, "Product Viewed", who, product_id=product))
        number += 1
        lines = [{"product_id": product, "quantity": 1, "price": 100.0} for product in bought[:2]]
        rows.append(
            _call(number, "Order Completed", who, order_id=f"o-{customer}", currency="SEK", products=lines)
        )
    for number, device in enumerate(("eva-phone", "eva-laptop"), start=900):
        rows.append(_call(number, "Product Viewed", {"anonymousId": device}, product_id="boot-1"))
        told: dict[str, object] = {"type": "identify", "traits": {"email": "eva@example.com"}}
        rows.append({**_call(number + 50, "", {"anonymousId": device}), **told})
    return _lines([{key: value for key, value in row.items() if value != ""} for row in rows])


def _batch() -> bytes:
    """A hundred events: one that was sent before, and one whose price is none."""
    rows = [
        _call(2000 + n, "Product Viewed", {"anonymousId": f"d-{n}"}, product_id="boot-1") for n in range(100)
    ]
    rows[3]["properties"] = {"product_id": "boot-1", "price": "--", "currency": "SEK"}
    rows[99] = rows[0]
    return gzip.compress(json.dumps({"batch": rows}).encode())


FILES: dict[str, bytes | str] = {
    "feed.xml": _feed("SEK"),
    "feed-se.xml": _feed("SEK"),
    "feed-no.xml": _feed("NOK", 0.95),
    "varor.csv": "Artnr;Modell;Benämning;Pris;Pris Norge;Lager webb;Lager Åre;Internt\n"
    "mug-1;mug;Mugg;99,00;95,00;12;3;x\n",
    "rows.jsonl": '{"id": "cap-1", "title": "Mössa", "price": "299.00 SEK", "link": "/p/cap-1"}\n',
    "history.jsonl": _history(),
    "batch.json.gz": _batch(),
    "secret.txt": "shpss_0123456789abcdef\n",
    "ck.txt": "ck_0123456789abcdef\n",
    "cs.txt": "cs_0123456789abcdef\n",
    "products_export.csv": "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,"
    "Variant Inventory Qty,Cost per item,Status\nhelags,Helags,Size,42,HEL-42,1799.00,4,800.00,active\n",
    "orders_export.csv": "Name,Email,Financial Status,Paid at,Currency,Subtotal,Shipping,Taxes,Total,"
    "Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Id\n"
    "#1001,eva@example.com,paid,2026-11-02 10:00:00 +0100,SEK,1799.00,0.00,359.80,1799.00,"
    "2026-11-02 10:00:00 +0100,1,Helags - 42,1799.00,HEL-42,4501\n",
}
"""Every file that pages name without giving it, by its name."""


def put_files(folder: Path, names: str) -> None:
    """Put the files into `folder` whose names stand in `names`, and the folder `deploy` if it does."""
    for name, content in FILES.items():
        if name in names and not (folder / name).exists():
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    if "cd deploy" in names:
        shutil.copytree(ROOT / "deploy", folder / "deploy")


@dataclass
class DocumentedShop:
    """A home that has been worked with, and the variables by which pages speak of what is in it."""

    home: Path
    variables: dict[str, str] = field(default_factory=dict)

    @classmethod
    def make(cls, folder: Path, terminal: Terminal) -> DocumentedShop:
        """Make it in `folder`, where `terminal` works with EXPEDIT_HOME set to `folder/home`."""
        put_files(folder, "feed.xml history.jsonl")

        def told(command: str) -> str:
            code, said = terminal.run(command, 120)
            assert code == 0, said
            return said

        keys = json.loads(told("expedit init --markets SE:SEK,NO:NOK --json"))
        told("expedit import catalog feed.xml && expedit import events history.jsonl")
        told("expedit build && expedit build")
        told("expedit users add first@example.com --name First --role admin")
        shop = cls(folder / "home")
        eva = json.loads(told("expedit people show email eva@example.com"))
        other = json.loads(told("expedit people show user_id customer-18"))
        models = sorted(path.name for path in (shop.home / "models").iterdir() if path.is_dir())
        shop.variables = {
            "WRITE_KEY": keys["write_keys"]["server"],
            "SECRET_KEY": keys["secret_key"],
            "MERGE_ID": eva["merges"][0]["id"],
            "PERSON_ID": other["personId"],
            "VERSION": models[-1],
        }
        return shop
