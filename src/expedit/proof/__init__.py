"""What others did with a product: how many different people bought or viewed it, counted, never made up.

A job counts every few minutes; `live_proof` gives servers what was counted last, as long as it is fresh.
"""

from expedit.proof.counting import count_people
from expedit.proof.live import LiveProof, Proofs, live_proof
from expedit.proof.model import KINDS, Count, Counts, Kind
from expedit.proof.selling import count_sales, keep_sales

__all__ = [
    "KINDS",
    "Count",
    "Counts",
    "Kind",
    "LiveProof",
    "Proofs",
    "count_people",
    "count_sales",
    "keep_sales",
    "live_proof",
]
