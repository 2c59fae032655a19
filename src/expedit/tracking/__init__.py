"""The way in: each event of any source becomes one of a closed family, with consent, exactly once, durably.

Calls in Segment's envelope (over HTTP, or from files by `import_events`) are read one by one, so that a bad
one is refused alone with its field and reason; `ingest` and the group-committing HTTP routes write them with
the log and the profiles in one transaction and answer when that is durable.
"""
