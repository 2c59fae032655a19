"""Questions to the log and the engines that answer them.

A question is a ``.sql`` file beside the room that asks it, in DuckDB's dialect and within rules that let
another engine give the same answer (`expedit.warehouse.portable`). The embedded engine is DuckDB;
`Warehouse` is the interface that any other one fills.
"""

from expedit.warehouse.duck import DuckWarehouse, open_warehouse
from expedit.warehouse.model import Dataset, Question, Source, View, Warehouse, question

__all__ = [
    "Dataset",
    "DuckWarehouse",
    "Question",
    "Source",
    "View",
    "Warehouse",
    "open_warehouse",
    "question",
]
