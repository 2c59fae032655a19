"""What a room offers to the house: one `Feature` value of routes, jobs, tables and duties toward people.

Only `app` reads features; a plugin gives the same value through an entry point and has no fewer rights.
"""

from expedit.features.feature import Feature, Job

__all__ = ["Feature", "Job"]
