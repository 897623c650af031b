"""One judgement of every failure that the service tells: what it is, and so what to do (``errors.Decision``).

The same failure is spelt by OpenAI, Azure, its gateway, proxies and self-hosted servers in many ways, so no single
member decides: codes, type, status, parameter, path and the message's words are read together, the surest signs first.
The rules stand in the order in which they are asked. docs/azure.md has them as a table.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from azure_assistant import errors
from azure_assistant.transport import failure_words as words
from azure_assistant.transport import parameter_names
from azure_assistant.transport.durations import wait_in_words

LONG_WAIT = 60.0
"""Seconds; a limit that lasts longer is reported instead of waited for."""
LONGEST_WAIT = 30 * 86_400.0
"""Seconds; what claims more (``retry-after: 1E100``) means "not soon"."""
MINUTE = 60.0
BAD_REQUEST = (None, 200, 400, 404, 409, 422)
"""Statuses of what is wrong with the request itself; None is an error in a stream or a run."""
PASSING = frozenset((408, 409, 423, 424, 425, 499))
TIMEOUTS = frozenset((408, 504, 522, 524, 598))


@dataclass(frozen=True)
class Failure:
    """What the service said, whatever the form.

    Args:
        status: HTTP status; None when the error came in a stream or with a run.
        codes: Code, type and inner codes in lower case without separators (``deploymentnotfound``); those that the
            message quotes as well.
        message: The words, with single spaces.
        param: The parameter that is named as such.
        object: Kind of the object that the request's path names (``container``, ``thread``…); "" when it names none.
        area: First part of the path (``files``, ``responses``…); "" when unknown.
        wait: Seconds to wait by the headers.
        is_page: Whether a web page came instead of an answer.
        filtered: Categories of the content filter that struck.
        detail: For the log.
        deployment: Named in the sentence when the deployment is missing.
    """

    status: int | None = None
    codes: frozenset[str] = frozenset()
    message: str = ""
    param: str = ""
    object: str = ""
    area: str = ""
    wait: float | None = None
    is_page: bool = False
    filtered: Sequence[str] = ()
    detail: str = ""
    deployment: str = ""

    @cached_property
    def words(self) -> str:
        """The message in lower case."""
        return self.message.lower()

    def says(self, *phrases: str) -> bool:
        """Whether the message has one of the phrases."""
        return any(phrase in self.words for phrase in phrases)

    def is_gone(self, *subjects: str) -> bool:
        """Whether the message says that one of the subjects is not there."""
        return self.says(*subjects) and self.says(*words.GONE)


Rule = Callable[[Failure], errors.AssistantError | None]


def judge(failure: Failure) -> errors.AssistantError:
    """What a failure is; its class says what to do about it."""
    for rule in RULES:
        error = rule(failure)
        if error is not None:
            if error.retry_after is None:
                error.retry_after = _wait(failure)
            return error
    unknown = errors.UnknownError(failure.detail)
    unknown.retry_after = _wait(failure)
    unknown.before_work = _turned_away(failure)
    return unknown


def _wait(failure: Failure) -> float | None:
    wait = failure.wait if failure.wait is not None else wait_in_words(failure.message)
    return None if wait is None else min(wait, LONGEST_WAIT)


def _turned_away(failure: Failure) -> bool:
    """Whether the service did not begin with the request."""
    status = failure.status or 0
    return 400 <= status < 500 and status not in PASSING  # noqa: PLR2004


def _page(failure: Failure) -> errors.AssistantError | None:
    """A web page: of a sign-in or a proxy, with the status of a success, or of some other server."""
    is_answer = failure.status is None or failure.status < 400  # noqa: PLR2004
    nowhere = failure.status in {404, 405} and not failure.object
    return errors.WebPageAnswered(failure.detail) if failure.is_page and (is_answer or nowhere) else None


def _proxy(failure: Failure) -> errors.AssistantError | None:
    return errors.ProxyRefuses(failure.detail) if failure.status == 407 else None  # noqa: PLR2004


def _container(failure: Failure) -> errors.AssistantError | None:
    known = failure.codes & {"containerexpired", "containernotfound"}
    if failure.status in (*BAD_REQUEST, 410) and (known or words.CONTAINER.search(failure.words)):
        return errors.ContainerLost(failure.detail)
    return None


def _busy(failure: Failure) -> errors.AssistantError | None:
    if "conversationlocked" not in failure.codes and not failure.says(*words.BUSY):
        return None
    run = words.RUN_ID.search(failure.message)
    return errors.ThreadBusy(failure.detail, run=run[0] if run else "")


def _policy(failure: Failure) -> errors.AssistantError | None:
    if not (failure.codes & words.POLICY_CODES or failure.filtered or failure.says(*words.POLICY)):
        return None
    before = failure.status is not None or "invalidprompt" in failure.codes
    kind = errors.QuestionFiltered if before else errors.AnswerFiltered
    named = "invalid prompt" if "invalidprompt" in failure.codes else "unnamed category"
    return kind(failure.detail, categories=", ".join(failure.filtered) or named)


def _too_large_at_once(failure: Failure) -> errors.AssistantError | None:
    """More tokens at once than the deployment may have in a minute: no waiting helps."""
    if not failure.says("per min", "tpm", "rate limit", "ratelimit") and not failure.codes & words.RATE_CODES:
        return None
    limit, requested = words.LIMIT.search(failure.words), words.REQUESTED.search(failure.words)
    most, wanted = (int(found[1].replace(",", "") or 0) if found else 0 for found in (limit, requested))
    if (most and wanted > most) or failure.says("request too large", "request is too large"):
        return errors.RequestTooLarge(failure.detail, requested=wanted or "?", limit=most or "?")
    return None


def _quota(failure: Failure) -> errors.AssistantError | None:
    if not (failure.codes & words.QUOTA_CODES or failure.says(*words.QUOTA) or failure.status == 402):  # noqa: PLR2004
        return None
    wait = _wait(failure)
    if wait is None:
        return errors.QuotaExhausted(failure.detail)
    if wait <= LONG_WAIT:
        return errors.RateLimited(failure.detail)
    return errors.QuotaPaused(failure.detail, minutes=math.ceil(wait / MINUTE))


def _rate(failure: Failure) -> errors.AssistantError | None:
    if not (failure.status == 429 or failure.codes & words.RATE_CODES or failure.says(*words.RATE)):  # noqa: PLR2004
        return None
    wait = _wait(failure)
    kind = errors.RateLimitedLong if wait is not None and wait > LONG_WAIT else errors.RateLimited
    return kind(failure.detail, seconds=wait or 0, minutes=math.ceil((wait or MINUTE) / MINUTE))


def _too_long(failure: Failure) -> errors.AssistantError | None:
    is_413 = failure.status == 413  # noqa: PLR2004
    is_length = is_413 or bool(failure.codes & words.LENGTH_CODES) or failure.says(*words.LENGTH)
    if not is_length or not (is_413 or failure.status in BAD_REQUEST):
        return None
    if failure.area == "files" or (failure.area == "containers" and is_413):
        return errors.UploadTooLarge(failure.detail) if is_413 else None
    if failure.param and not failure.param.startswith(("input", "messages", "content", "prompt")):
        return errors.ParameterRefused(failure.detail, parameter_names.named(failure.param, ""))
    return errors.ContextTooLong(failure.detail)


def _access(failure: Failure) -> errors.AssistantError | None:
    """401 and 403, which services mix up; what is plain in words, whatever the status."""
    if "unsupportedcountryregionterritory" in failure.codes:
        kind: type[errors.AssistantError] = errors.NotSupported
    elif "authenticationtypedisabled" in failure.codes or failure.says(*words.KEYS):
        kind = errors.KeysDisabled
    elif failure.says("tenant provided in token", "token tenant"):
        kind = errors.SignInRefused
    elif failure.status in {401, 403}:
        kind = _forbidden(failure)
    elif "invalidapikey" in failure.codes:
        kind = errors.WrongKey
    else:
        return None
    return kind(failure.detail, deployment=failure.deployment)


def _forbidden(failure: Failure) -> type[errors.AssistantError]:
    signs = (
        (failure.codes & words.DEPLOYMENT_CODES, errors.DeploymentNotFound),
        (failure.says(*words.NETWORK), errors.NetworkForbids),
        (failure.codes & words.ROLE_CODES or failure.says(*words.ROLE), errors.RoleMissing),
        (failure.says(*words.SIGN_IN), errors.SignInRefused),
        (failure.status == 401 or failure.says("subscription key", "api key"), errors.WrongKey),  # noqa: PLR2004
    )
    return next((kind for sign, kind in signs if sign), errors.RoleMissing)


def _version(failure: Failure) -> errors.AssistantError | None:
    worded = failure.says(*words.VERSION) and failure.says(*words.NO)
    if failure.status in {400, 404, 410, 422} and (failure.codes & words.VERSION_CODES or worded):
        return errors.ApiVersionWrong(failure.detail)
    return None


def _deployment(failure: Failure) -> errors.AssistantError | None:
    gone = words.DEPLOYMENT.search(failure.words)
    if failure.codes & words.DEPLOYMENT_CODES or (failure.status in (*BAD_REQUEST, 410) and gone):
        return errors.DeploymentNotFound(failure.detail, deployment=failure.deployment)
    return None


def _parameter_surely(failure: Failure) -> errors.AssistantError | None:
    return _parameter(failure, surely=True)


def _parameter_perhaps(failure: Failure) -> errors.AssistantError | None:
    return _parameter(failure, surely=False)


def _parameter(failure: Failure, *, surely: bool) -> errors.AssistantError | None:
    """A part of the request that is refused: its name is found, and the caller knows what can be left out."""
    if failure.status not in (None, 200, 400, 422) or (not surely and failure.codes & words.DOWN_CODES):
        return None
    if not parameter_names.is_refusal(failure.codes, failure.words, surely=surely):
        return None
    names = parameter_names.named(failure.param, failure.words)
    if not names or names[0].startswith(("input[", "input.", "messages[")):
        return None
    return errors.ParameterRefused(failure.detail, names)


def _stored(failure: Failure) -> errors.AssistantError | None:
    """What the conversation holds does not fit together any more: every further question would be refused."""
    if failure.status not in (*BAD_REQUEST, 410) or failure.object not in {"", "conversation", "thread"}:
        return None
    if failure.says(*words.UNANSWERED):
        return errors.CallUnanswered(failure.detail)
    if failure.codes & words.STORED_CODES or failure.is_gone("conversation", "thread", "previous response"):
        return errors.ThreadLost(failure.detail)
    if words.STORED.search(failure.words) or failure.param.startswith(("input[", "input.")):
        return errors.ThreadBroken(failure.detail)
    return None


def _unsupported(failure: Failure) -> errors.AssistantError | None:
    worded = words.TOOLS.search(failure.words) and failure.says(*words.NO)
    missing = failure.status in {404, 405, 501} and failure.area == "containers" and not failure.object
    if failure.codes & words.UNSUPPORTED_CODES or (failure.status in (*BAD_REQUEST, 501) and worded) or missing:
        return errors.NotSupported(failure.detail)
    return None


def _lost(failure: Failure) -> errors.AssistantError | None:
    """404, 410, or words that mean the same: the object that is named in words, else the one in the path."""
    gone = failure.status in {404, 410}
    if not gone and not (failure.status == 400 and failure.is_gone("file")):  # noqa: PLR2004
        return None
    if failure.is_gone("file"):
        return errors.NotFound(failure.detail)
    if failure.object:
        kinds = {"container": errors.ContainerLost, "conversation": errors.ThreadLost, "thread": errors.ThreadLost}
        return kinds.get(failure.object, errors.NotFound)(failure.detail)
    if failure.says("assistants api") or (failure.status == 410 and failure.area in {"assistants", "threads"}):  # noqa: PLR2004
        return errors.ServiceRetired(failure.detail)
    return errors.EndpointWrong(failure.detail)


def _passing(failure: Failure) -> errors.AssistantError | None:
    status = failure.status or 0
    if status in TIMEOUTS or failure.codes & words.TIMEOUT_CODES:
        return errors.AzureTimeout(failure.detail)
    if status >= 500 or status in PASSING or failure.codes & words.DOWN_CODES or failure.says(*words.DOWN):  # noqa: PLR2004
        return errors.AzureDown(failure.detail)
    return errors.EndpointWrong(failure.detail) if status == 405 else None  # noqa: PLR2004


RULES: Sequence[Rule] = (
    _page, _proxy, _container, _busy, _policy, _too_large_at_once, _quota, _rate, _too_long, _access, _version,
    _deployment, _parameter_surely, _stored, _unsupported, _parameter_perhaps, _lost, _passing,
)  # fmt: skip
"""The order matters: each rule may rely on those before it having said no."""
