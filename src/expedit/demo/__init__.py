"""The demo shop *Fjäll & Fjord*: its make-believe world of products and shoppers, and its storefront."""
