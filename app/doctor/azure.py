"""What the doctor finds out about Azure OpenAI, or OpenAI itself."""

from __future__ import annotations

from contextlib import aclosing

from app.doctor.findings import Finding, Findings
from azure_assistant import AssistantConfig, errors
from azure_assistant.probe import probe

FIXES: dict[type[errors.AssistantError], str] = {
    errors.WrongKey: "Copy KEY 1 from the resource's page, Keys and Endpoint, into AZURE_OPENAI_API_KEY. It belongs to "
    "the resource whose address stands in AZURE_OPENAI_ENDPOINT (with OpenAI itself: OPENAI_API_KEY).",
    errors.RoleMissing: "Give the bot's identity the role Cognitive Services OpenAI User on the resource, and let this "
    "machine through the resource's network rules.",
    errors.SignInFailed: "Run `az login`, give the machine a managed identity, or set AZURE_OPENAI_API_KEY.",
    errors.SignInMissing: "pip install 'azure-identity>=1.25,<2', or set AZURE_OPENAI_API_KEY.",
    errors.KeysDisabled: "Take AZURE_OPENAI_API_KEY out; `az login`, or give the machine a managed identity with the "
    "role Cognitive Services OpenAI User.",
    errors.SignInRefused: "Sign in to the tenant of the resource, and try AZURE_OPENAI_SCOPE="
    "https://cognitiveservices.azure.com/.default.",
    errors.NetworkForbids: "Let this machine through the resource's network rules (Networking), or reach it by its "
    "private endpoint.",
    errors.EndpointWrong: "Copy the endpoint from the resource's page, Keys and Endpoint: "
    "https://NAME.openai.azure.com, without anything behind it.",
    errors.WebPageAnswered: "Copy the endpoint from the resource's page, Keys and Endpoint; if it is right, let it "
    "through the proxy or gateway that wants a sign-in (NO_PROXY).",
    errors.ApiVersionWrong: "Take AZURE_OPENAI_API_VERSION out: the v1 API needs none.",
    errors.HostUnknown: "Look for a typing error in AZURE_OPENAI_ENDPOINT; private endpoints need the network's own "
    "DNS.",
    errors.CertificateUntrusted: "Set SSL_CERT_FILE to a file with the certificates of the authority that this network "
    "uses.",
    errors.ProxyRefuses: "Look at HTTPS_PROXY (its host, and user and password in it), or name the endpoint's host in "
    "NO_PROXY.",
    errors.Unreachable: "Look whether AZURE_OPENAI_ENDPOINT is right, and whether a proxy (HTTPS_PROXY) or firewall is "
    "between.",
    errors.DeploymentNotFound: "Copy the name from Deployments in Foundry: the deployment's own, not the model's.",
    errors.NotSupported: "Use a region with Code Interpreter, and a model that supports the Responses API.",
    errors.ServiceRetired: "Set AZURE_OPENAI_API=responses.",
    errors.QuotaExhausted: "Raise the deployment's quota in Foundry, or the account's budget.",
    errors.QuotaPaused: "Wait, or raise the call quota of the gateway (API Management) in front of the resource.",
    errors.RequestTooLarge: "Raise the deployment's tokens per minute in Foundry.",
    errors.RateLimited: "Try again in a minute; if it stays so, raise the deployment's tokens per minute.",
    errors.AzureDown: "Try again; the state of Azure is on https://azure.status.microsoft.",
    errors.AzureTimeout: "Try again; the state of Azure is on https://azure.status.microsoft.",
}
NO_FIX = "Look the answer up in docs/azure.md; it came from the service itself."


async def azure_findings(config: AssistantConfig) -> Findings:
    """Try everything that turns ask of the service; what is made there is removed."""
    service = "Azure" if config.endpoint else "OpenAI"
    async with aclosing(probe(config)) as checks:
        async for check in checks:
            detail, fix = check.detail, ""
            if error := check.error:
                detail = str(error)
                fix = next((FIXES[kind] for kind in type(error).__mro__ if kind in FIXES), NO_FIX)
            yield Finding(f"{service}: {check.name}", check.state, detail, fix)
