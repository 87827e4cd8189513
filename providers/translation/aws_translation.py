"""Amazon Translate, behind ``Translator``: a message in one request, billed by the character.

The service takes one text. Asked slot by slot, a message would be as many purchases, of which some
may fail and be paid for all the same. So its slots are the paragraphs of one piece of HTML, which
the service keeps in order and number; if it should not, the answer is refused, and is paid for.
"""

import html
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from cost_tracking.usage import Usage
from providers import errors
from providers.aws_account import AwsAccount
from providers.errors import Charged, Trace
from providers.models import ModelTable
from providers.translation.address import Formality, formality, of_locale
from providers.translation.base import TranslateAnswer, TranslateRequest
from providers.translation.checked import checked
from providers.translation.tagged import tagged, untagged

NAME = "aws-translate"
SERVICE = "translate"
MAX_ANSWER = 1_000_000
"""Bytes; far above the longest answer to what may be sent."""
MAX_TEXT = 10_000
"""Bytes of one text, https://docs.aws.amazon.com/translate/latest/dg/what-is-limits.html."""
GROWTH = 1.3
"""What English grows by when it is translated, as a rule; a slot with less room is a tight one."""
_LANGUAGES = """
    af am ar az bg bn bs ca cs cy da de el en es et fi fr ga gu ha he hi hr ht hu hy id is it ja ka
    kk kn ko lt lv mk ml mn mr ms mt nl no pa pl ps pt ro ru si sk sl so sq sr sv sw ta te th tl tr
    uk ur uz vi zh
"""
CODES: Mapping[str, str] = {
    **{code: code for code in _LANGUAGES.split()},
    # Of the Spanish of Latin America it knows one.
    "es-419": "es-MX",
    "es-MX": "es-MX",
    "es-US": "es-MX",
    "fr-CA": "fr-CA",
    "nb": "no",
    "pt-PT": "pt-PT",
    "zh-Hant": "zh-TW",
}
"""The service's names, by the longest part of a tag that it tells apart.
https://docs.aws.amazon.com/translate/latest/dg/what-is-languages.html"""
FORMAL = {"de", "es", "es-MX", "fr", "fr-CA", "hi", "it", "ja", "ko", "nl", "pt-PT"}
"""Targets that know forms of address; in others the setting is passed over.
https://docs.aws.amazon.com/translate/latest/dg/customizing-translations-formality.html"""
CODES_OF_ERRORS = {"ResourceNotFoundException": errors.InvalidRequest}
"""What is not there is a terminology: the service has no models."""
_FORMS: Mapping[Formality, str] = {"formal": "FORMAL", "informal": "INFORMAL"}
_PARAGRAPH = re.compile(r"<p\b[^>]*>(.*?)</p\s*>", re.DOTALL | re.IGNORECASE)
_KEPT = re.compile(
    r'<span translate="?no"? id="?(?P<number>\d{1,4})"?>.*?</span\s*>', re.DOTALL | re.IGNORECASE
)
_BREAK = re.compile(r"\s*<br\s*/?>\s*", re.IGNORECASE)


