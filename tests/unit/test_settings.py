from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.settings import SettingsError, read_settings
from conversations.access.budgets import BudgetName, Budgets, Limit

GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "AZURE_OPENAI_ENDPOINT": "https://r.openai.azure.com",
    "AZURE_OPENAI_API_KEY": "k",
    "AZURE_OPENAI_DEPLOYMENT": "d",
}


def problems(changes: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read_settings(GOOD | changes, dotenv=None)
    return caught.value.problems


def test_good_settings_have_defaults() -> None:
    settings = read_settings(GOOD, dotenv=None)
    assert settings.assistant.api == "responses"
    assert settings.database_url == "sqlite:///analyst.db"
    assert settings.drain_seconds == 25
    assert settings.max_file_bytes == 100 * 1024 * 1024


def test_all_problems_come_at_once_each_naming_its_variable() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"DRAIN_SECONDS": "soon", "LOG_LEVEL": "LOUD", "CHART_FONT": "/no/such.ttf"}, dotenv=None)
    named = [problem.split(":")[0] for problem in caught.value.problems]
    assert named == [
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
        "AZURE_OPENAI_ENDPOINT",
        "AZURE_OPENAI_DEPLOYMENT",
        "CHART_FONT",
        "DRAIN_SECONDS",
        "LOG_LEVEL",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_BOT_TOKEN", "xoxp-user"),
        ("SLACK_APP_TOKEN", "xoxb-1"),
        ("AZURE_OPENAI_ENDPOINT", "myresource"),
        ("AZURE_OPENAI_API", "chat"),
        ("DATABASE_URL", "mysql://x"),
        ("PORT", "0"),
        ("SLACK_API_URL", "http://slack.example/api/"),
        ("SLACK_API_URL", "http://10.0.0.5/api/"),
        ("SLACK_API_URL", "http://localhost.slack.example/api/"),
        ("SLACK_API_URL", "http://127.0.0.1@slack.example/api/"),
        ("SLACK_API_URL", "http://slack/api/"),
        ("SLACK_API_URL", "http://[::1/api/"),
        ("SLACK_API_URL", "https:///api/"),
        ("AZURE_OPENAI_ENDPOINT", "http://gateway.example/openai"),
        ("AZURE_OPENAI_ENDPOINT", "http://8.8.8.8/v1"),
        ("RETENTION_DAYS", "1"),
        ("MAX_FILE_MB", "600"),
        ("RUN_MINUTES", "nan"),
        ("ADMINS", "U0ANN00001,ann"),
        ("FILE_CARD", "sometimes"),
        ("BUDGET_PERSON_DAY", "50"),
        ("BUDGET_WORKSPACE_MONTH", "20 money"),
        ("BUDGET_TIMEZONE", "Berlin"),
        ("BUDGET_TIMEZONE", "../etc/passwd"),
        ("BUDGET_ESTIMATE_TOKENS", "0"),
    ],
)
def test_a_malformed_value_is_one_problem_with_the_fix(name: str, value: str) -> None:
    (problem,) = problems({name: value})
    assert problem.startswith(f"{name}: ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_API_URL", "http://127.0.0.1:8080/api/"),
        ("SLACK_API_URL", "http://localhost:8080/api/"),
        ("SLACK_API_URL", "http://[::1]:8080/api/"),
        ("AZURE_OPENAI_ENDPOINT", "http://127.0.0.1:11434/v1"),
        ("AZURE_OPENAI_ENDPOINT", "http://ollama:11434/v1"),
        ("AZURE_OPENAI_ENDPOINT", "http://192.168.1.20:8000/v1"),
        ("AZURE_OPENAI_ENDPOINT", "http://models.internal/v1"),
    ],
)
def test_h14_plain_http_is_taken_where_nobody_else_can_read_it(name: str, value: str) -> None:
    assert read_settings(GOOD | {name: value}, dotenv=None)


def test_h14_a_token_never_goes_over_plain_http() -> None:
    (problem,) = problems({"SLACK_API_URL": "http://slack.example/api/"})
    assert problem.startswith("SLACK_API_URL: must begin with https://")
    assert "slack.example" in problem


