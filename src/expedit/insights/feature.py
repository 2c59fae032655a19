"""What insights offer to the house."""

from __future__ import annotations

from expedit.features import Feature
from expedit.insights.panel import MENU, PAGES, PERSON

FEATURE = Feature(name="insights", pages=PAGES, menu=MENU, person_panel=PERSON)
