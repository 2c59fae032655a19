"""Till lines from files: receipts of every store and register, joined to products by what was scanned."""

from expedit.connections.tills.columns import TillFormat
from expedit.connections.tills.importing import TillReport, import_till
from expedit.connections.tills.joining import join_lines
from expedit.connections.tills.kind import TILL_LINES

__all__ = ["TILL_LINES", "TillFormat", "TillReport", "import_till", "join_lines"]
