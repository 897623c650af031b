from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import azure_assistant.errors
import conversations.errors
from errors import AnalystError, error_from_json, error_to_json

BRANCHES = (azure_assistant.errors, conversations.errors)

CODES = frozenset(
    """
    AccessError AccessUnknown AccountDeactivated AlreadyChosen AnalystError AnswerFiltered ApiVersionWrong AppNotAllowed
    AskedByBot AssistantError AzureDown AzureTimeout CallUnanswered CertificateUntrusted ChannelArchived ChannelNotYours
    ChoiceTooLate
    ContainerLost ContentFiltered ContextTooLong DeploymentNotFound DownloadFailed EmptyAnswer EndpointWrong FileDeleted
    FileElsewhere FileEmpty FileError FileExternal FileGone FileIsEmail FileIsLoginPage FileKindUnsupported FileLost
    FileNotInspected FileNotVisible FileTooLarge ForwardUnproven GuestNotTaken HostUnknown KeysDisabled LimitError
    AdminsOnly ChannelNotTaken GroupsUnknown LostError PersonNotTaken
    MissingScope NetworkForbids NoDataOnMessage NotAMember NotFound NotHere NotInChannel NotSupported
    ParameterRefused PausedHere PausedWorkspace ChannelBudgetSpent PersonBudgetSpent WorkspaceBudgetSpent
    PersonBusy PersonHourlyLimit ProxyRefuses QuestionFiltered QuotaExhausted QuotaPaused
    RateLimited RateLimitedLong ReadRefused RequestTooLarge ResultTooLarge RoleMissing RunCancelled RunError
    RunExpired RunFailed RunRequiresAction RunTimedOut RunTooLong ServiceRetired SetAside SettingsMissing
    SetupError SignInFailed SignInMissing SignInRefused SlackError SlackUnavailable SpoolFull SpoolUnusable
    StrangerNotTaken StreamCut TemporaryError ThreadBroken ThreadBusy ThreadClosed ThreadDeleted ThreadLost
    ThreadQueueFull TooManyFiles UnknownError Unreachable UploadError UploadRefused UploadRejected
    UploadTooLarge WebPageAnswered WorkspaceNotTaken WrongKey
    """.split()  # noqa: SIM905 - ninety lines of quotes are harder to read
)
"""What stands in databases. A class may be added; one that is renamed or gone cannot be read any more."""


def tree(kind: type[AnalystError]) -> Iterator[type[AnalystError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from tree(child)


def ours() -> list[type[AnalystError]]:
    return [kind for kind in tree(AnalystError) if not kind.__module__.startswith("tests")]


def test_the_codes_of_errors_are_those_that_are_stored() -> None:
    assert {kind.__name__ for kind in ours()} == CODES


def test_no_two_errors_have_one_code() -> None:
    places = Counter(kind.__name__ for kind in set(ours()))
    assert [name for name, number in places.items() if number > 1] == []


def test_all_errors_stand_in_the_root_or_a_branch() -> None:
    assert {kind.__module__ for kind in ours()} == {AnalystError.__module__, *(branch.__name__ for branch in BRANCHES)}


def test_every_error_comes_back_as_it_was() -> None:
    for kind in set(ours()):
        stored = error_to_json(kind("for the log", name="a.csv"))
        again = error_from_json(stored)
        assert type(again) is kind
        assert error_to_json(again) == stored
        assert str(again) == str(kind("for the log", name="a.csv"))


def test_a_code_of_a_newer_version_is_an_error_all_the_same() -> None:
    stored = {"kind": "FromTheFuture", "fields": {"name": "a.csv"}, "detail": "x"}
    assert type(error_from_json(stored)) is AnalystError