class AwsTranslation:
    """Translates a message in one billed request.

    Brevity is asked for where a slot leaves little room; that a language pair does not know it
    shows only in the width, which is measured later.

    Args:
        account: Where to send, with a client that never retries.
        models: Where the default model stands.
        terminologies: Custom terminologies by locale or language.
        formalities: What is not as the market table's form of address has it.

    """

    name = NAME
    repeatable = False
    operation: Literal["text", "translation"] = "translation"

    def __init__(
        self,
        account: AwsAccount,
        models: ModelTable,
        terminologies: Mapping[str, str],
        formalities: Mapping[str, Formality],
    ) -> None:
        self._account = account
        self._models = models
        self._terminologies = terminologies
        self._formalities = formalities

    @property
    def default_model(self) -> str:
        """Return the model for a brief that names none."""
        return self._models.default(NAME, "translation")

    def letters(self, request: TranslateRequest) -> int:
        """Return the characters that are billed: all that is sent, with its markup."""
        return len(_joined(request)[0])

    def translate(self, request: TranslateRequest) -> TranslateAnswer:
        """Say a message in the reader's language, whole or not at all."""
        text, kept = _joined(request)
        asked = self._asked(request, text)
        answer = self._account.call("translate_text", request.model, asked)
        receipt = str(answer.get("ResponseMetadata", {}).get("RequestId", ""))
        # The service does not say what it bills; it bills each character that it was sent.
        usage = Usage(
            model=request.model, quantities={"character": Decimal(len(text))}, receipt=receipt
        )
        trace = Trace(model=request.model, status=200, request_id=receipt, usage=usage)
        said = answer.get("TranslatedText")
        if not isinstance(said, str):
            raise self._account.failed(
                errors.BadOutput,
                f"{request.target.tag}: answered with something that is no translation",
                trace,
                charged=Charged.MAYBE,
            )
        wanted = asked.get("Settings", {}).get("Formality")
        applied = (answer.get("AppliedSettings") or {}).get("Formality")
        if wanted != applied:
            raise self._account.failed(
                errors.BadOutput,
                f"{request.target.tag}: {wanted} was asked for and {applied} applied; set "
                f"translation_formality for {request.target.tag} to default",
                trace,
            )
        paragraphs = _PARAGRAPH.findall(said)
        if len(paragraphs) != len(kept) or _PARAGRAPH.sub("", said).strip():
            raise self._account.failed(
                errors.BadOutput,
                f"{request.target.tag}: {len(paragraphs)} paragraphs came for {len(kept)} slots",
                trace,
            )
        segments = {
            slot: untagged(_BREAK.sub("\n", paragraph), words, _KEPT)
            for (slot, words), paragraph in zip(kept.items(), paragraphs, strict=True)
        }
        return checked(NAME, request, segments, usage)

    def _asked(self, request: TranslateRequest, text: str) -> dict[str, Any]:
        source = of_locale(request.source_locale, CODES)
        target = of_locale(request.target.tag, CODES)
        lack = ""
        if source is None or target is None:
            lack = f"it does not translate {request.source_locale} into {request.target.language}"
        elif source.split("-")[0] == target.split("-")[0]:
            lack = f"it does not say {request.target.language} again in the same language"
        elif len(text.encode()) > MAX_TEXT:
            lack = f"a message has at most {MAX_TEXT} bytes with its markup; shorten it"
        if lack:
            raise errors.Unsupported(
                NAME,
                f"{request.target.tag}: {lack}; route translation to a writer, or put it into "
                "the memory",
                Trace(model=request.model),
            )
        form = terminology = None
        if not request.literal:
            # A terminology leads from the language of briefs into another one, and not back.
            form = _FORMS.get(formality(request.target, self._formalities))
            terminology = of_locale(request.target.tag, self._terminologies)
        settings = {
            "Formality": form if target in FORMAL else None,
            "Brevity": "ON" if _tight(request) else None,
        }
        return {
            "Text": text,
            "SourceLanguageCode": source,
            "TargetLanguageCode": target,
            "Settings": {name: value for name, value in settings.items() if value},
            **({"TerminologyNames": [terminology]} if terminology else {}),
        }


def _joined(request: TranslateRequest) -> tuple[str, dict[str, tuple[str, ...]]]:
    """Return the message as one text, and by slot what its tags stand for."""
    lines = {slot: tagged(text, request.keep, _tag) for slot, text in request.segments.items()}
    paragraphs = (f"<p>{text}</p>".replace("\n", "<br/>") for text, _ in lines.values())
    return "".join(paragraphs), {slot: words for slot, (_, words) in lines.items()}


def _tag(number: int, word: str) -> str:
    return f'<span translate="no" id="{number}">{html.escape(word, quote=False)}</span>'


def _tight(request: TranslateRequest) -> bool:
    return any(
        most < GROWTH * _width(request.segments[slot])
        for slot, most in request.max_width.items()
        if slot in request.segments
    )


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)
