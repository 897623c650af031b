"""Azure's branch of the error tree. The docstring of a class is the sentence that the user sees.

Below ``AssistantError`` stand ``SetupError`` (the installation must be changed; asking again does not help),
``TemporaryError`` (may go away by itself; the client has already retried where that is safe), ``ContentFiltered``,
``RunError`` (the run ended without an answer), ``LostError`` (Azure no longer has something) and ``UploadError``.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any, ClassVar

from errors import AnalystError


class Decision(Enum):
    """What to do about a failure of the service."""

    WAIT = "the same request again, later"
    LEAVE_OUT = "again without the parameter that was refused"
    RENEW = "again with a new sandbox, conversation or upload in place of what is lost"
    SHORTEN = "again with less"
    SAY = "tell the person: asking again does not help"


class AssistantError(AnalystError):
    """Azure OpenAI answered with an error that I do not know. Please try again in a minute."""

    decision: ClassVar[Decision] = Decision.SAY
    """What to do about it; see ``judgement.judge``."""
    words: str = ""
    """What the service said, cut and without secrets."""
    retry_after: float | None = None
    """Seconds that the service asks to wait, when it says so."""
    before_work: bool = False
    """Whether the service cannot have begun with the request, so that even an unsafe one may be repeated."""


class UnknownError(AssistantError):
    """Azure OpenAI answered with an error that I do not know. Please try again in a minute."""

    decision = Decision.WAIT


class SetupError(AssistantError):
    """Azure OpenAI refused the request. The person who runs me has to look at the log."""


class SettingsMissing(SetupError):
    """I am not connected to Azure OpenAI yet: the setting `{setting}` is missing."""


class SignInMissing(SetupError):
    """Without an API key I sign in to Azure with Entra ID, which needs a package: `pip install azure-identity`."""


class SignInFailed(SetupError):
    """I could not sign in to Azure with Entra ID. The person who runs me has to check the identity that I run as."""


class SignInRefused(SetupError):
    """Azure OpenAI does not accept my sign-in with Entra ID: tenant or audience (`AZURE_OPENAI_SCOPE`) do not fit."""


class WrongKey(SetupError):
    """Azure OpenAI does not accept my key. The settings `AZURE_OPENAI_API_KEY` and endpoint have to be checked."""


class KeysDisabled(SetupError):
    """This Azure OpenAI resource takes no keys: `AZURE_OPENAI_API_KEY` has to go, so that I sign in with Entra ID."""


class RoleMissing(SetupError):
    """I may not use this Azure OpenAI resource: my role (*Cognitive Services OpenAI User*) or network forbids it."""


class NetworkForbids(SetupError):
    """The network rules of the Azure OpenAI resource do not let me in from where I run."""


class HostUnknown(SetupError):
    """The host of the configured address does not exist. `AZURE_OPENAI_ENDPOINT` has to be checked."""


class CertificateUntrusted(SetupError):
    """I do not trust the certificate of the configured address ({reason}).

    `SSL_CERT_FILE` has to name the certificates of this network's own authority.
    """


class ProxyRefuses(SetupError):
    """The proxy before Azure OpenAI does not let me through. `HTTPS_PROXY` and `NO_PROXY` have to be checked."""


class EndpointWrong(SetupError):
    """There is no Azure OpenAI service at the configured address. `AZURE_OPENAI_ENDPOINT` has to be checked."""


class WebPageAnswered(EndpointWrong):
    """A web page answers in place of Azure OpenAI, of a sign-in or a proxy perhaps.

    `AZURE_OPENAI_ENDPOINT` has to be checked.
    """


class ApiVersionWrong(SetupError):
    """Azure OpenAI does not offer the API version that I ask for. `AZURE_OPENAI_API_VERSION` has to be left out."""


class DeploymentNotFound(SetupError):
    """Azure OpenAI has no model deployment named `{deployment}`. `AZURE_OPENAI_DEPLOYMENT` has to be checked."""


class NotSupported(SetupError):
    """This Azure OpenAI resource, region or model does not support what I need (Code Interpreter, Responses API)."""


class ParameterRefused(NotSupported):
    """This Azure OpenAI resource, region or model refuses a part of my request that I need (`{parameter}`)."""

    decision = Decision.LEAVE_OUT

    def __init__(self, detail: str = "", names: Sequence[str] = (), **fields: Any) -> None:
        """``names``: what may be the parameter's, likeliest first; parameters within others with dots."""
        super().__init__(detail, **{"parameter": names[0] if names else "?", **fields})
        self.names = tuple(names)


class ServiceRetired(SetupError):
    """This service no longer offers the Assistants API. Set `AZURE_OPENAI_API=responses` and restart me."""


