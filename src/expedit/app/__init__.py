"""Everything put together: the visible `FEATURES`, the ASGI application, the worker, a person's rights."""

from expedit.app.features import FEATURES, all_jobs
from expedit.app.persons import Erasure, PersonExport, erase_person, export_person, find_person
from expedit.app.server import application_from_environment, create_application, serve
from expedit.app.setup import NewHome, add_source, make_home
from expedit.app.tasks import TASKS, perform, perform_here

__all__ = [
    "FEATURES",
    "TASKS",
    "Erasure",
    "NewHome",
    "PersonExport",
    "add_source",
    "all_jobs",
    "application_from_environment",
    "create_application",
    "erase_person",
    "export_person",
    "find_person",
    "make_home",
    "perform",
    "perform_here",
    "serve",
]
