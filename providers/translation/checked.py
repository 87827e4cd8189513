"""Whether a translation may be looked at at all: whole, in another language, nothing smuggled in.

Whether it is good, fits and may be shown is for ``localization`` and for people to say.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from cost_tracking.usage import Usage
from providers.errors import BadOutput, Trace
from providers.translation.base import TranslateAnswer, TranslateRequest

PLACEHOLDER = re.compile(r"\{[A-Za-z0-9_.-]*\}|%\([A-Za-z0-9_]+\)[sd]|%[sd]|\$\{[A-Za-z0-9_.]+\}")
_ADDRESS = re.compile(
    r"(?i)\b(?:https?://|www\.)[^\s<>\"']+|\b[\w.+-]+@[\w-]+\.[\w.]+"
    r"|\b(?:[a-z0-9-]+\.)+(?:com|net|org|io|co|app|shop|info|biz|xyz|link|ly|me|ru|cn|uk|de|fr|se)\b"
)
_CODE = re.compile(r"(?i)<[a-z/!][^>]*>|javascript:|data:text")
_WORD = re.compile(r"[^\W\d_]{2,}")


def checked(
    provider: str, request: TranslateRequest, segments: Mapping[str, object], usage: Usage
) -> TranslateAnswer:
    """Return a translation that may be looked at.

    Raises:
        BadOutput: It may not. It was made, and is paid for.

    """
    wrong = list(faults(request, segments))
    if wrong:
        raise BadOutput(
            provider,
            f"{request.target.tag}: {'; '.join(wrong[:4])}",
            Trace(model=request.model, request_id=usage.receipt, usage=usage),
        )
    return TranslateAnswer(
        segments={slot: str(segments[slot]).strip() for slot in request.segments}, usage=usage
    )


def faults(request: TranslateRequest, segments: Mapping[str, object]) -> Iterator[str]:
    """Say what is wrong with a translation, slot by slot."""
    yield from (f"{slot} is missing" for slot in request.segments if slot not in segments)
    yield from (f"{slot[:40]!r} was not asked for" for slot in segments.keys() - request.segments)
    for slot, source in request.segments.items():
        target = segments.get(slot, "")
        if not isinstance(target, str):
            yield f"{slot} is no text"
        elif slot in segments and source.strip() and not target.strip():
            yield f"{slot} is empty"
        elif target.strip():
            yield from (f"{slot} {fault}" for fault in _line(request, source, target))
    if _other_language(request) and _all_same(request, segments):
        yield f"nothing of it was put into {request.target.language}"


def _line(request: TranslateRequest, source: str, target: str) -> Iterator[str]:
    wanted, got = (Counter(PLACEHOLDER.findall(text)) for text in (source, target))
    if wanted != got:
        yield f"has the placeholders {sorted(got.elements())}, not {sorted(wanted.elements())}"
    known = {one.casefold().rstrip(".,!?") for one in _ADDRESS.findall(source)}
    new = [one for one in _ADDRESS.findall(target) if one.casefold().rstrip(".,!?") not in known]
    if new:
        yield f"names an address that the source does not: {new[0][:60]}"
    if _CODE.search(target) and not _CODE.search(source):
        yield "holds markup that the source does not"
    yield from (
        f"lost the term {term!r}" for term in request.keep if term in source and term not in target
    )
    # One word may be the same in both languages; a sentence is not.
    if _other_language(request) and _same(source, target) and len(_words(request, source)) > 2:
        yield f"is still the source's text, not {request.target.language}"


def _other_language(request: TranslateRequest) -> bool:
    return request.target.tag.split("-")[0] != request.source_locale.split("-")[0]


def _same(source: str, target: str) -> bool:
    return " ".join(source.casefold().split()) == " ".join(target.casefold().split())


def _words(request: TranslateRequest, text: str) -> list[str]:
    """Return the words that can be translated: no placeholder, no term to keep."""
    text = PLACEHOLDER.sub(" ", text)
    for term in request.keep:
        text = text.replace(term, " ")
    return _WORD.findall(text)


def _all_same(request: TranslateRequest, segments: Mapping[str, object]) -> bool:
    words = [slot for slot, source in request.segments.items() if _words(request, source)]
    return len(words) > 1 and all(
        _same(request.segments[slot], str(segments.get(slot, ""))) for slot in words
    )
