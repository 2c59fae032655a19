"""The health page: what it shows, and that a job asked for runs next."""

import pytest

from expedit.access import read_audit
from expedit.core import HOUR, NotFound
from expedit.features import Feature, Job, install
from expedit.jobs import job_states
from expedit.jobs.schedule import schedule
from expedit.operations.panel import run_job, show_health
from expedit.operations.readiness import readiness
from expedit.operations.revisions import newest_revision
from expedit.web import Html, Redirect, Viewer, Visit

ADMIN = Viewer("u1", "Eva", "eva@example.com", "admin")
JOB = Job(name="seal", every=lambda _: 60.0, run=lambda _, __: None)


@pytest.fixture
def served(shop):
    with shop.database.writing() as tx:
        tx.run("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL)")
        tx.run("DELETE FROM alembic_version")
        tx.run("INSERT INTO alembic_version VALUES (?)", (newest_revision(),))
        schedule(tx, "seal", 3600, shop.clock())
    install(shop, (Feature(name="made-up", jobs=(JOB,)),))
    readiness(shop).beat()
    yield shop
    with shop.database.writing() as tx:
        tx.run("DROP TABLE alembic_version")


def test_it_shows_findings_jobs_room_and_servers(served):
    page = show_health(served, Visit(viewer=ADMIN, language="nb"))
    assert isinstance(page, Html)
    values = page.values
    told = {one.finding.code: one for one in values["findings"]}
    assert told["no_catalog"].words.what == "Det finnes ingen vare."
    assert (told["no_catalog"].tone, told["no_catalog"].severity) == ("red", "Feil")
    assert [(title, run.name) for title, run in values["runs"]] == [("Forsegle hendelsesloggen", "seal")]
    assert values["may_run"] is True
    assert {name for name, _ in values["parts"]} == {
        "Database",
        "Hendelseslogg",
        "Beslutninger",
        "Modeller",
        "Annet",
    }
    (process,) = values["processes"]
    assert process.id == readiness(served).process.id
    assert values["sizes"].total == sum(part.bytes for _, part in values["parts"])


def test_a_job_that_is_asked_for_is_due_at_once_and_noted(served):
    before = job_states(served.database, served.clock())[0]
    assert before.due == served.clock() + HOUR
    said = run_job(served, Visit(viewer=ADMIN, language="en", form={"job": "seal"}))
    assert said == Redirect("/panel/health", "“Seal the event log” runs at the next free moment.")
    assert job_states(served.database, served.clock())[0].due == served.clock()
    (entry,) = read_audit(served)
    assert (entry.actor, entry.action, entry.subject) == ("u1", "job.asked", "seal")


def test_a_job_that_nobody_has_is_refused(served):
    with pytest.raises(NotFound, match="no job is called"):
        run_job(served, Visit(viewer=ADMIN, form={"job": "rm -rf"}))
