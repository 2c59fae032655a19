"""Periodic work: a schedule in the database, leases so that two workers never do the same job at once.

A worker is a thread of the server on SQLite and may be a process of its own on PostgreSQL. Work is
idempotent: a job whose worker died is taken over when its lease runs out.
"""

from expedit.jobs.apart import main_apart, run_apart
from expedit.jobs.schedule import JobState, Scheduled, ask_for, job_states
from expedit.jobs.worker import Worker, run_now

__all__ = ["JobState", "Scheduled", "Worker", "ask_for", "job_states", "main_apart", "run_apart", "run_now"]
