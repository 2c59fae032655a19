"""Settings come from the environment, then the file, then the table."""

import pytest

from expedit.core import SETTINGS, Settings, SettingsError, load_settings, settings_file


def test_defaults() -> None:
    assert load_settings("", {}) == Settings()


def test_the_environment_wins_over_the_file() -> None:
    text = "[tracking]\nmax_batch_events = 5\ngroup_commit_ms = 2\n"
    values = load_settings(text, {"EXPEDIT_MAX_BATCH_EVENTS": "7", "EXPEDIT_MARKETS": "SE:SEK,NO:NOK"})
    assert (values.max_batch_events, values.group_commit_ms) == (7, 2.0)
    assert values.markets == {"SE": "SEK", "NO": "NOK"}


@pytest.mark.parametrize(
    ("text", "environ", "words"),
    [
        ("[tracking]\nmax_batch_event = 5\n", {}, "max_batch_event"),
        ("[web]\nmax_batch_events = 5\n", {}, r"\[web\] max_batch_events"),
        ("[tracking]\nmax_batch_events = 'five'\n", {}, "must be a whole number"),
        ("locale = 'sv'\n", {}, "outside a"),
        ("[shop]\nlocale = 'fi'\n", {}, "locale must be one of sv, nb, en"),
        ("", {"EXPEDIT_MARKETS": "SE:kronor"}, "markets.SE"),
        ("[broken", {}, "not valid TOML"),
        ("[trakcing]\n", {}, r"no section is called \[trakcing\]"),
        ("", {"EXPEDIT_HOLDOUT_SHARE": "ten"}, "EXPEDIT_HOLDOUT_SHARE"),
        ("[proof]\nproof_minutes = 46\n", {}, "proof_minutes must be 0 … 45, not 46"),
        ("", {"EXPEDIT_PROOF_MINUTES": "-1"}, "proof_minutes must be 0 … 45, not -1"),
    ],
)
def test_a_wrong_setting_is_named(text: str, environ: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        load_settings(text, environ)


def test_the_written_file_reads_back() -> None:
    chosen = {"locale": "nb", "markets": {"NO": "NOK"}, "allowed_origins": ["https://a.example"]}
    text = settings_file(chosen)
    values = load_settings(text, {})
    assert (values.locale, values.markets, values.allowed_origins) == (
        "nb",
        {"NO": "NOK"},
        ["https://a.example"],
    )
    for row in SETTINGS:
        assert row.help in text
        assert f"{row.name} = " in text
