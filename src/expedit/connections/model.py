"""What a connection is, what its kind can do, and what came in: frozen values, no I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from expedit.access import SourceKind
from expedit.core import Progress, Struct, field
from expedit.events import IdentifierKind
from expedit.storage import Shop

MessageState = Literal["pending", "done", "failed"]
"""Waiting or to be tried again; turned into changes; given up with a field and a reason."""

FieldKind = Literal["text", "secret", "choice", "number", "yes", "url"]


class Connection(Struct, frozen=True):
    """One system that is plugged in.

    Parameters
    ----------
    id
        Short name, a part of its webhook address.
    kind
        Name of its `Kind`.
    name
        What people call it.
    source
        Id of the source (`expedit.access`) under which its events are stored, with consent default and basis.
    settings
        What its kind asks for, except secrets.
    enabled
        A paused one goes on receiving; its messages wait.
    created
        When it was made, in microseconds.
    """

    id: str
    kind: str
    name: str
    source: str
    settings: dict[str, Any]
    enabled: bool
    created: int

    def text(self, name: str) -> str:
        """Return a setting as text, empty when it is not there."""
        value = self.settings.get(name)
        return "" if value is None else str(value)


class Field(Struct, frozen=True):
    """One thing that a person tells when connecting.

    Parameters
    ----------
    name
        Name in the settings (or of the secret), on the command line, and of its texts
        (``connections.<kind>_<name>`` and ``…_help``).
    kind
        How it is asked for; a ``secret`` is sealed and never shown again.
    required
        Whether it may be left out.
    default, choices
        What stands there at first; what may be chosen.
    check
        Cleans the given text; raises `InvalidInput`.
    """

    name: str
    kind: FieldKind = "text"
    required: bool = True
    default: str = ""
    choices: tuple[str, ...] = ()
    check: Callable[[str], str] | None = None


class Hook(Struct, frozen=True):
    """A webhook request as it came: header names in lower case, the body untouched."""

    headers: dict[str, str]
    body: bytes
    received: int


class Incoming(Struct, frozen=True):
    """A webhook whose signature holds.

    Parameters
    ----------
    topic
        What it is about, as its sender names it.
    delivery
        The sender's id of it; the same again is a duplicate.
    headers
        Those that are needed later.
    people
        Identifiers that the body names, so that erasure finds the stored message.
    """

    topic: str
    delivery: str
    headers: dict[str, str] = field(default_factory=dict)
    people: tuple[tuple[IdentifierKind, str], ...] = ()


class Message(Struct, frozen=True):
    """A message in the inbox; moments in microseconds.

    Parameters
    ----------
    due
        When it is tried (again), while it is pending.
    at_fault, reason
        Why it failed, or why it waits.
    finished
        When it was done or given up.
    """

    id: int
    connection: str
    topic: str
    delivery: str
    received: int
    headers: dict[str, str]
    body: bytes
    state: MessageState = "pending"
    attempts: int = 0
    due: int = 0
    at_fault: str = ""
    reason: str = ""
    finished: int | None = None


class Later(Struct, frozen=True):
    """A handler's answer that a message has to be handled once more, at `due`: `reason` says why."""

    due: int
    reason: str


class More(Struct, frozen=True):
    """A fetch's answer that it is not through: `note` says what it has got; it is due again at once."""

    note: str


Receive = Callable[[Connection, Hook, Sequence[str]], Incoming | None]
Handle = Callable[[Shop, Connection, Message], Later | None]
Fetch = Callable[[Shop, Connection, Progress], str | More]


class Kind(Struct, frozen=True):
    """What can be connected, and how.

    Parameters
    ----------
    name
        ``shopify``, ``woocommerce``, …; also the last part of the webhook address.
    fields
        What to ask for.
    receive
        ``(connection, hook, secrets) → Incoming | None``: checks the signature over the raw body, in constant
        time, against each of the secrets (two while one is being rotated; newest first), names the message.
        Raises `NotAllowed` when none fits; answers None for a mere ping, which is not stored. Must be quick:
        no I/O. A kind without it gets no webhooks.
    handle
        ``(shop, connection, message) → None | Later``: turns a message into changes. It may be called again
        with the same message, and with messages in any order. `InvalidInput` (with its field) fails the
        message at once, `Unavailable` has it tried again later.
    fetch
        ``(shop, connection, progress) → note | More``: goes and gets; resumable by marks, idempotent. The
        note says what was got. One that takes long answers `More` after some seconds, so that the one worker
        can do other things in between. Errors are told in the health and tried again with backoff.
    every
        Seconds between two fetches of a connection.
    source_kind
        Kind of the source under which its events are stored.
    webhook_secret
        Name of the secret field that `receive` checks against.
    topics
        What should be subscribed to at the sender, for the page that tells how.
    page
        Path of a page of its own in the panel, which the connection's page leads to.
    """

    name: str
    fields: tuple[Field, ...]
    receive: Receive | None = None
    handle: Handle | None = None
    fetch: Fetch | None = None
    every: Callable[[Connection], float] | None = None
    source_kind: SourceKind = "server"
    webhook_secret: str = ""
    topics: tuple[str, ...] = ()
    page: str = ""

    def field(self, name: str) -> Field | None:
        """Return the field of that name, if it has one."""
        return next((one for one in self.fields if one.name == name), None)


class Run(Struct, frozen=True):
    """How the fetching of a connection stands; moments in microseconds."""

    due: int
    started: int | None = None
    succeeded: int | None = None
    attempts: int = 0
    note: str = ""
    error: str = ""


Headers = Mapping[str, str]
