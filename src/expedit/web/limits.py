"""How much one client, and all of them together, may take of the server."""

from __future__ import annotations

from expedit.core import Settings, Struct


class Limits(Struct, frozen=True):
    """The limits of connections; see the section ``limits`` of the settings.

    Parameters
    ----------
    connections
        Most connections at a time; one more is told to come back and closed.
    url_bytes, header_bytes
        Longest address, and longest head of a request in all.
    header_seconds, body_seconds
        How long a client may take to send the head, and then the body.
    request_seconds
        How long an answer may take to begin.
    write_seconds
        How long a client may leave an answer lying that fills its line.
    """

    connections: int = 1000
    url_bytes: int = 8192
    header_bytes: int = 32768
    header_seconds: float = 10.0
    body_seconds: float = 30.0
    request_seconds: float = 60.0
    write_seconds: float = 30.0

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Return the limits that a shop has set."""
        return cls(
            settings.max_connections,
            settings.max_url_bytes,
            settings.max_header_bytes,
            settings.header_seconds,
            settings.body_seconds,
            settings.request_seconds,
            settings.write_seconds,
        )
