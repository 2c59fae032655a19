"""Candidates for every placement: models learned from the log, and what the catalog alone can say.

A build (`build`, or `build_model` from arrays) writes a version into the models folder, `publish` has it
serve; `live_model` gives the serving model, `candidates` asks one of its `STRATEGIES`. `evaluate_sessions`
measures the session model on files.
"""

from expedit.recommendation.build import BuildParams, TrainingData, build_model
from expedit.recommendation.building import build
from expedit.recommendation.content import ProductFacts
from expedit.recommendation.evaluate import EvaluationReport, evaluate_sessions
from expedit.recommendation.live import ModelHandle, live_model
from expedit.recommendation.meeting import factors_of
from expedit.recommendation.model import Model, empty_model, load_model
from expedit.recommendation.model_folder import (
    ModelMeta,
    current_version,
    list_versions,
    prune,
    publish,
    read_meta,
    rollback,
)
from expedit.recommendation.options import OPTIONS, SCOPE, Option, check_options
from expedit.recommendation.people import groups_of
from expedit.recommendation.place_classes import PlaceClasses, read_place_classes
from expedit.recommendation.query import Act, Bought, Candidates, Query, Strategy
from expedit.recommendation.scopes import PLACES, kind_of, place_scopes
from expedit.recommendation.session_feed import SessionFeed, session_feed
from expedit.recommendation.session_model import SessionParams
from expedit.recommendation.strategies import STRATEGIES, candidates

__all__ = [
    "OPTIONS",
    "PLACES",
    "SCOPE",
    "STRATEGIES",
    "Act",
    "Bought",
    "BuildParams",
    "Candidates",
    "EvaluationReport",
    "Model",
    "ModelHandle",
    "ModelMeta",
    "Option",
    "PlaceClasses",
    "ProductFacts",
    "Query",
    "SessionFeed",
    "SessionParams",
    "Strategy",
    "TrainingData",
    "build",
    "build_model",
    "candidates",
    "check_options",
    "current_version",
    "empty_model",
    "evaluate_sessions",
    "factors_of",
    "groups_of",
    "kind_of",
    "list_versions",
    "live_model",
    "load_model",
    "place_scopes",
    "prune",
    "publish",
    "read_meta",
    "read_place_classes",
    "rollback",
    "session_feed",
]
