"""How services spell what goes wrong: their codes, and the words of their messages.

Codes are in lower case without separators, words in lower case with single spaces. They are those of OpenAI, Azure
OpenAI, Azure API Management, LiteLLM, vLLM, llama.cpp, Ollama and others; what is new shows in the log.
"""

from __future__ import annotations

import re

GONE = (
    "not found", "not_found", "notfound", "no such", "not exist", "doesn't exist", "could not find", "cannot find",
    "can't find", "couldn't find", "could not be found", "cannot be found", "no longer", "unable to find", "unknown",
    "expired", "been deleted", "was deleted",
)  # fmt: skip
CONTAINER = re.compile(
    r"container[^.]{0,100}(?:expired|not found|not_found|not exist|doesn't exist|deleted|no longer|not running"
    r"|not active|terminated|timed out|removed|evicted)"
    r"|\bcntr_\w{1,64}[^.]{0,60}(?:expired|not found|not active|terminated|timed out|removed|evicted)"
    r"|(?:code[ _]interpreter|sandbox) session[^.]{0,60}(?:expired|not found|not active|terminated|timed out|removed)"
    r"|no such container|expected container_id|(?:could not|cannot|can't|couldn't|unable to) find (?:the )?container"
)
BUSY = (
    "another process is currently operating", "already has an active run", "while a run", "is currently locked",
    "conversation is locked", "thread is locked", "another run is", "another response is", "run is already in progress",
)  # fmt: skip
RUN_ID = re.compile(r"\brun_\w{1,64}")
POLICY_CODES = frozenset((
    "contentfilter", "contentfiltered", "responsibleaipolicyviolation", "contentpolicyviolation",
    "contentpolicyviolationerror", "invalidprompt", "cyberpolicy", "biopolicy", "misalignmentpolicyviolation",
    "safetyviolation", "promptblocked", "moderationblocked", "guardrailviolation", "guardrailviolationerror",
    "contentsafety", "contentblocked", "jailbreakdetected",
))  # fmt: skip
POLICY = (
    "content management policy", "content filter", "content_filter", "usage policies", "usage policy",
    "safety system", "responsible ai", "content policy", "flagged as potentially", "content safety", "moderation",
    "guardrail", "jailbreak", "violates our polic", "violates the polic", "violates polic",
)  # fmt: skip
LENGTH_CODES = frozenset((
    "contextlengthexceeded", "contextwindowexceedederror", "contextwindowexceeded", "exceedcontextsizeerror",
    "stringabovemaxlength", "arrayabovemaxlength", "maxtokensexceeded", "inputtoolong", "requesttoolarge",
    "tokenlimitexceeded", "prompttoolong", "stringtoolong",
))  # fmt: skip
LENGTH = (
    "context length", "context window", "context size", "maximum context", "context limit", "max_model_len",
    "prompt is too long", "prompt too long", "input is too long", "input too long", "string too long", "array too long",
    "too many tokens", "number of tokens allowed", "reduce the length", "exceeds the maximum length",
    "exceeds maximum length", "input tokens exceed", "input length", "token limit", "too large for model",
    "request entity too large", "payload too large", "request body too large", "content too large",
    "conversation is too long", "maximum number of tokens", "model supports at most", "max_new_tokens` must be",
    "maximum number of characters", "maximum input",
)  # fmt: skip
LIMIT = re.compile(r"\blimit\b\W{0,3}([\d,]{1,15})")
REQUESTED = re.compile(r"\brequested\b\W{0,3}([\d,]{1,15})")
QUOTA_CODES = frozenset((
    "insufficientquota", "billinghardlimitreached", "billingnotactive", "budgetexceedederror", "budgetexceeded",
    "quotaexceeded", "spendlimitexceeded", "usagelimitreached",
    "insufficientcredits", "insufficientbalance", "accountdeactivated", "accountsuspended",
))  # fmt: skip
QUOTA = (
    "exceeded your current quota", "call volume quota", "quota will be replenished", "budget has been exceeded",
    "exceeded budget", "budget exceeded", "insufficient quota", "quota exceeded", "quota is exceeded",
    "insufficient balance", "insufficient credit", "out of credits", "hard limit has been reached", "plan and billing",
    "billing is not active", "billing not active", "credit balance", "out of funds", "insufficient funds",
    "allocated budget", "monthly budget", "spend limit", "spending limit", "usage limit",
)  # fmt: skip
RATE_CODES = frozenset((
    "ratelimitexceeded", "toomanyrequests", "429", "ratelimiterror", "ratelimitreached", "ratelimited", "throttled",
    "throttlingexception", "requests", "tokens",
))  # fmt: skip
RATE = ("rate limit", "too many requests", "throttl", "requests per min", "tokens per min")
VERSION_CODES = frozenset(("invalidapiversionparameter", "unsupportedapiversion", "missingapiversionparameter"))
VERSION = ("api version", "api-version", "apiversion")
NO = (
    "not supported", "unsupported", "not valid", "invalid", "not found", "not exist", "does not support", "not enabled",
    "not available", "not recognized", "deprecated", "retired", "no longer", "missing", "required", "only for",
    "not implemented", "requires",
)  # fmt: skip
STORED_CODES = frozenset((
    "previousresponsenotfound", "invalidencryptedcontent", "duplicateitem", "conversationnotfound", "threadnotfound",
    "iteminvalid", "invaliditem",
))  # fmt: skip
STORED = re.compile(
    r"\b(?:rs|msg|ci|fc|ctc)_\w|\bcall_\w{8}|\binput\[\d"
    r"|\b(?:items?|history|previous response|conversation)\b[^\n]{0,100}\b(?:provided|required|missing|invalid"
    r"|orphan\w*|duplicat\w+|not found|not exist|expired|persisted|stored|verif\w+|parse|decrypt\w*|corrupt\w*"
    r"|inconsistent)"
    r"|no tool (?:output|call) found|tool (?:output|call)s? (?:without|must)|required following item"
    r"|tool_calls['\"]? must be followed"
)
UNANSWERED = ("no tool output found",)
DEPLOYMENT_CODES = frozenset((
    "deploymentnotfound", "modelnotfound", "unknownmodel", "unavailablemodel", "invalidmodel", "modelnotavailable",
    "modeldeprecated", "deploymentdeprecated",
))  # fmt: skip
DEPLOYMENT = re.compile(
    r"\b(?:model|deployment|engine)s?\b[^\n]{0,80}(?:not found|not exist|doesn't exist|no longer|deprecated|retired"
    r"|decommissioned|not have access to it)"
    r"|(?:no such|unknown|invalid|unable to find|could not find) (?:the )?(?:model|deployment|engine)\b"
)
UNSUPPORTED_CODES = frozenset((
    "operationnotsupported", "unsupportedcountryregionterritory", "featurenotsupported", "notsupported",
    "notimplemented", "notimplementederror", "unsupportedmodel",
))  # fmt: skip
TOOLS = re.compile(
    r"code[_ ]interpreter(?!_call)|responses api|hosted tools?\b|tool type|\b(?:in|for) (?:your|this|the) region\b"
)
SIGN_IN = ("audience", "tenant", "token is expired", "token expired", "expired token", "issuer")
KEYS = ("key based authentication is disabled", "key authentication is disabled", "key-based authentication")
ROLE_CODES = frozenset(("permissiondenied", "authorizationfailed", "insufficientpermissions", "permissionerror"))
ROLE = (
    "principal does not have access", "does not have permission", "lacks the required", "not authorized to perform",
    "insufficient permission", "missing scopes", "data action", "role assignment", "do not have permission",
    "does not have authorization",
)  # fmt: skip
NETWORK = (
    "virtual network", "firewall", "public access is disabled", "public network access", "private endpoint",
    "private link", "ip address", "not allowed from", "ip not authorized",
)  # fmt: skip
TIMEOUT_CODES = frozenset(("timeout", "requesttimeout", "gatewaytimeout", "operationtimeout", "apitimeouterror"))
DOWN_CODES = frozenset((
    "servererror", "internalerror", "internalservererror", "modelerror", "apierror", "serviceunavailable",
    "serviceunavailableerror", "overloadederror", "engineoverloaded", "engineoverloadederror", "serverisbusy",
    "serverbusy", "serveroverloaded", "badgateway", "apiconnectionerror", "upstreamerror", "faileddependency",
    "nocapacity", "vectorstoretimeout", "responsefailed",
))  # fmt: skip
DOWN = (
    "internal server error", "internal error", "server had an error", "temporarily", "overloaded", "unavailable",
    "try again", "please retry", "retry your request", "bad gateway", "upstream", "capacity", "timed out", "time out",
    "connection reset", "model error", "model_error", "server error",
)  # fmt: skip
