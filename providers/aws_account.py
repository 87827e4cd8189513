"""One account at Amazon: a service's client over a wire of ours, and what its errors mean.

Errors are told apart by the code that the service names, never by words in a message.
"""

from collections.abc import Mapping
from typing import Any

import boto3
import httpx2
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
)
from botocore.parsers import ResponseParserError

from providers import errors
from providers.aws_wire import AwsWire
from providers.errors import Charged, ProviderError, Trace
from providers.reply import by_status, seconds_to_wait
from providers.settings import ProviderSettings
from providers.wire import lost

BY_CODE: dict[str, type[ProviderError]] = {
    "ThrottlingException": errors.RateLimited,
    "TooManyRequestsException": errors.RateLimited,
    "ServiceUnavailableException": errors.Unavailable,
    "ModelNotReadyException": errors.Unavailable,
    "ServiceQuotaExceededException": errors.QuotaExceeded,
    "LimitExceededException": errors.QuotaExceeded,
    "ModelTimeoutException": errors.OutcomeUnknown,
    "ModelErrorException": errors.OutcomeUnknown,
    "InternalServerException": errors.OutcomeUnknown,
    "ResourceNotFoundException": errors.ModelGone,
    "ValidationException": errors.InvalidRequest,
    "InvalidRequestException": errors.InvalidRequest,
    "TextSizeLimitExceededException": errors.InvalidRequest,
    "DetectedLanguageLowConfidenceException": errors.InvalidRequest,
    "UnsupportedLanguagePairException": errors.Unsupported,
    "AccessDeniedException": errors.NotConfigured,
    "ExpiredTokenException": errors.NotConfigured,
    "IncompleteSignatureException": errors.NotConfigured,
    "InvalidSignatureException": errors.NotConfigured,
    "MissingAuthenticationTokenException": errors.NotConfigured,
    "NotAuthorized": errors.NotConfigured,
    "OptInRequired": errors.NotConfigured,
    "UnrecognizedClientException": errors.NotConfigured,
}
"""What a service's own name for a fault means; what is not here is told by its status."""
MENDS = {
    "not_configured": "check the AWS keys, the role's rights, the region and this clock; ",
    "quota": "ask AWS for a higher quota; ",
    "model_gone": "choose another model or region, see kampanj providers; ",
}
# The SDK's readers trust the service: of another body than an object they make any of these.
MISREAD = (ResponseParserError, AttributeError, KeyError, TypeError, ValueError, RecursionError)
NO_KEYS = (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError)


class AwsAccount:
    """A ready client of one service. It never retries.

    Args:
        provider: Its name in the registry, for messages.
        service: The SDK's name of the service, such as ``bedrock-runtime``.
        settings: Region, keys, proxy.
        endpoint: Where to send; None is the region's own public address.
        timeout: Seconds from the first byte sent to the last byte read.
        max_bytes: The longest answer that is read.
        codes: What codes mean at this service, where that is not the usual.

    Raises:
        NotConfigured: No region was given and the SDK's chain knows none.

    """

    def __init__(
        self,
        provider: str,
        service: str,
        settings: ProviderSettings,
        endpoint: str | None,
        *,
        timeout: float,
        max_bytes: int,
        codes: Mapping[str, type[ProviderError]] | None = None,
    ) -> None:
        self._provider = provider
        self._secrets = settings.secrets
        self._codes = {**BY_CODE, **(codes or {})}
        self._wire = AwsWire(
            timeout=timeout,
            max_bytes=max_bytes,
            connect=settings.connect_timeout,
            proxy=settings.proxy,
        )
        key, secret, token = (
            one.get_secret_value() if one else None
            for one in (
                settings.aws_access_key_id,
                settings.aws_secret_access_key,
                settings.aws_session_token,
            )
        )
        try:
            self._client: Any = boto3.client(
                service,
                endpoint_url=endpoint,
                region_name=settings.aws_region,
                aws_access_key_id=key,
                aws_secret_access_key=secret,
                aws_session_token=token,
                config=Config(
                    # Measured: with the SDK's defaults one slow answer is bought three times.
                    retries={"total_max_attempts": 1, "mode": "standard"},
                    # Whoever sets a variable would read what we send.
                    ignore_configured_endpoint_urls=True,
                    read_timeout=timeout,
                    connect_timeout=settings.connect_timeout,
                ),
            )
        except NoRegionError:
            raise errors.NotConfigured(
                provider,
                "set KAMPANJ_AWS_REGION: the service has an address of its own in each region",
            ) from None
        self._wire.carry(self._client)

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def knows(self, operation: str, member: str) -> bool:
        """Say whether the installed SDK has a field of a request, such as ``outputConfig``."""
        shape = self._client.meta.service_model.operation_model(operation).input_shape
        return member in shape.members

    def call(self, operation: str, model: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Send one request, once, and return its answer.

        Args:
            operation: The SDK's name of the method, such as ``converse``.
            model: For messages.
            asked: The request.

        Raises:
            ProviderError: There is no answer; the error says whether it was charged.

        """
        trace = Trace(model=model)
        try:
            answer: dict[str, Any] = getattr(self._client, operation)(**asked)
        except ClientError as error:
            # Not chained: what the SDK raises may hold the request, and that holds the key.
            raise self._ours(error, model) from None
        except NO_KEYS:
            raise self.failed(
                errors.NotConfigured,
                "no AWS keys were found; set them, or give this machine a role",
                trace,
            ) from None
        except ParamValidationError as error:
            said = f"the SDK does not send this: {error}"
            raise self.failed(errors.InvalidRequest, said, trace) from None
        except MISREAD:
            said = "answered with something that the SDK cannot read"
            raise self.failed(errors.BadOutput, said, trace, charged=Charged.MAYBE) from None
        except httpx2.TransportError as error:
            kind, charged, said = lost(error)
            raise self.failed(kind, said, trace, charged=charged) from None
        except BotoCoreError as error:
            said = f"{type(error).__name__}: {error}"
            raise self.failed(errors.OutcomeUnknown, said, trace) from None
        return answer

    def failed(
        self,
        kind: type[ProviderError],
        message: str,
        trace: Trace,
        *,
        charged: Charged | None = None,
    ) -> ProviderError:
        """Return an error of ours, without our secrets in it."""
        return kind(self._provider, message, trace, charged=charged, secrets=self._secrets)

    def _ours(self, error: ClientError, model: str) -> ProviderError:
        said = error.response.get("Error", {})
        meta = error.response.get("ResponseMetadata", {})
        code, status = str(said.get("Code", ""))[:80], int(meta.get("HTTPStatusCode", 0))
        kind = self._codes.get(code) or by_status(status)
        trace = Trace(
            model=model,
            status=status,
            code=code,
            request_id=str(meta.get("RequestId", "")),
            retry_after=seconds_to_wait(meta.get("HTTPHeaders", {})),
        )
        mend = MENDS.get(kind.kind, "")
        return self.failed(kind, f"{status} {code}: {mend}{said.get('Message', '')}", trace)
