"""Reconciliation: orders and revenue here beside the shop's own figures by day, and why they differ."""

from expedit.connections.reconciliation.figures import ShopOrder
from expedit.connections.reconciliation.store import note_shop_orders

__all__ = ["ShopOrder", "note_shop_orders"]
