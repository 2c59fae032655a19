"""The way OUT: one explained answer for every placement that asks."""
