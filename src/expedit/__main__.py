"""Run expedit's commands: ``python -m expedit``."""

from expedit.cli import main

main()
