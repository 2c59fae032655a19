"""The whole tree of errors that expedit raises on purpose.

::

    ExpeditError
    ├── SettingsError         a setting is missing or unusable
    ├── InvalidInput          input is refused; names the field
    │   ├── TooLarge          a limit on size, depth or count was passed
    │   └── MoneyError        text that is no amount of money
    ├── NotFound              what was asked for does not exist
    ├── NotAllowed            the key or signature does not permit this
    │   └── NoKey             there is no key, or none that is known
    ├── Conflict              somebody else changed it first, or it exists already
    ├── Unavailable           a needed part is away for now; try again
    ├── TooManyRequests       the caller asks more often than it may; says when to come again
    ├── Corrupt               stored data fails its check
    └── MissingExtra          an optional dependency is not installed
"""

from __future__ import annotations

from collections.abc import Mapping


class ExpeditError(Exception):
    """Anything that expedit raises on purpose."""


class SettingsError(ExpeditError):
    """A setting is missing or unusable; the text names the setting and where it was looked for."""


class InvalidInput(ExpeditError):
    """Input is refused.

    Parameters
    ----------
    field
        Path of the field at fault, as in ``batch[3].properties.price``.
    reason
        What is wrong with it, as a short clause.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field = field
        self.reason = reason

    def under(self, prefix: str) -> InvalidInput:
        """Return the same complaint with `prefix` put before the field."""
        field = (
            f"{prefix}.{self.field}" if self.field and not self.field.startswith("[") else prefix + self.field
        )
        return type(self)(field, self.reason)


class TooLarge(InvalidInput):
    """A limit on size, depth or count was passed."""


class MoneyError(InvalidInput):
    """Text that is no amount of money."""


class NotFound(ExpeditError):
    """What was asked for does not exist."""


class NotAllowed(ExpeditError):
    """The key or signature does not permit this."""


class NoKey(NotAllowed):
    """The request carries no key, or one that is not known."""


class Conflict(ExpeditError):
    """Somebody else changed it first, it exists already, or something speaks against it.

    Parameters
    ----------
    reason
        What is in the way.
    more
        What a caller's machine should know of it, by name; part of the answer.
    """

    def __init__(self, reason: str = "", more: Mapping[str, object] | None = None) -> None:
        super().__init__(reason)
        self.more = dict(more or {})


class Unavailable(ExpeditError):
    """A needed part is away for now; trying again later may work."""


class TooManyRequests(ExpeditError):
    """The caller asks more often than it may.

    Parameters
    ----------
    reason
        Whose limit was passed.
    retry_after
        Whole seconds after which it may ask again.
    """

    def __init__(self, reason: str, retry_after: int = 1) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Corrupt(ExpeditError):
    """Stored data fails its check."""


class MissingExtra(ExpeditError):
    """An optional dependency is not installed; the text names the install command."""

    def __init__(self, extra: str, purpose: str) -> None:
        super().__init__(f'{purpose} needs an extra: pip install "expedit[{extra}]"')
        self.extra = extra
