"""Real services that tests start and stop."""
