"""A9: all the ways in which people copy an endpoint work, or are named at the start."""

from __future__ import annotations

import pytest

from app.settings import SettingsError, read_settings
from azure_assistant.endpoint import read_endpoint

RESOURCE = "https://r.openai.azure.com"
V1 = f"{RESOURCE}/openai/v1/"


@pytest.mark.parametrize(
    ("copied", "url"),
    [
        (RESOURCE, V1),
        (f"{RESOURCE}/", V1),
        ("r.openai.azure.com", V1),
        ("//r.openai.azure.com", V1),
        ("http://r.openai.azure.com", V1),
        (f'  "{RESOURCE}/" ', V1),
        (f"<{RESOURCE}>", V1),
        (f"{RESOURCE}//openai/", V1),
        (f"{RESOURCE}/openai/v1", V1),
        (f"{RESOURCE}/v1", V1),
        (f"{RESOURCE}/openai/v1/?api-version=preview", V1),
        (f"{RESOURCE}/openai/v1/responses", V1),
        (f"{RESOURCE}/openai/responses?api-version=2025-04-01-preview", V1),
        (f"{RESOURCE}/openai/deployments/d/chat/completions?a=b", V1),
        ("https://r.services.ai.azure.com/api/projects/p", "https://r.services.ai.azure.com/openai/v1/"),
        ("https://r.services.ai.azure.com/api/projects/p/openai/v1", "https://r.services.ai.azure.com/openai/v1/"),
        ("https://r.services.ai.azure.com/models", "https://r.services.ai.azure.com/openai/v1/"),
        (
            "https://r.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview",
            "https://r.services.ai.azure.com/openai/v1/",
        ),
        ("https://r.cognitiveservices.azure.com/", "https://r.cognitiveservices.azure.com/openai/v1/"),
        ("https://r.openai.azure.us/openai", "https://r.openai.azure.us/openai/v1/"),
        ("https://gw.azure-api.net/openai2/openai/deployments/d", "https://gw.azure-api.net/openai2/openai/v1/"),
        ("https://gw.azure-api.net/openai-prod", "https://gw.azure-api.net/openai-prod/openai/v1/"),
        ("https://gw.azure-api.net/openai", "https://gw.azure-api.net/openai/v1/"),
        ("https://gw.azure-api.net/team/openai/v1", "https://gw.azure-api.net/team/openai/v1/"),
        ("https://gw.example.com/ai/models", "https://gw.example.com/ai/openai/v1/"),
        ("https://gw.example.com/v1/chat/completions", "https://gw.example.com/v1/"),
        ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1/"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/openai/v1/"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1/"),
        ("https://api.openai.com", "https://api.openai.com/v1/"),
        ("https://api.openai.com/v1/responses", "https://api.openai.com/v1/"),
    ],
)
def test_a9_any_copied_address_leads_to_the_v1_wire(copied: str, url: str) -> None:
    assert read_endpoint(copied).v1 == url


@pytest.mark.parametrize(
    ("copied", "root"),
    [
        (f"{RESOURCE}/openai/v1/", RESOURCE),
        ("https://gw.azure-api.net/openai2/openai/deployments/d", "https://gw.azure-api.net/openai2"),
    ],
)
def test_a9_the_root_is_what_stands_before_openai(copied: str, root: str) -> None:
    assert read_endpoint(copied).root == root


@pytest.mark.parametrize(
    ("copied", "said"),
    [
        ("myresource", "a whole one"),
        ("https://", "a whole one"),
        ("https://[::1", "a whole one"),
        ("wss://r.openai.azure.com", "must begin with https://"),
        ("https://NAME.openai.azure.com", "placeholder"),
        ("https://<your-resource>.openai.azure.com", "placeholder"),
        ("https://your-resource-name.openai.azure.com", "placeholder"),
        ("https://portal.azure.com/#@t/resource/x", "web page"),
        ("https://ai.azure.com/foundry", "web page"),
        ("https://user:key@gw.example.com/v1", "user name or a key"),
    ],
)
def test_a9_what_is_no_address_is_named_at_the_start(copied: str, said: str) -> None:
    environment = {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_APP_TOKEN": "xapp-1",
        "AZURE_OPENAI_DEPLOYMENT": "d",
        "AZURE_OPENAI_ENDPOINT": copied,
    }
    with pytest.raises(SettingsError) as raised:
        read_settings(environment, dotenv=None)
    (problem,) = raised.value.problems
    assert problem.startswith("AZURE_OPENAI_ENDPOINT: ")
    assert said in problem
    assert "key@" not in problem
