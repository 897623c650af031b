"""The settings, part by part: what the assistant, the limits and the prices are made of."""

from __future__ import annotations

from app.settings import Settings
from azure_assistant import AssistantConfig
from conversations.access.limits import Limits
from conversations.policy import Policy
from conversations.store.prices import Prices


def assistant_config(settings: Settings) -> AssistantConfig:
    """The assistant's part of the settings."""
    return AssistantConfig(
        endpoint=settings.azure_endpoint,
        api_key=settings.azure_api_key,
        openai_api_key=settings.openai_api_key,
        deployment=settings.azure_deployment,
        api="assistants" if settings.azure_api == "assistants" else "responses",
        api_version=settings.azure_api_version,
        scope=settings.azure_scope,
        chart_font=settings.chart_font,
        run_seconds=settings.run_minutes * 60,
    )


def policy(settings: Settings) -> Policy:
    """The part of the settings that the conversations go by."""
    limits = Limits(
        run_minutes=settings.run_minutes,
        thread_queue=settings.thread_queue,
        person_per_hour=settings.person_per_hour,
        person_at_once=settings.person_at_once,
    )
    return Policy(limits, settings.retention_days, settings.file_card, prices(settings), admins=settings.admins)


def prices(settings: Settings) -> Prices:
    """The prices' part of the settings."""
    return Prices(
        input=settings.price_input,
        cached_input=settings.price_cached_input,
        output=settings.price_output,
        container=settings.price_container,
        currency=settings.price_currency,
    )
