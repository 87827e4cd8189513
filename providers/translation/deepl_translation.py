"""DeepL, behind ``Translator``: a message in one request, billed by the character of its source."""

import html
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from cost_tracking.usage import Usage
from providers import errors
from providers.errors import ProviderError, Trace
from providers.models import ModelTable
from providers.reply import Reply, usual
from providers.rest import Rest
from providers.translation.address import Formality, formality, of_locale
from providers.translation.base import TranslateAnswer, TranslateRequest
from providers.translation.checked import PLACEHOLDER, checked
from providers.translation.tagged import tagged, untagged

NAME = "deepl"
MAX_ANSWER = 4_000_000
"""Bytes; far above the longest answer to what may be sent."""
MAX_REQUEST = 128 * 1024
"""Bytes of one request, by DeepL's OpenAPI description, 3.11.0."""
FREE_KEY = ":fx"
"""How a key of the free plan ends."""
_LANGUAGES = """
    ar bg cs da de el en es et fi fr he hi hr hu id it ja ko lt lv nb nl pl pt ro ru sk sl sv th tr
    uk vi zh
"""
SOURCES = frozenset(_LANGUAGES.split())
"""By ISO 639-1, of those that DeepL knows; the others write hardly any advertising.
https://developers.deepl.com/docs/getting-started/supported-languages"""
TARGETS: Mapping[str, str] = {
    **{code: code.upper() for code in SOURCES},
    "en": "EN-GB",
    "en-US": "EN-US",
    "es-419": "ES-419",
    "es-MX": "ES-419",
    "es-US": "ES-419",
    "pt": "PT-PT",
    "pt-BR": "PT-BR",
    "zh": "ZH-HANS",
    "zh-Hant": "ZH-HANT",
}
"""DeepL's names, by the longest part of a tag that it tells apart."""
# "prefer": a target that knows no such form is translated all the same, as people decided that
# nobody is shown a translation unread.
_FORMS: Mapping[Formality, str] = {"formal": "prefer_more", "informal": "prefer_less"}
_KEPT = re.compile(r'<x id="(?P<number>\d{1,4})"\s*(?:/>|>.*?</x>)', re.DOTALL)
_BY_STATUS: Mapping[int, tuple[type[ProviderError], str]] = {
    404: (errors.InvalidRequest, "a glossary is not there; check deepl_glossaries; "),
    456: (errors.QuotaExceeded, "the plan's characters are used up; raise its limit; "),
}


class DeeplTranslation:
    """Translates a message slot by slot, in one billed request.

    Placeholders travel as empty tags and terms to keep inside tags that are passed over, so the
    vendor can change neither; the message's context goes along unbilled.

    Args:
        rest: Where to send, with the key.
        models: Where the default model stands.
        glossaries: Glossary ids by locale or language.
        formalities: What is not as the market table's form of address has it.

    """

    name = NAME
    repeatable = False
    operation: Literal["text", "translation"] = "translation"

    def __init__(
        self,
        rest: Rest,
        models: ModelTable,
        glossaries: Mapping[str, str],
        formalities: Mapping[str, Formality],
    ) -> None:
        self._rest = rest
        self._models = models
        self._glossaries = glossaries
        self._formalities = formalities

    @property
    def default_model(self) -> str:
        """Return the model for a brief that names none."""
        return self._models.default(NAME, "translation")

    def letters(self, request: TranslateRequest) -> int:
        """Return the most characters that a request can be billed for.

        Tags are not billed, https://support.deepl.com/hc/en-us/articles/360020685720; whether
        what is escaped counts once or as it is written, nobody says.
        """
        return sum(len(html.escape(text, quote=False)) for text in request.segments.values())

    def translate(self, request: TranslateRequest) -> TranslateAnswer:
        """Say a message in the reader's language, whole or not at all."""
        lines = {slot: tagged(text, request.keep, _tag) for slot, text in request.segments.items()}
        reply = self._rest.json(
            "POST",
            "/v2/translate",
            self._asked(request, [text for text, _ in lines.values()]),
            model=request.model,
            sent_is_billed=True,
        )
        if not reply.ok:
            raise _refused(reply, request.model)
        said = _translations(reply.data)
        usage = Usage(model=request.model, quantities=_billed(said), receipt=reply.request_id)
        texts = [one.get("text") for one in said]
        if len(texts) != len(lines):
            raise errors.BadOutput(
                NAME,
                f"{request.target.tag}: {len(texts)} texts came for {len(lines)}",
                Trace(model=request.model, status=200, request_id=usage.receipt, usage=usage),
            )
        segments = {
            slot: untagged(text, kept, _KEPT) if isinstance(text, str) else None
            for (slot, (_, kept)), text in zip(lines.items(), texts, strict=True)
        }
        return checked(NAME, request, segments, usage)

    def _asked(self, request: TranslateRequest, texts: list[str]) -> dict[str, Any]:
        source = request.source_locale.split("-")[0]
        target = of_locale(request.target.tag, TARGETS)
        lack = ""
        if source not in SOURCES:
            lack = f"it does not translate from {request.source_locale}"
        elif target is None:
            lack = f"it does not translate into {request.target.language}"
        elif source == request.target.tag.split("-")[0]:
            lack = f"it does not say {request.target.language} again in the same language"
        asked: dict[str, Any] = {
            "text": texts,
            "source_lang": source.upper(),
            "target_lang": target,
            "model_type": request.model,
            "tag_handling": "xml",
            "ignore_tags": ["x"],
            # The words between tags are a line of an advertisement, not a document.
            "outline_detection": False,
            "preserve_formatting": True,
            "show_billed_characters": True,
        }
        form = glossary = None
        if not request.literal:
            # A glossary leads from the language of briefs into another one, and not back.
            form = _FORMS.get(formality(request.target, self._formalities))
            glossary = of_locale(request.target.tag, self._glossaries)
        more = {"context": request.context, "formality": form, "glossary_id": glossary}
        asked |= {name: value for name, value in more.items() if value}
        if not lack and len(json.dumps(asked, ensure_ascii=False).encode()) > MAX_REQUEST:
            lack = f"a message has at most {MAX_REQUEST} bytes; shorten it or its context"
        if lack:
            raise errors.Unsupported(
                NAME,
                f"{request.target.tag}: {lack}; route translation to a writer, or put it into "
                "the memory",
                Trace(model=request.model),
            )
        return asked


def _tag(number: int, word: str) -> str:
    if PLACEHOLDER.fullmatch(word):
        return f'<x id="{number}"/>'
    # A term stands in its sentence, where the grammar around it can be seen.
    return f'<x id="{number}">{html.escape(word, quote=False)}</x>'


def _translations(body: dict[str, Any]) -> list[dict[str, Any]]:
    found = body.get("translations")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _billed(translations: list[dict[str, Any]]) -> dict[str, Decimal]:
    """Return what DeepL itself counts; nothing where it does not say so of each text."""
    counts = [one.get("billed_characters") for one in translations]
    known = [one for one in counts if type(one) is int and one >= 0]
    return {"character": Decimal(sum(known))} if known and len(known) == len(counts) else {}


def _refused(reply: Reply, model: str) -> ProviderError:
    if reply.status not in _BY_STATUS:
        return usual(reply, NAME, model)
    kind, mend = _BY_STATUS[reply.status]
    said = f"{reply.status}: {mend}{reply.words}"
    return kind(NAME, said, reply.trace(model), secrets=reply.secrets)
