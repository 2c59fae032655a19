"""Candidates for every placement: models learned from the log, and what the catalog alone can say."""

from expedit.recommendation.evaluate import EvaluationReport, evaluate_sessions

__all__ = ["EvaluationReport", "evaluate_sessions"]
