"""The demo shop *Fjäll & Fjord*: its make-believe world of products and shoppers, and its storefront."""

from expedit.demo.running import prepare_demo, run_demo

__all__ = ["prepare_demo", "run_demo"]
