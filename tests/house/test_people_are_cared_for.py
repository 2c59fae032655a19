"""Every table that holds something of a person has an owner that can export and erase it."""

from __future__ import annotations

from expedit.app import FEATURES
from expedit.storage import metadata

PERSON_COLUMNS = {"subject", "subject_id", "person_id", "user_id", "email", "anonymous_id"}


def test_every_table_has_exactly_one_owner() -> None:
    owners: dict[str, list[str]] = {table: [] for table in metadata.tables}
    for feature in FEATURES:
        for table in feature.tables:
            owners.setdefault(table, []).append(feature.name)
    owners.pop("jobs")  # the worker's own, below the features
    assert {table: names for table, names in owners.items() if len(names) != 1} == {}


def test_tables_with_a_person_are_claimed() -> None:
    holding = {
        table.name
        for table in metadata.tables.values()
        if any(column.name in PERSON_COLUMNS or column.name.endswith("_subject") for column in table.columns)
    }
    claimed = {table for feature in FEATURES for table in feature.person_tables}
    assert holding <= claimed, holding - claimed


def test_who_holds_people_can_export_and_erase_them() -> None:
    for feature in FEATURES:
        assert set(feature.person_tables) <= set(feature.tables), feature.name
        if feature.person_tables:
            assert feature.export_person is not None, feature.name
            assert feature.erase_person is not None, feature.name


def test_features_have_names_of_their_own() -> None:
    names = [feature.name for feature in FEATURES]
    assert len(names) == len(set(names))
    jobs = [job.name for feature in FEATURES for job in feature.jobs]
    assert len(jobs) == len(set(jobs))