class QuotaExhausted(SetupError):
    """The quota or the budget of the Azure OpenAI account is used up. The person who runs me has to raise it."""


class TemporaryError(AssistantError):
    """Azure OpenAI cannot answer right now. Please try again in a minute."""

    decision = Decision.WAIT


class RateLimited(TemporaryError):
    """Azure OpenAI is busy: its rate limit is reached. Please try again in a minute."""

    before_work = True


class RateLimitedLong(TemporaryError):
    """The rate limit of Azure OpenAI is used up for about {minutes} minutes. Please ask again then."""

    decision = Decision.SAY
    before_work = True


class QuotaPaused(TemporaryError):
    """The call quota of Azure OpenAI is used up and comes back in about {minutes} minutes. Please ask again then."""

    decision = Decision.SAY
    before_work = True


class AzureDown(TemporaryError):
    """Azure OpenAI has a problem of its own right now. Please try again in a few minutes."""


class AzureTimeout(TemporaryError):
    """Azure OpenAI did not answer in time. Please try again."""


class Unreachable(TemporaryError):
    """I cannot reach Azure OpenAI. Please try again in a few minutes."""


class ThreadBusy(TemporaryError):
    """An earlier question of this thread is still running at Azure OpenAI. Please try again in a minute."""

    before_work = True


class ContentFiltered(AssistantError):
    """The content filter of Azure OpenAI stopped this."""


class QuestionFiltered(ContentFiltered):
    """The content filter of Azure OpenAI did not let the question through ({categories}). Please put it differently."""


class AnswerFiltered(ContentFiltered):
    """The content filter of Azure OpenAI stopped the answer half-way. Please ask in a different way."""


class RunError(AssistantError):
    """The analysis ended without an answer. Please try again."""


class ContextTooLong(RunError):
    """This conversation, or what was printed in it, has become too long for the model. Please start a new thread."""

    decision = Decision.SHORTEN


class RequestTooLarge(RunError):
    """This is too large for the model deployment: {requested} tokens at once, where {limit} a minute are allowed.

    Please ask in a new thread, or about less. The person who runs me can raise the deployment's tokens per minute.
    """


class RunTimedOut(RunError):
    """This took longer than {minutes} minutes, so I stopped. Please ask for a smaller step."""


class RunExpired(RunError):
    """The analysis ran out of time at Azure OpenAI. Please ask for a smaller step."""


class RunCancelled(RunError):
    """The analysis was cancelled."""


class RunFailed(RunError):
    """The analysis failed at Azure OpenAI. Please try again."""


class RunRequiresAction(RunError):
    """The model asked for a tool that I do not have. Please put the question differently."""


class EmptyAnswer(RunError):
    """The model came back without an answer. Please try again."""


class StreamCut(RunError):
    """The connection to Azure OpenAI broke off in the middle of the answer. Please try again."""


class LostError(AssistantError):
    """Azure OpenAI no longer has what this thread needs. Please try again."""

    decision = Decision.RENEW


class NotFound(LostError):
    """Azure OpenAI no longer has what this thread needs. Please try again, or ask in a new thread."""


class ContainerLost(LostError):
    """The sandbox of this thread is gone and could not be made anew. Please try again."""


class ThreadLost(LostError):
    """Azure OpenAI no longer knows this conversation. Please ask in a new thread."""


class ThreadBroken(ThreadLost):
    """Azure OpenAI cannot go on with this conversation. Please ask in a new thread."""


class CallUnanswered(ThreadBroken):
    """Azure OpenAI cannot go on with this conversation. Please ask in a new thread."""


class FileLost(LostError):
    """Azure OpenAI no longer has a file of this conversation. Please upload it again."""

    def __init__(self, detail: str = "", file_ids: Sequence[str] = (), **fields: Any) -> None:
        """``file_ids``: of what the caller has to upload again."""
        super().__init__(detail or f"files {', '.join(file_ids)}", file_ids=list(file_ids), **fields)
        self.file_ids = tuple(file_ids)


class FileGone(LostError):
    """The file *{name}* is no longer there: the sandbox that made it has ended. Please ask for it again."""


class UploadError(AssistantError):
    """Azure OpenAI did not take the file *{name}*."""


class UploadTooLarge(UploadError):
    """*{name}* is too large for Azure OpenAI; files may have {limit} MB at most."""


class UploadRejected(UploadError):
    """Azure OpenAI did not take the file *{name}* ({reason}). Please share it in another format, such as CSV."""


class TooManyFiles(UploadError):
    """A conversation can hold {limit} files at most. Please start a new thread for *{name}*."""
