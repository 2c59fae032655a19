"""The tests of expedit; folders mirror the rooms."""
