"""Merchant feeds by their address: fetched on a schedule, read only when they changed, all or nothing."""

from expedit.connections.feeds.kind import MERCHANT_FEED

__all__ = ["MERCHANT_FEED"]
