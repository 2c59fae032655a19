"""One frozen table of settings: name, kind, default, help.

A value comes from the environment (``EXPEDIT_`` + the name in capitals), else from ``expedit.toml`` in the
home folder, else from the table. Settings are read once and passed down.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple, get_origin, get_type_hints

from expedit.core.codec import Struct, field
from expedit.core.errors import MoneyError, SettingsError
from expedit.core.money import check_currency


class Row(NamedTuple):
    """Where a setting stands in ``expedit.toml`` and what it does."""

    section: str
    help: str
    choices: tuple[str, ...] = ()
    between: tuple[int, int] | None = None


class Settings(Struct, frozen=True):
    """The table: every setting with its kind, section, help and default."""

    database_url: Annotated[
        str, Row("storage", "PostgreSQL address (postgresql://…); empty = SQLite in the home")
    ] = ""
    synchronous: Annotated[
        str,
        Row(
            "storage",
            "SQLite durability: full survives a power cut, normal may lose the last ms",
            ("full", "normal"),
        ),
    ] = "full"
    locale: Annotated[
        str, Row("shop", "language of texts when a request names none: sv, nb or en", ("sv", "nb", "en"))
    ] = "sv"
    markets: Annotated[dict[str, str], Row("shop", "markets of the shop and the currency of each")] = field(
        default_factory=lambda: {"SE": "SEK"}
    )
    time_zone: Annotated[str, Row("shop", "time zone in which rules tell hours and weekdays")] = "UTC"
    shop_name: Annotated[str, Row("shop", "name of the shop, as the panel shows it")] = ""
    shop_url: Annotated[str, Row("shop", "address of the shop, put before relative product links")] = ""
    free_shipping: Annotated[
        dict[str, str],
        Row("shop", "value of a cart from which a market ships free, in major units; none: no such limit"),
    ] = {}
    prior_price_progressive: Annotated[
        bool,
        Row(
            "shop",
            "in a row of growing reductions, the prior price is the one before the first (98/6/EC 6a.5)",
        ),
    ] = False
    prior_price_new_products: Annotated[
        bool,
        Row("shop", "show a prior price for goods on the market less than 30 days (98/6/EC 6a.4)"),
    ] = False
    allowed_origins: Annotated[
        list[str], Row("web", "origins that may call from a browser on another host (CORS)")
    ] = []
    public_url: Annotated[
        str,
        Row("web", "address under which the world outside reaches this server (https://data.my-shop.com)"),
    ] = ""
    cookie_name: Annotated[str, Row("web", "name of the first-party visitor cookie")] = "expedit_id"
    cookie_days: Annotated[int, Row("web", "how long the visitor cookie lives")] = 365
    cookie_secure: Annotated[
        bool, Row("web", "send the visitor cookie over HTTPS only (loopback is exempt)")
    ] = True
    session_idle_minutes: Annotated[
        int, Row("access", "a session of the panel ends when nothing came for this long")
    ] = 120
    session_hours: Annotated[
        int, Row("access", "a session of the panel ends after this long at the latest")
    ] = 12
    session_renew_minutes: Annotated[
        int, Row("access", "how often the token of a session is made anew while it goes on")
    ] = 30
    link_hours: Annotated[int, Row("access", "how long a set-up or reset link is good")] = 24
    rate_limit_public: Annotated[
        int, Row("access", "requests a second that all browsers with one public write key may make; 0 = any")
    ] = 5000
    rate_limit_secret: Annotated[
        int, Row("access", "requests a second that the holder of one secret key may make; 0 = any")
    ] = 5000
    rate_limit_burst: Annotated[float, Row("access", "seconds' worth of requests that may come at once")] = (
        2.0
    )
    max_connections: Annotated[int, Row("limits", "most connections at a time, in each server process")] = (
        1000
    )
    max_url_bytes: Annotated[int, Row("limits", "longest address of a request")] = 8192
    max_header_bytes: Annotated[int, Row("limits", "longest head of a request")] = 32768
    header_seconds: Annotated[
        float, Row("limits", "how long a client may take to send the head of a request")
    ] = 10.0
    body_seconds: Annotated[float, Row("limits", "how long a client may take to send the body")] = 30.0
    request_seconds: Annotated[float, Row("limits", "how long an answer may take to begin")] = 25.0
    write_seconds: Annotated[float, Row("limits", "how long a client may leave an answer unread")] = 30.0
    decide_concurrent: Annotated[
        int, Row("limits", "most decisions under way at a time; more are turned away with 503")
    ] = 64
    decide_wait_ms: Annotated[
        float, Row("limits", "decisions that stood in a queue longer are turned away with 503")
    ] = 40.0
    ingest_wait_ms: Annotated[
        float, Row("limits", "so few events are let in that their senders wait no longer; 503 for the others")
    ] = 35.0
    ingest_batch_wait_ms: Annotated[
        float, Row("limits", "how long batches of more than 25 events may wait, whose senders have time")
    ] = 1000.0
    request_concurrent: Annotated[
        int, Row("limits", "most other requests under way at a time; more are turned away with 503")
    ] = 64
    max_event_bytes: Annotated[int, Row("tracking", "largest single event")] = 32768
    max_batch_bytes: Annotated[int, Row("tracking", "largest batch body, after gunzip")] = 512000
    max_batch_events: Annotated[int, Row("tracking", "most events in a batch")] = 1000
    future_tolerance_minutes: Annotated[int, Row("tracking", "events further in the future are refused")] = 60
    group_commit_ms: Annotated[float, Row("tracking", "longest wait to fill a group commit")] = 3.0
    group_commit_events: Annotated[int, Row("tracking", "most events in a group commit")] = 300
    postal_characters: Annotated[
        int, Row("tracking", "characters of a postal code that are kept with an order; 0 = none")
    ] = 3
    dedupe_days: Annotated[int, Row("tracking", "how long message ids are remembered")] = 90
    seal_minutes: Annotated[int, Row("log", "how often events are sealed to Parquet")] = 5
    profile_days: Annotated[int, Row("profiles", "days of behavior a profile remembers")] = 180
    profile_events: Annotated[int, Row("profiles", "most events a profile remembers")] = 500
    affinity_half_life_days: Annotated[
        int, Row("profiles", "days after which an affinity has faded by half")
    ] = 14
    event_weights: Annotated[
        dict[str, str],
        Row(
            "profiles",
            "how much an act says about taste, 0 … 1000; a view is 1, a purchase 8 unless set; what is"
            " popular and trending changes in proportion",
        ),
    ] = {}
    quarantine_links: Annotated[
        int, Row("identity", "an identifier tied to more others than this is quarantined")
    ] = 25
    holdout_share: Annotated[float, Row("experiments", "share of people who never get personalization")] = 0.1
    landing_generic_share: Annotated[
        float,
        Row("decisions", "share of people who get the ordinary page, not a landing page, to measure it"),
    ] = 0.1
    rule_off_share: Annotated[
        float, Row("decisions", "share of decisions in which a coin may switch one rule off, to measure it")
    ] = 0.02
    explore_share: Annotated[
        float, Row("decisions", "share of decisions whose tail is shuffled with known propensities")
    ] = 0.02
    candidate_log_share: Annotated[
        float, Row("decisions", "share of decisions logged with all candidates")
    ] = 0.01
    build_hours: Annotated[int, Row("recommendation", "how often models are rebuilt")] = 24
    build_days: Annotated[int, Row("recommendation", "days of events a model learns from")] = 365
    tune_seconds: Annotated[int, Row("recommendation", "time a build may spend on tuning")] = 60
    addon_max_price: Annotated[
        dict[str, str],
        Row("recommendation", "dearest add-on to a cart in each market, in major units; none: any price"),
    ] = {}
    place_headers: Annotated[
        dict[str, str],
        Row("recommendation", "request headers that tell a visitor's country, region and postal code"),
    ] = field(
        default_factory=lambda: {
            "country": "cf-ipcountry cloudfront-viewer-country x-country-code x-country",
            "region": "cf-region-code cloudfront-viewer-country-region x-region-code x-region",
            "postal": "cf-postal-code cloudfront-viewer-postal-code x-postal-code",
        }
    )
    geo_file: Annotated[
        str,
        Row("recommendation", "CSV file of network,country,region that places visitors by their address"),
    ] = ""
    place_classes: Annotated[
        str,
        Row("recommendation", "CSV file of country,postal,class (as town and country), for bestsellers"),
    ] = ""
    pictures_a_minute: Annotated[
        int, Row("recommendation", "pictures of products fetched and looked at each minute; 0 = none")
    ] = 0
    keep_models: Annotated[int, Row("recommendation", "model versions kept for rollback")] = 5
    proof_floor: Annotated[
        int, Row("proof", "fewest different people of whom a count (14 bought in the last 7 days) is shown")
    ] = 5
    proof_days: Annotated[int, Row("proof", "days within which people are counted")] = 7
    proof_most_days: Annotated[
        int, Row("proof", "days within which they are counted where those of proof_days are too few")
    ] = 30
    proof_minutes: Annotated[
        int, Row("proof", "how often people are counted, at most every 45; 0 = never", between=(0, 45))
    ] = 5
    log_format: Annotated[
        str,
        Row("operations", "log lines as json or console; auto: by the terminal", ("auto", "json", "console")),
    ] = "auto"
    log_level: Annotated[
        str, Row("operations", "least level that is logged", ("debug", "info", "warning", "error"))
    ] = "info"
    access_log: Annotated[bool, Row("operations", "log a line for each request, without its path")] = False
    metrics_open: Annotated[
        bool, Row("operations", "give /metrics to everybody; else to loopback and keys with scope metrics")
    ] = False
    drain_seconds: Annotated[
        float, Row("operations", "how long /readyz says no before the server stops taking requests")
    ] = 0.0
    backup_folder: Annotated[
        str, Row("operations", "where backups lie; the list of erasures is kept there, too")
    ] = ""
    backup_hours: Annotated[
        int, Row("operations", "how often a backup is made in backup_folder; 0 = by hand")
    ] = 0
    backup_days: Annotated[
        int, Row("operations", "backups older than this are deleted, so that erasure reaches them")
    ] = 30
    events_days: Annotated[int, Row("retention", "days that events are kept; 0 = for ever")] = 0
    decisions_days: Annotated[int, Row("retention", "days that decisions are kept; 0 = for ever")] = 0
    dead_letter_days: Annotated[int, Row("retention", "days that refused events are kept, at most 30")] = 30
    audit_days: Annotated[int, Row("retention", "days that the audit log is kept; 0 = for ever")] = 730
    connection_inbox_days: Annotated[
        int, Row("connections", "days that the raw messages of connected systems are kept once handled")
    ] = 14
    connection_silence_hours: Annotated[
        float,
        Row(
            "connections", "hours of silence below which a connection raises no alarm, however lively it was"
        ),
    ] = 6.0
    allow_private_addresses: Annotated[
        list[str],
        Row(
            "connections", "hosts or networks that may be fetched from although they are private (10.0.0.0/8)"
        ),
    ] = []
    outbound_proxy: Annotated[
        str,
        Row(
            "connections",
            "forward proxy for fetching (http://…); empty = none, whatever the environment says",
        ),
    ] = ""


class Setting(NamedTuple):
    """One row of the table, taken apart."""

    name: str
    kind: type
    default: Any
    section: str
    help: str
    choices: tuple[str, ...] = ()
    between: tuple[int, int] | None = None


def _rows() -> tuple[Setting, ...]:
    blank = Settings()
    hints = get_type_hints(Settings, include_extras=True)
    return tuple(
        Setting(
            name, get_origin(hint.__origin__) or hint.__origin__, getattr(blank, name), *hint.__metadata__[0]
        )
        for name, hint in hints.items()
    )


SETTINGS: tuple[Setting, ...] = _rows()

_KINDS = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}


def load_settings(toml: str, environ: Mapping[str, str], origin: str = "expedit.toml") -> Settings:
    """Read the text of a settings file and the environment.

    Raises
    ------
    SettingsError
        Naming the setting, its value's origin and what would fit.
    """
    try:
        tables = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{origin} is not valid TOML: {error}") from None
    except RecursionError:
        raise SettingsError(f"{origin} is nested too deeply") from None
    known = {row.name: row for row in SETTINGS}
    sections = {row.section for row in SETTINGS}
    values: dict[str, Any] = {}
    for section, rows in tables.items():
        if not isinstance(rows, dict):
            raise SettingsError(f"{origin}: {section!r} stands outside a [section]")
        if not rows and section not in sections:
            raise SettingsError(f"{origin}: no section is called [{section}]")
        for name, value in rows.items():
            if name not in known or known[name].section != section:
                raise SettingsError(f"{origin}: no setting is called [{section}] {name}")
            values[name] = _checked(known[name], value, origin)
    for row in SETTINGS:
        variable = f"EXPEDIT_{row.name.upper()}"
        if variable in environ:
            values[row.name] = _checked(row, _from_text(row, environ[variable]), variable)
    return Settings(**values)


def _from_text(row: Setting, text: str) -> object:
    if row.kind is str:
        return text
    if row.kind is bool:
        return text.strip().lower() in {"1", "true", "yes", "on"}
    if row.kind is list:
        return [part.strip() for part in text.split(",") if part.strip()]
    if row.kind is dict:
        return dict(part.strip().split(":", 1) for part in text.split(",") if ":" in part)
    try:
        return row.kind(text)
    except ValueError:
        raise SettingsError(f"EXPEDIT_{row.name.upper()} must be {_KINDS[row.kind]}, not {text!r}") from None


def _checked(row: Setting, value: object, origin: str) -> object:
    if row.kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not row.kind:
        raise SettingsError(f"{origin}: {row.name} must be {_KINDS[row.kind]}, not {value!r}")
    if row.choices and value not in row.choices:
        raise SettingsError(f"{origin}: {row.name} must be one of {', '.join(row.choices)}, not {value!r}")
    if row.between and isinstance(value, int) and not row.between[0] <= value <= row.between[1]:
        least, most = row.between
        raise SettingsError(f"{origin}: {row.name} must be {least} … {most}, not {value}")
    if row.name == "markets" and isinstance(value, dict):
        for market, currency in value.items():
            try:
                check_currency(str(currency), f"markets.{market}")
            except MoneyError as error:
                raise SettingsError(f"{origin}: {error}") from None
    return value


def settings_file(chosen: Mapping[str, Any]) -> str:
    """Return a commented settings file: every row, its default shown, `chosen` values set."""
    lines = ["# Settings of this expedit installation. A line that starts with # shows the default."]
    section = ""
    for row in SETTINGS:
        if row.section != section:
            section = row.section
            lines += ["", f"[{section}]"]
        value = chosen.get(row.name, row.default)
        lines += [f"# {row.help}", f"{'' if row.name in chosen else '# '}{row.name} = {_toml(value)}"]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return "[" + ", ".join(_toml(part) for part in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(part)}" for key, part in value.items()) + " }"
    return str(value)
