"""Shopify: webhooks for everything that changes, and its product and order exports for everything before."""

from expedit.connections.shopify.kind import SHOPIFY
from expedit.connections.shopify.order_file import import_shopify_orders
from expedit.connections.shopify.product_file import import_shopify_products
from expedit.connections.shopify.store import TABLES

__all__ = ["SHOPIFY", "TABLES", "import_shopify_orders", "import_shopify_products"]
