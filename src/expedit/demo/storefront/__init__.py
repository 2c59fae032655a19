"""The pages of Fjäll & Fjord: an ordinary shop that knows expedit only by its public API and the snippet."""

from expedit.demo.storefront.application import beside, create_storefront
from expedit.demo.storefront.engine import Engine
from expedit.demo.storefront.goods import read_goods
from expedit.demo.storefront.rendering import Pages

__all__ = ["Engine", "Pages", "beside", "create_storefront", "read_goods"]
