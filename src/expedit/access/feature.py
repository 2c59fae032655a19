"""What access offers to the house."""

from expedit.features import Feature

FEATURE = Feature(name="access", tables=("sources", "api_keys"))
