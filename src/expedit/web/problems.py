"""Errors as problem documents (RFC 9457) that name the field."""

from __future__ import annotations

from typing import Any

from expedit.core import (
    Conflict,
    Corrupt,
    ExpeditError,
    InvalidInput,
    NoKey,
    NotAllowed,
    NotFound,
    Struct,
    TooLarge,
    TooManyRequests,
    Unavailable,
    to_builtins,
    to_json,
)

PROBLEM_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 1

_STATUS: tuple[tuple[type[ExpeditError], int, str], ...] = (
    (TooLarge, 413, "Too large"),
    (InvalidInput, 400, "Invalid input"),
    (NotFound, 404, "Not found"),
    (NoKey, 401, "No valid key"),
    (NotAllowed, 403, "Not allowed"),
    (Conflict, 409, "Conflict"),
    (TooManyRequests, 429, "Too many requests"),
    (Unavailable, 503, "Unavailable"),
    (Corrupt, 500, "Stored data is damaged"),
)


class FieldError(Struct, frozen=True, omit_defaults=False):
    """One field at fault and what is wrong with it."""

    field: str
    reason: str


class Problem(Struct, frozen=True, omit_defaults=False):
    """A problem document (RFC 9457).

    Parameters
    ----------
    more
        Members of its own, written beside the others.
    """

    type: str
    title: str
    status: int
    detail: str
    errors: tuple[FieldError, ...] = ()
    more: dict[str, Any] = {}


def problem_of(error: Exception) -> Problem:
    """Return the document that tells a caller of `error`; an unforeseen one tells nothing of itself."""
    for kind, status, title in _STATUS:
        if isinstance(error, kind):
            fields = (FieldError(error.field, error.reason),) if isinstance(error, InvalidInput) else ()
            more = error.more if isinstance(error, Conflict) else {}
            return Problem("about:blank", title, status, str(error), fields, more)
    return Problem("about:blank", "Server error", 500, "expedit failed at this request; its log tells why")


def retry_after(error: Exception) -> int | None:
    """Return after how many seconds a caller who was answered with `error` should try again, if at all."""
    if isinstance(error, TooManyRequests):
        return error.retry_after
    return RETRY_AFTER_SECONDS if isinstance(error, Unavailable) else None


def encode_problem(problem: Problem) -> bytes:
    """Return the document as JSON.

    ``code`` and ``message`` say the title and the detail once more: the client libraries of Segment and
    RudderStack look for them, and one takes their absence for a fault that it should try again.
    """
    told = to_builtins(problem)
    more = told.pop("more")
    return to_json(
        {**more, **told, "code": problem.title.lower().replace(" ", "_"), "message": problem.detail}
    )
