"""When a request is sent again."""

from __future__ import annotations

import pytest

from azure_assistant.errors import (
    AssistantError,
    AzureDown,
    QuotaExhausted,
    RateLimited,
    RateLimitedLong,
    ThreadBusy,
    UnknownError,
)
from azure_assistant.retries import RetryPolicy

POLICY = RetryPolicy(attempts=3, first=1, longest=8, patience=10, busy_first=2, busy_longest=5)


def delays(error: AssistantError) -> list[float]:
    backoff, found = POLICY.start(), []
    while (delay := backoff.after(error)) is not None:
        found.append(delay)
        assert len(found) < 50
    return found


def test_failures_are_repeated_a_few_times_ever_later() -> None:
    first, second = delays(AzureDown())
    assert 0.75 <= first <= 1
    assert 1.5 <= second <= 2


def test_a_busy_thread_is_asked_again_until_patience_ends() -> None:
    assert delays(ThreadBusy()) == [2, 3, 4]


def test_a_rate_limit_is_waited_for_as_long_as_it_says() -> None:
    error = RateLimited()
    error.retry_after = 4.0
    assert delays(error) == [4.0, 4.0]


def test_a_limit_that_says_zero_is_not_asked_at_once_for_ever() -> None:
    error = RateLimited()
    error.retry_after = 0.0
    assert 3 <= len(delays(error)) < 8


def test_a_failure_that_nobody_knows_is_never_final_at_the_first_try() -> None:
    assert len(delays(UnknownError())) == 1


@pytest.mark.parametrize("error", [RateLimitedLong(minutes=9), QuotaExhausted()])
def test_some_errors_are_final(error: AssistantError) -> None:
    assert POLICY.start().after(error) is None
