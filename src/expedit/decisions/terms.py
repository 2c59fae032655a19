"""What the shop has set that decisions need: free shipping, the dearest add-on, what acts count."""

from __future__ import annotations

from collections.abc import Mapping

from expedit.core import Settings, Struct, field, to_minor
from expedit.recommendation import factors_of


class Terms(Struct, frozen=True):
    """Amounts by market, in minor units of its currency, and what acts count.

    Parameters
    ----------
    free_shipping
        Value of a cart from which shipping is free; a market that is not named has no such limit.
    dearest_addon
        What an add-on may cost at most.
    factors
        How much acts count whose weight the shop has set, by kind; the others count 1.
    """

    free_shipping: dict[str, int] = field(default_factory=dict)
    dearest_addon: dict[str, int] = field(default_factory=dict)
    factors: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings) -> Terms:
        """Return the terms that the settings state.

        Raises
        ------
        InvalidInput
            Naming the setting, when an amount is none.
        """
        return cls(
            _amounts(settings.free_shipping, settings.markets, "free_shipping"),
            _amounts(settings.addon_max_price, settings.markets, "addon_max_price"),
            dict(factors_of(settings)),
        )


def _amounts(said: Mapping[str, object], markets: Mapping[str, str], name: str) -> dict[str, int]:
    return {
        market: to_minor(str(amount), markets[market], f"{name}.{market}")
        for market, amount in said.items()
        if market in markets
    }
