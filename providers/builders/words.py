"""Builders of those who write and translate. A vendor's SDK is imported here, by its builder."""

from collections.abc import Callable, Mapping

from providers.builders.accounts import given_key, openai_account, table, wire_of_words
from providers.faults import FailingTranslation, FailingWriting, FaultPlan
from providers.needs import Kind
from providers.settings import ProviderSettings
from providers.translation.base import Translator
from providers.writing.base import TextProvider


def _studio_writing(settings: ProviderSettings) -> TextProvider:
    from providers.writing.studio import StudioWriting

    studio = StudioWriting()
    return FailingWriting(studio, FaultPlan(settings.fault)) if settings.fault else studio


def _studio_translation(settings: ProviderSettings) -> Translator:
    from providers.translation.studio import StudioTranslation

    studio = StudioTranslation()
    return FailingTranslation(studio, FaultPlan(settings.fault)) if settings.fault else studio


def _openai_writing(settings: ProviderSettings, kind: Kind = "writing") -> TextProvider:
    from providers.writing.openai_writing import MAX_ANSWER, OpenAIWriting

    account = openai_account(settings, kind, settings.text_timeout, MAX_ANSWER)
    return OpenAIWriting(account, table(settings), settings.openai_text_api)


def _openai_translation(settings: ProviderSettings) -> Translator:
    from providers.translation.written import WrittenTranslation

    return WrittenTranslation(_openai_writing(settings, "translation"))


def _bedrock_writing(settings: ProviderSettings) -> TextProvider:
    from providers.aws_account import AwsAccount
    from providers.writing.bedrock_writing import MAX_ANSWER, NAME, SERVICE, BedrockWriting

    account = AwsAccount(
        NAME,
        SERVICE,
        settings,
        settings.bedrock_endpoint_url,
        timeout=settings.text_timeout,
        max_bytes=MAX_ANSWER,
    )
    return BedrockWriting(account, table(settings), settings.bedrock_text_api)


def _bedrock_translation(settings: ProviderSettings) -> Translator:
    from providers.translation.written import WrittenTranslation

    return WrittenTranslation(_bedrock_writing(settings))


def _gemini_writing(settings: ProviderSettings, kind: Kind = "writing") -> TextProvider:
    from providers.google_account import NAME
    from providers.writing.gemini_writing import MAX_ANSWER, GeminiWriting

    key = given_key(settings.gemini_api_key, NAME, "KAMPANJ_GEMINI_API_KEY", kind)
    rest = wire_of_words(
        settings, NAME, settings.gemini_base_url, {"x-goog-api-key": key}, MAX_ANSWER
    )
    return GeminiWriting(rest, table(settings))


def _gemini_translation(settings: ProviderSettings) -> Translator:
    from providers.translation.written import WrittenTranslation

    return WrittenTranslation(_gemini_writing(settings, "translation"))


def _deepl_translation(settings: ProviderSettings) -> Translator:
    from providers.translation.deepl_translation import FREE_KEY, MAX_ANSWER, NAME, DeeplTranslation

    key = given_key(settings.deepl_api_key, NAME, "KAMPANJ_DEEPL_API_KEY", "translation")
    free = key.endswith(FREE_KEY)
    address = settings.deepl_free_base_url if free else settings.deepl_base_url
    headers = {"Authorization": f"DeepL-Auth-Key {key}"}
    return DeeplTranslation(
        wire_of_words(settings, NAME, address, headers, MAX_ANSWER),
        table(settings),
        settings.deepl_glossaries,
        settings.translation_formality,
    )


def _aws_translation(settings: ProviderSettings) -> Translator:
    from providers.aws_account import AwsAccount
    from providers.translation.aws_translation import (
        CODES_OF_ERRORS,
        MAX_ANSWER,
        NAME,
        SERVICE,
        AwsTranslation,
    )

    account = AwsAccount(
        NAME,
        SERVICE,
        settings,
        settings.translate_endpoint_url,
        timeout=settings.text_timeout,
        max_bytes=MAX_ANSWER,
        codes=CODES_OF_ERRORS,
    )
    return AwsTranslation(
        account, table(settings), settings.translate_terminologies, settings.translation_formality
    )


WRITERS: Mapping[str, Callable[[ProviderSettings], TextProvider]] = {
    "bedrock": _bedrock_writing,
    "gemini": _gemini_writing,
    "openai": _openai_writing,
    "studio": _studio_writing,
}
TRANSLATORS: Mapping[str, Callable[[ProviderSettings], Translator]] = {
    "aws-translate": _aws_translation,
    "bedrock": _bedrock_translation,
    "deepl": _deepl_translation,
    "gemini": _gemini_translation,
    "openai": _openai_translation,
    "studio": _studio_translation,
}
