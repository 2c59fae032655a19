"""The commands of ``expedit``."""

from expedit.cli.main import main

__all__ = ["main"]
