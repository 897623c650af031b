"""How the assistant is reached and how it behaves: plain values, no environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from azure_assistant.endpoint import read_endpoint
from azure_assistant.errors import EndpointWrong, SettingsMissing, SignInMissing
from azure_assistant.retries import RetryPolicy
from azure_assistant.sandbox_memory import Tier

Wire = Literal["responses", "assistants"]


@dataclass(frozen=True)
class AssistantConfig:
    """Settings of ``open_assistant``.

    Args:
        endpoint: Root of an Azure OpenAI resource (``https://NAME.openai.azure.com``), or any base URL that ends in
            ``/v1``; see ``endpoint.read_endpoint``. Empty: OpenAI itself, with ``openai_api_key``.
        api_key: Key of the endpoint. Empty with an endpoint: Entra ID.
        openai_api_key: Key of api.openai.com; used when there is no endpoint.
        deployment: Name of the model deployment (Azure) or of the model (elsewhere).
        api: Which wire to speak.
        api_version: ``api-version`` of Azure; needed by ``assistants`` only, which has a default.
        scope: Entra ID scope. Older resources want ``https://cognitiveservices.azure.com/.default``.
        chart_font: A font file for charts instead of the shipped one.
        run_seconds: Longest duration of a run, in seconds.
        idle_minutes: How long an unused sandbox lives at the service. Documented as 20, on some Azure pages as 30
            (https://learn.microsoft.com/azure/foundry/openai/how-to/responses).
        largest_sandbox: The most memory that a sandbox is given; how much it needs depends on the data.
        window: Tokens that the model reads at once.
        file_days: Days after which the service deletes an uploaded file by itself; 1 to 30.
        conversations: Whether threads are conversation objects, or chains of responses; ``None``: what the service can.
        reasoning_effort: Passed on when set (``low``, ``medium``…); models without reasoning refuse it.
        retries: Delays and limits of repeated requests.
    """

    endpoint: str = ""
    api_key: str = field(default="", repr=False)
    openai_api_key: str = field(default="", repr=False)
    deployment: str = ""
    api: Wire = "responses"
    api_version: str = ""
    scope: str = "https://ai.azure.com/.default"
    chart_font: Path | None = None
    run_seconds: float = 600.0
    idle_minutes: float = 20.0
    largest_sandbox: Tier = "4g"
    window: int = 128_000
    file_days: int = 14
    conversations: bool | None = None
    reasoning_effort: str = ""
    retries: RetryPolicy = field(default_factory=RetryPolicy)

    def check(self) -> None:
        """Look whether something is missing, without asking the service.

        Raises:
            SettingsMissing: An address, a key or the deployment.
            EndpointWrong: The address is none.
            SignInMissing: The package azure-identity, which Entra ID needs.
        """
        if not self.endpoint and not self.openai_api_key:
            raise SettingsMissing(setting="AZURE_OPENAI_ENDPOINT")
        if not self.deployment:
            raise SettingsMissing(setting="AZURE_OPENAI_DEPLOYMENT")
        if self.endpoint:
            try:
                read_endpoint(self.endpoint)
            except ValueError as error:
                raise EndpointWrong(f"it {error}") from error
        if self.endpoint and not self.api_key and not _is_installed("azure.identity"):
            raise SignInMissing


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:  # not even the package around it
        return False