def test_openai_needs_no_endpoint() -> None:
    settings = read_settings(GOOD | {"AZURE_OPENAI_ENDPOINT": "", "OPENAI_API_KEY": "sk-1"}, dotenv=None)
    assert settings.assistant.openai_api_key == "sk-1"


def test_http_mode_needs_no_app_token() -> None:
    settings = read_settings(GOOD | {"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": "s"}, dotenv=None)
    assert settings.port == 3000


OAUTH = GOOD | {
    "SLACK_BOT_TOKEN": "",
    "SLACK_APP_TOKEN": "",
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "s",
    "SLACK_SIGNING_SECRET": "s",
    "PUBLIC_URL": "https://bot.example",
    "INSTALLATION_KEYS": f"{'A' * 43}=, {'_' * 42}8=",
}


def test_without_a_bot_token_the_app_is_installed_by_oauth() -> None:
    settings = read_settings(OAUTH | {"ADMINS": "T1:U1"}, dotenv=None)
    assert settings.oauth
    assert (settings.slack_bot_token, settings.oauth.client_id, len(settings.oauth.keys)) == ("", "1.2", 2)
    assert settings.policy.rules.contact == ""
    assert "'s'" not in repr(settings.oauth)


def test_a_bot_token_counts_more_than_what_oauth_needs() -> None:
    assert read_settings(GOOD | {"SLACK_CLIENT_ID": "1.2", "INSTALLATION_KEYS": "x"}, dotenv=None).oauth is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_CLIENT_SECRET", ""),
        ("SLACK_SIGNING_SECRET", ""),
        ("SLACK_APP_TOKEN", "xapp-1"),
        ("PUBLIC_URL", ""),
        ("PUBLIC_URL", "http://bot.example"),
        ("INSTALLATION_KEYS", ""),
        ("INSTALLATION_KEYS", "secret"),
        ("INSTALLATION_KEYS", f"{'A' * 43}=,{'A' * 44}"),
        ("ADMINS", "U1"),
        ("ADMINS", "T1:U1,E1:U1"),
        ("ADMINS", "T1:"),
    ],
)
def test_what_oauth_needs_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(OAUTH | {name: value}, dotenv=None)
    (problem,) = caught.value.problems
    assert problem.startswith(f"{name}: ")


def test_prices_are_none_by_default() -> None:
    assert read_settings(GOOD, dotenv=None).policy.prices.input is None
    settings = read_settings(GOOD | {"PRICE_INPUT": "2", "PRICE_OUTPUT": "8"}, dotenv=None)
    assert (settings.policy.prices.input, settings.policy.prices.cached_input, settings.policy.prices.output) == (
        2,
        None,
        8,
    )


def test_prices_of_larger_sandboxes_are_set_one_by_one() -> None:
    prices = {"PRICE_INPUT": "2", "PRICE_OUTPUT": "8", "PRICE_CONTAINER": "0.03", "PRICE_CONTAINER_16G": "0.5"}
    settings = read_settings(GOOD | prices | {"MAX_SANDBOX_MEMORY": "16G"}, dotenv=None)
    assert settings.policy.prices.larger == {"16g": 0.5}
    assert settings.assistant.largest_sandbox == "16g"
    assert read_settings(GOOD, dotenv=None).assistant.largest_sandbox == "4g"


@pytest.mark.parametrize(
    ("prices", "named"),
    [
        ({"PRICE_INPUT": "2"}, ["PRICE_OUTPUT"]),
        ({"PRICE_CONTAINER": "0.03"}, ["PRICE_INPUT", "PRICE_OUTPUT"]),
        ({"PRICE_CONTAINER_4G": "0.12"}, ["PRICE_INPUT", "PRICE_OUTPUT"]),
        ({"PRICE_INPUT": "-2", "PRICE_OUTPUT": "8 USD"}, ["PRICE_INPUT", "PRICE_OUTPUT"]),
    ],
)
def test_prices_are_complete_or_not_there(prices: dict[str, str], named: list[str]) -> None:
    assert [problem.split(":")[0] for problem in problems(prices)] == named


