"""WooCommerce: webhooks as they come, and its REST interface (v3) pulled in full once, then by increments.

Products, variations, orders with their refunds, and customers become catalog, purchases, refunds and people.
Everything may come twice, late and in any order: message ids are those of the shop's own objects, and an
older state of one never overwrites a newer.
"""

from expedit.connections.woocommerce.kind import WOOCOMMERCE

__all__ = ["WOOCOMMERCE"]
