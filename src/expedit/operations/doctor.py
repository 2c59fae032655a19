"""The examination: every check in turn, on a home that runs, stands still, or cannot even be opened."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from expedit.core import (
    Clock,
    ExpeditError,
    Settings,
    SettingsError,
    Struct,
    load_settings,
    system_clock,
)
from expedit.features import Feature, Health
from expedit.operations import database_checks, file_checks, life_checks, setting_checks
from expedit.operations.model import SEVERITIES, Finding
from expedit.operations.revisions import newest_revision, present_revision
from expedit.storage import Home, Shop, open_shop


class Examination(Struct, frozen=True, omit_defaults=False):
    """What an examination found.

    Parameters
    ----------
    home, version
        What was examined, by which version of expedit.
    at
        When, microseconds.
    checks
        How many checks were made.
    findings
        The worst first.
    """

    home: str
    version: str
    at: int
    checks: int
    findings: tuple[Finding, ...]

    @property
    def exit_code(self) -> int:
        """2 when something fails, 1 when something will, 0 otherwise."""
        worst = {finding.severity for finding in self.findings}
        return 2 if "failing" in worst else 1 if "warning" in worst else 0


def examine(
    root: Path,
    *,
    environ: Mapping[str, str] | None = None,
    clock: Clock = system_clock,
    probes: Sequence[Feature] = (),
) -> Examination:
    """Examine the home `root` without changing anything in it.

    Parameters
    ----------
    probes
        Features, which have something to say of themselves.
    """
    given = os.environ if environ is None else environ
    findings, checks = _examine(root, given, clock, probes)
    ordered = sorted(findings, key=lambda one: (SEVERITIES.index(one.severity), one.code))
    return Examination(str(root.absolute()), version("expedit"), clock(), checks, tuple(ordered))


def examine_shop(shop: Shop, probes: Sequence[Feature] = ()) -> Examination:
    """Examine a shop that is open, as the health page does."""
    findings: list[Finding] = []
    checks = _run(_all_checks(shop, probes), findings)
    ordered = sorted(findings, key=lambda one: (SEVERITIES.index(one.severity), one.code))
    return Examination(str(shop.home.root), version("expedit"), shop.clock(), checks, tuple(ordered))


def _examine(
    root: Path, environ: Mapping[str, str], clock: Clock, probes: Sequence[Feature]
) -> tuple[list[Finding], int]:
    home = Home(root)
    if not home.exists():
        return [Finding("no_home", "failing", {"home": str(home.root)})], 1
    try:
        load_settings(home.settings_path.read_text(), environ)
    except (SettingsError, OSError, UnicodeDecodeError) as error:
        return [Finding("settings", "failing", {"error": str(error)})], 2
    if not home.secret_path.is_file():
        return [Finding("no_secret", "failing", {"path": str(home.secret_path)})], 3
    findings: list[Finding] = []
    try:
        shop = open_shop(root, environ, clock, read_only=True)
    except (ExpeditError, ValueError) as error:
        return [Finding("database_away", "failing", {"error": str(error)})], 4
    try:
        checks = _run(_all_checks(shop, probes), findings)
    finally:
        shop.close()
    return findings, checks + 4


Check = Callable[[], Iterator[Finding]]


def _all_checks(shop: Shop, probes: Sequence[Feature]) -> Iterator[Check]:
    """Give the checks that make sense: no question to a database that does not answer."""
    settings: Settings = shop.settings
    for check in setting_checks.CHECKS:
        yield lambda check=check: check(settings)  # type: ignore[misc]
    for look in file_checks.CHECKS:
        yield lambda look=look: look(shop)  # type: ignore[misc]
    try:
        revision = present_revision(shop.database)
    except ExpeditError as error:
        fault = Finding("database_away", "failing", {"error": str(error)})
        yield lambda: iter((fault,))
        return
    if revision != newest_revision():
        yield lambda: _schema(revision)
        return
    for ask in (*database_checks.CHECKS, *life_checks.CHECKS):
        yield lambda ask=ask: ask(shop)  # type: ignore[misc]
    for feature in probes:
        if feature.health is not None:
            yield lambda health=feature.health: _asked(health(shop))  # type: ignore[misc]


def _asked(found: Sequence[Health]) -> Iterator[Finding]:
    """Give what a feature says of itself, where it is not well."""
    for one in found:
        if one.state != "ok":
            yield Finding(
                "feature", one.state, {"name": one.name, "says": one.says, "spoken": one.spoken}, one.href
            )


def _schema(revision: str) -> Iterator[Finding]:
    if revision > newest_revision():
        yield Finding("schema_newer", "failing", {"revision": revision, "known": newest_revision()})
    else:
        yield Finding("schema_older", "warning", {"revision": revision or "none", "known": newest_revision()})


def _run(checks: Iterator[Check], findings: list[Finding]) -> int:
    """Make every check; one that cannot be made is a finding of its own."""
    made = 0
    for check in checks:
        made += 1
        try:
            findings += check()
        except ExpeditError as error:
            findings.append(Finding("check_failed", "warning", {"error": str(error)}))
    return made
