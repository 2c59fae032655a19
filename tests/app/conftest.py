"""Installations, shared with the neighbors."""

from tests.app.fixtures import house, new_postgres, stocked, stocked_template

__all__ = ["house", "new_postgres", "stocked", "stocked_template"]
