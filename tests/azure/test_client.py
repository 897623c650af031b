"""Keys and sign-in, and which wire an address leads to."""

from __future__ import annotations

import sys

import httpx2
import pytest
from openai import AsyncAzureOpenAI

from azure_assistant import AssistantConfig
from azure_assistant.errors import SettingsMissing, SignInMissing
from azure_assistant.transport.client import connect


async def test_openai_alone_and_foreign_environment_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-somebody")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://elsewhere.example/")
    connection = connect(AssistantConfig(openai_api_key="sk-1", deployment="gpt"))
    assert str(connection.client.base_url) == "https://api.openai.com/v1/"
    assert connection.client.organization is None
    assert connection.client.max_retries == 0
    await connection.close()


async def test_assistants_speak_azures_old_form() -> None:
    config = AssistantConfig(endpoint="https://r.openai.azure.com", api_key="k", deployment="d", api="assistants")
    connection = connect(config)
    assert isinstance(connection.client, AsyncAzureOpenAI)
    assert str(connection.client.base_url) == "https://r.openai.azure.com/openai/"
    await connection.close()


@pytest.mark.parametrize(
    ("config", "setting"),
    [
        (AssistantConfig(deployment="d"), "AZURE_OPENAI_ENDPOINT"),
        (AssistantConfig(endpoint="https://r", api_key="k"), "AZURE_OPENAI_DEPLOYMENT"),
    ],
)
def test_missing_settings_are_named(config: AssistantConfig, setting: str) -> None:
    with pytest.raises(SettingsMissing) as raised:
        connect(config)
    assert setting in str(raised.value)


def test_without_azure_identity_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "azure.identity", None)
    with pytest.raises(SignInMissing, match="pip install azure-identity"):
        connect(AssistantConfig(endpoint="https://r.openai.azure.com", deployment="d"))


async def test_entra_id_gives_a_client_with_a_token_provider() -> None:
    pytest.importorskip("azure.identity")
    connection = connect(AssistantConfig(endpoint="https://r.openai.azure.com", deployment="d"))
    assert connection.sign_in is not None
    assert isinstance(connection.http, httpx2.AsyncClient)
    await connection.close()


def test_keys_do_not_show() -> None:
    shown = repr(AssistantConfig(api_key="secret-1", openai_api_key="secret-2"))
    assert "secret" not in shown
