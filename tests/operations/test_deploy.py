"""The files for systemd, containers, proxies and Grafana, checked as far as that goes unrun."""

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from typer.main import get_command

from expedit.app import create_application, perform_here
from expedit.cli.main import application
from expedit.core import SETTINGS, no_progress
from expedit.operations import meters
from expedit.operations.states import States
from expedit.recommendation import build, live_model
from tests.operations.homes import opened

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def instructions() -> list[tuple[str, str]]:
    text = (DEPLOY / "Dockerfile").read_text()
    joined = re.sub(r"\\\n", " ", re.sub(r"(?m)^#.*\n", "", text))
    return [tuple(line.split(None, 1)) for line in joined.splitlines() if line.strip()]  # type: ignore[misc]


def settings_in(text: str) -> set[str]:
    return {name.lower() for name in re.findall(r"EXPEDIT_([A-Z_]+)", text)} - {"home", "numba_cache"}


def options_of(name: str) -> set[str]:
    command = get_command(application).commands[name]  # type: ignore[attr-defined]
    return {option for one in command.params for option in one.opts}


def test_every_copied_file_exists():
    for word, rest in instructions():
        parts = shlex.split(rest)
        if word == "COPY" and not parts[0].startswith("--from"):
            for source in parts[:-1]:
                assert (ROOT / source).exists(), source


def test_the_image_runs_as_nobody_special_and_knows_when_it_is_well():
    words = [word for word, _ in instructions()]
    by_word = dict(instructions())
    assert by_word["USER"] == "10001:10001"
    assert words.index("USER") > words.index("VOLUME") - 3
    assert "/readyz" in by_word["HEALTHCHECK"]
    assert json.loads(by_word["ENTRYPOINT"]) == ["expedit"]
    images = [rest.split()[0] for word, rest in instructions() if word == "FROM"]
    assert len(images) == 2
    assert all(":" in image and not image.endswith(":latest") for image in images)
    assert not any(
        re.search(r"\b(sudo|curl|wget|ADD)\b", rest) for word, rest in instructions() if word == "RUN"
    )
    assert "ADD" not in words


def test_commands_and_settings_in_the_files_exist():
    known = {row.name for row in SETTINGS}
    for path in sorted(DEPLOY.rglob("*")):
        if path.is_file():
            assert settings_in(path.read_text()) <= known, path.name
    command, *options = json.loads(dict(instructions())["CMD"])
    assert {one for one in options if one.startswith("--")} <= options_of(command)
    for name in ("expedit.service", "compose.yaml", "prometheus.yml"):
        for line in (DEPLOY / name).read_text().splitlines():
            for words in re.findall(r"(?:bin/|run --rm )expedit ([a-z]+)([^#>]*)", line):
                given = set(re.findall(r"--[a-z-]+", words[1]))
                if words[0] != "keys":
                    assert given <= options_of(words[0]), line


def test_the_compose_file_is_one_that_compose_reads(tmp_path):
    if shutil.which("docker") is None:
        pytest.skip("no docker command to read it with")
    probe = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip("docker compose is not installed")
    compose = ["docker", "compose", "-f", str(DEPLOY / "compose.yaml"), "--profile", "watch"]
    done = subprocess.run(
        [*compose, "config", "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "POSTGRES_PASSWORD": "x"},
    )
    assert done.returncode == 0, done.stderr
    services = json.loads(done.stdout)["services"]
    assert set(services) == {"database", "expedit", "prometheus", "grafana"}
    assert services["expedit"]["read_only"] is True
    for service in services.values():
        for volume in service.get("volumes", []):
            if volume["type"] == "bind":
                assert Path(volume["source"]).exists(), volume["source"]


def test_what_the_compose_file_mounts_exists():
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    services = compose["services"]
    assert set(services) == {"database", "expedit", "prometheus", "grafana"}
    named = set(compose["volumes"])
    for service in services.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (DEPLOY / source).exists() if source.startswith(".") else source in named, source
    build = services["expedit"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).samefile(DEPLOY / "Dockerfile")
    command, *options = services["expedit"]["command"]
    assert {one for one in options if one.startswith("--")} <= options_of(command)
    yaml.safe_load((DEPLOY / "prometheus.yml").read_text())


def test_systemd_takes_the_unit(tmp_path):
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("no systemd-analyze")
    unit = tmp_path / "expedit.service"
    text = (DEPLOY / "expedit.service").read_text()
    unit.write_text(
        text.replace("/opt/expedit/bin/expedit", "/bin/true")
        .replace("User=expedit", "User=daemon")
        .replace("Group=expedit", "Group=daemon")
    )
    done = subprocess.run([tool, "verify", str(unit)], capture_output=True, text=True, check=False)
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "expedit.service" in line]
    assert ours == []
    rated = subprocess.run(
        [tool, "security", "--offline=true", "--threshold=30", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert rated.returncode == 0, rated.stdout[-1500:] + rated.stderr
    assert "Type=notify" in text
    assert "NotifyAccess=all" in text


def test_every_figure_on_the_dashboard_exists(stocked):
    shop = opened(stocked)
    assert create_application(shop, work=False)
    perform_here(shop, "seal", {"rewrite": False}, no_progress)
    build(shop, tune_seconds=0)  # without a model there is no age of one
    live_model(shop).poll()  # unless the watching thread was first
    assert live_model(shop).current().version
    looked_up = CollectorRegistry()
    looked_up.register(States(shop))
    text = (generate_latest(meters(shop).registry) + generate_latest(looked_up)).decode()
    shop.close()
    there = {family.name for family in text_string_to_metric_families(text)}
    samples = {
        sample.name for family in text_string_to_metric_families(text) for sample in family.samples
    } | {name + suffix for name in there for suffix in ("_total", "_bucket", "_sum", "_count", "")}
    dashboard = json.loads((DEPLOY / "grafana" / "expedit.json").read_text())
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    assert len(expressions) > 30
    for expression in expressions:
        for name in re.findall(r"\bexpedit_\w+", expression):
            assert name in samples, expression
        assert expression.count("(") == expression.count(")")
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    # And the other way: nothing is counted that nobody would see.
    shown = " ".join(expressions)
    unseen = {name for name in there if name.startswith("expedit_") and name not in shown}
    assert unseen <= {
        "expedit_catalog_version", "expedit_model_info", "expedit_database_up",
        "expedit_server_processes", "expedit_gate_admitted", "expedit_process_open_files",
    }  # fmt: skip


def test_proxies_name_paths_that_exist():
    for name in ("Caddyfile", "nginx.conf"):
        text = (DEPLOY / name).read_text()
        assert "127.0.0.1:8000" in text
        for path in ("metrics", "readyz", "healthz"):
            assert path in text