def test_budgets_are_what_is_set() -> None:
    assert read_settings(GOOD, dotenv=None).policy.budgets == Budgets()
    budgets = {"BUDGET_CHANNEL_MONTH": "5 questions, 2.5 money", "BUDGET_TIMEZONE": "Asia/Tokyo"}
    settings = read_settings(GOOD | budgets | {"PRICE_INPUT": "2", "PRICE_OUTPUT": "8"}, dotenv=None)
    limits = {BudgetName("channel", "month"): Limit(questions=5, money=2.5)}
    assert settings.policy.budgets == Budgets(limits, zone=ZoneInfo("Asia/Tokyo"))


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("AZURE_OPENAI_DEPLOYMENT=file\nLOG_LEVEL=debug\n")
    settings = read_settings(GOOD, dotenv=dotenv)
    assert (settings.assistant.deployment, settings.log_level) == ("d", "DEBUG")


def test_heroku_style_postgres_urls_are_taken() -> None:
    assert read_settings(GOOD | {"DATABASE_URL": "postgres://h/d"}, dotenv=None).database_url == "postgresql://h/d"


def test_every_setting_stands_in_the_readme_and_in_the_example() -> None:
    sources = Path("app/settings.py").read_text() + Path("app/variables.py").read_text()
    names = set(re.findall(r'"([A-Z]+(?:_[A-Z0-9]+)+|PORT)"', sources))
    assert {"SLACK_BOT_TOKEN", "PORT", "THREAD_QUEUE", "PERSON_PER_HOUR", "CHART_FONT"} <= names
    readme, example = Path("README.md").read_text(), Path(".env.example").read_text()
    assert [name for name in sorted(names) if f"`{name}`" not in readme] == []
    assert [name for name in sorted(names) if not re.search(rf"^#?{name}=", example, re.MULTILINE)] == []


def test_rules_are_read_by_id_and_name() -> None:
    changes = {
        "ALLOW_CHANNELS": "sales,C0123ABCD, #売上,direct",
        "ALLOW_GROUPS": "S0123ABCD",
        "DENY_PEOPLE": "U0123ABCD,W0123ABCD",
        "DENY_WORKSPACES": "T0123ABCD",
        "ALLOW_GUESTS": "on",
        "ADMINS": "U0ZED00001,U0ANN00001",
    }
    policy = read_settings(GOOD | changes, dotenv=None).policy
    assert policy.rules.book.allow == {"#sales", "C0123ABCD", "#売上", "direct", "S0123ABCD"}
    assert policy.rules.book.deny == {"U0123ABCD", "W0123ABCD", "T0123ABCD"}
    assert (policy.rules.guests, policy.rules.strangers, policy.rules.contact) == (True, False, "U0ZED00001")
    assert read_settings(GOOD | {"ACCESS_CONTACT": "#help"}, dotenv=None).policy.rules.contact == "#help"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DENY_CHANNELS", "hr,"),
        ("DENY_CHANNELS", "hr,,board"),
        ("DENY_CHANNELS", "the board"),
        ("DENY_CHANNELS", "U0123ABCD"),
        ("ALLOW_PEOPLE", "ann"),
        ("ALLOW_PEOPLE", "direct"),
        ("ALLOW_GROUPS", "@finance"),
        ("ALLOW_WORKSPACES", "C0123ABCD"),
        ("ALLOW_STRANGERS", "T0123ABCD"),
    ],
)
def test_what_a_rule_cannot_be_about_is_a_problem(name: str, value: str) -> None:
    (problem,) = problems({name: value})
    assert problem.startswith(f"{name}: must be")


def test_a_comment_in_the_file_hides_no_channel_that_is_denied(tmp_path: Path) -> None:
    """What stands behind a space and a ``#`` is lost before we see it; the comma in front of it is not."""
    dotenv = tmp_path / ".env"
    dotenv.write_text("DENY_CHANNELS=hr, #board\n")
    with pytest.raises(SettingsError) as caught:
        read_settings(GOOD, dotenv=dotenv)
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["DENY_CHANNELS"]
