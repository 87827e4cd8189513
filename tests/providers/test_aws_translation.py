"""Amazon Translate over a real wire: a whole message in one request, or none of it.

Shapes: botocore 1.44.5, ``translate/2017-07-01/service-2.json``, in its JSON protocol.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import boto3
import pytest
from loopback import BREAKS, Asked, Loopback, Told
from pydantic import SecretStr

from cost_tracking.prices import price_book
from creative.market import market_table
from providers import deals, errors, registry
from providers.aws_account import BY_CODE
from providers.errors import Charged, ProviderError
from providers.settings import ProviderSettings
from providers.translation.base import Reader, TranslateRequest, Translator

CANARY = "7f3a9b1c5d2e4f60718293a4"  # nothing says that it is a key
MESSAGE = {"headline": "Pay at your own pace, {name}", "cta": "See R&D\nat Nordlys"}
SENT = (
    '<p>Pay at your own pace, <span translate="no" id="0">{name}</span></p>'
    '<p>See R&amp;D<br/>at <span translate="no" id="0">Nordlys</span></p>'
)
WORDS = {
    "Pay at your own pace": "Zahl in deinem Takt",
    "See R&amp;D": "Sieh F&amp;E",
    "at <": "bei <",
}


def settings(url: str, **more: Any) -> ProviderSettings:
    """Return what the provider is told; it is patient, since the machine may be busy."""
    told: dict[str, Any] = {
        "aws_region": "eu-north-1",
        "aws_access_key_id": SecretStr("AKIDTEST"),
        "aws_secret_access_key": SecretStr(CANARY),
        "translate_endpoint_url": url,
        "text_timeout": 5.0,
    }
    return ProviderSettings(**{**told, **more})


def translator(server: Loopback, **more: Any) -> Translator:
    """Build the translator over a wire."""
    return registry.translator("aws-translate", settings(server.url, **more))


def request(segments: Mapping[str, str] = MESSAGE, **more: Any) -> TranslateRequest:
    """Ask for a message, in German as a rule."""
    reader = {"tag": "de-DE", "language": "German", "script": "Latn", "address": "du"}
    told = {
        "model": "standard",
        "source_locale": "en-GB",
        "target": Reader(**{**reader, **more.pop("target", {})}),
        "segments": segments,
        "keep": ("Nordlys",),
    }
    return TranslateRequest(**{**told, **more})


def packed(status: int, body: Any) -> Told:
    """Return an answer in the service's protocol."""
    kind = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": "req-1"}
    return Told(status, body, kind)


def said(text: Any, settings: Any = None) -> Told:
    """Return an answer that holds this text."""
    body = {"TranslatedText": text, "SourceLanguageCode": "en", "TargetLanguageCode": "de"}
    return packed(200, {**body, "AppliedSettings": settings or {"Formality": "INFORMAL"}})


def german(asked: Asked) -> Told:
    """Translate as the service does: words change, markup stays, settings are said to apply."""
    told = asked.json
    text = told["Text"]
    for english, here in WORDS.items():
        text = text.replace(english, here)
    body = {"TranslatedText": text, "SourceLanguageCode": "en", "TargetLanguageCode": "de"}
    return packed(200, {**body, "AppliedSettings": told.get("Settings") or None})


def test_a_message_is_one_request_billed_by_what_was_sent() -> None:
    """Asked slot by slot, a message of five slots is five purchases that may each fail."""
    with Loopback(german) as server:
        answer = translator(server).translate(request())

    assert answer.segments == {
        "headline": "Zahl in deinem Takt, {name}",
        "cta": "Sieh F&E\nbei Nordlys",
    }
    assert answer.usage.quantities == {"character": len(SENT)}
    assert (answer.usage.receipt, answer.usage.reported, answer.reviewed) == ("req-1", None, False)
    [asked] = server.asked
    assert asked.json == {
        "Text": SENT,
        "SourceLanguageCode": "en",
        "TargetLanguageCode": "de",
        "Settings": {"Formality": "INFORMAL"},
    }
    assert asked.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIDTEST/")


@pytest.mark.parametrize(("width", "brevity"), [(20, "ON"), (36, "ON"), (37, None), (80, None)])
def test_brevity_is_asked_for_where_room_is_tight(width: int, brevity: str | None) -> None:
    """German grows by a third; a headline with no room for that would not fit."""
    with Loopback(german) as server:
        translator(server).translate(request(max_width={"headline": width, "body": 1}))

    assert server.asked[0].json["Settings"].get("Brevity") == brevity


@pytest.mark.parametrize(
    ("tag", "address", "code", "formality"),
    [
        ("fr-CA", "vous", "fr-CA", "FORMAL"),
        ("fr-BE", "vous", "fr", "FORMAL"),
        ("nb-NO", "du", "no", None),
        ("pt-BR", "você", "pt", None),
        ("pt-PT", "tu", "pt-PT", "INFORMAL"),
        ("es-MX", "tú", "es-MX", "INFORMAL"),
        ("es-ES", "tú", "es", "INFORMAL"),
        ("zh-Hans-SG", "你", "zh", None),
        ("zh-Hant-HK", "您", "zh-TW", None),
        ("ar-SA", "2nd sg; gender choice", "ar", None),
    ],
)
def test_a_locale_becomes_a_target_and_a_form_of_address(
    tag: str, address: str, code: str, formality: str | None
) -> None:
    """A form that a target does not know is not asked for, so that none is missed afterwards."""
    with Loopback(german) as server:
        translator(server).translate(request(target={"tag": tag, "address": address}))

    asked = server.asked[0].json
    assert asked["TargetLanguageCode"] == code
    assert asked["Settings"] == ({"Formality": formality} if formality else {})


def test_every_locale_of_the_market_table_is_known_or_refused_by_name() -> None:
    """A language that nobody thought of shall not come back in another one."""
    unknown = set()
    with Loopback(german) as server:
        one = translator(server)
        for market in market_table().markets.values():
            for locale in market.locales:
                reader = {"tag": locale.tag, "address": locale.address}
                try:
                    one.translate(request(target=reader))
                except errors.Unsupported:
                    unknown.add(locale.tag.split("-")[0])

    assert unknown == {"en"}


def test_an_installation_decides_terminology_and_formality_by_locale() -> None:
    """A bank says Sie where the market's habit is du, and its words are its lawyers'."""
    told = {
        "translate_terminologies": {"de": "bank-de", "fr": "bank-fr"},
        "translation_formality": {"de": "formal"},
    }
    with Loopback(german) as server:
        translator(server, **told).translate(request())

    asked = server.asked[0].json
    assert asked["TerminologyNames"] == ["bank-de"]
    assert asked["Settings"] == {"Formality": "FORMAL"}


GOOD = SENT.replace("Pay at your own pace", "Zahl").replace("See", "Sieh")
ANSWERS: dict[str, tuple[Told, str]] = {
    "form passed over": (said(GOOD, {"Brevity": "ON"}), "INFORMAL was asked for and None applied"),
    "other form": (said(GOOD, {"Formality": "FORMAL"}), "INFORMAL was asked for and FORMAL"),
    "paragraphs joined": (said(GOOD.replace("</p><p>", " ")), "1 paragraphs came for 2 slots"),
    "a third": (said(f"{GOOD}<p>Mehr</p>"), "3 paragraphs came for 2 slots"),
    "words outside": (said(f"{GOOD} Mehr"), "2 paragraphs came for 2 slots"),
    "nothing": (said(""), "0 paragraphs came for 2 slots"),
    "empty": (said(f"{GOOD.split('</p>')[0]}</p><p> </p>"), "cta is empty"),
    "placeholder lost": (said(GOOD.replace("{name}", "").replace("span", "b")), "placeholders"),
    "term lost": (said(GOOD.split("at <")[0] + "</p>"), "lost the term 'Nordlys'"),
    "english": (said(SENT), "still the source's text"),
    "markup": (said(GOOD.replace("Zahl", "<b>Zahl</b>")), "markup"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_translation_that_cannot_be_one_is_refused_and_billed(name: str) -> None:
    """Half a message under the wrong slots is worse than none, and both are paid for."""
    told, words = ANSWERS[name]
    with (
        Loopback(lambda _asked: told) as server,
        pytest.raises(errors.BadOutput, match=words) as caught,
    ):
        translator(server).translate(request())

    assert caught.value.charged is Charged.YES
    assert caught.value.usage
    assert caught.value.usage.quantities == {"character": len(SENT)}
    assert len(server.asked) == 1


STATUS = {
    "AccessDeniedException": 400,
    "DetectedLanguageLowConfidenceException": 400,
    "InternalServerException": 500,
    "InvalidRequestException": 400,
    "LimitExceededException": 400,
    "ServiceUnavailableException": 503,
    "TextSizeLimitExceededException": 400,
    "TooManyRequestsException": 429,
    "UnsupportedLanguagePairException": 400,
}


@pytest.mark.parametrize("code", STATUS)
def test_each_code_has_one_meaning(code: str) -> None:
    """Six faults share status 400, of which one is a missing right and one a full account."""
    told = packed(STATUS[code], {"__type": f"com.amazonaws.translate#{code}", "Message": CANARY})
    with Loopback(lambda _asked: told) as server, pytest.raises(ProviderError) as caught:
        translator(server).translate(request())

    assert type(caught.value) is BY_CODE[code]
    assert caught.value.charged is BY_CODE[code].usual
    assert CANARY not in str(caught.value)
    assert len(server.asked) == 1


def test_what_is_not_there_is_a_terminology() -> None:
    """The service has no models; whoever reads "model gone" looks in the wrong place."""
    told = packed(400, {"__type": "com.amazonaws.translate#ResourceNotFoundException"})
    with Loopback(lambda _asked: told) as server, pytest.raises(errors.InvalidRequest):
        translator(server, translate_terminologies={"de": "gone"}).translate(request())


def test_no_error_that_the_sdk_knows_is_left_unread() -> None:
    """A release of the SDK that adds an error fails here, and not in a campaign."""
    client = boto3.client("translate", region_name="eu-north-1")
    shapes = client.meta.service_model.operation_model("TranslateText").error_shapes

    assert {shape.name for shape in shapes} <= BY_CODE.keys()


LOST = {
    "hang": errors.OutcomeUnknown,
    "drop": errors.OutcomeUnknown,
    "cut": errors.OutcomeUnknown,
    "head_drip": errors.OutcomeUnknown,
    "drip": errors.BadOutput,
    "html": errors.BadOutput,
    "null": errors.BadOutput,
    "html_502": errors.OutcomeUnknown,
}


@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_may_be_charged_and_is_asked_for_once(fault: str) -> None:
    """With the SDK's defaults each of these is three purchases, of which it tells of one."""
    with (
        Loopback(lambda asked: BREAKS[fault](german(asked))) as server,
        pytest.raises(ProviderError) as caught,
    ):
        translator(server, text_timeout=0.3).translate(request())

    assert (type(caught.value), caught.value.charged) == (LOST[fault], Charged.MAYBE)
    assert len(server.asked) == 1


def test_an_answer_without_a_text_may_be_charged() -> None:
    """An empty object is no translation, and nobody can tell what it stands for."""
    with (
        Loopback(lambda _asked: packed(200, {})) as server,
        pytest.raises(errors.BadOutput) as caught,
    ):
        translator(server).translate(request())

    assert caught.value.charged is Charged.MAYBE


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (request(target={"tag": "en-US", "language": "English"}), "in the same language"),
        (request(source_locale="pt-PT", target={"tag": "pt-BR"}), "in the same language"),
        (request(target={"tag": "tlh-AQ", "language": "Klingon"}), "into Klingon"),
        (request(source_locale="tlh-AQ"), "translate tlh-AQ into German"),
        # 9998 bytes of text, which their markup makes too long.
        (request({"body": "é" * 4_999}), "at most 10000 bytes"),
    ],
)
def test_what_it_cannot_do_is_refused_before_it_is_sent(
    asked: TranslateRequest, words: str
) -> None:
    """It costs nothing, and the message says who can."""
    with Loopback(german) as server, pytest.raises(errors.Unsupported, match=words) as caught:
        translator(server).translate(asked)

    assert server.asked == []
    assert caught.value.charged is Charged.NO
    assert asked.target.tag in str(caught.value)


def test_the_quote_holds_what_is_billed() -> None:
    """Markup is billed too; a budget that reserved the words alone is overspent by it."""
    with Loopback(german) as server:
        one = translator(server)
        facts = deals.translation(one, request()).facts
        price = price_book().entry(one.name, one.default_model, one.operation, date(2026, 11, 21))
        usage = one.translate(request()).usage

    assert price_book().estimate(price, facts, "EUR").most == price_book().cost(price, usage, "EUR")


def test_copy_is_said_back_without_a_terminology_of_the_other_way() -> None:
    """Formality is known for few languages, and a setting that is not applied is a lost text."""
    wanted = request(
        {"headline": "先來慢慢付"},
        source_locale="zh-Hant-TW",
        target={"tag": "de-DE", "address": "du"},
        literal=True,
    )
    answered = packed(200, {"TranslatedText": "<p>Erst einmal langsam zahlen</p>"})
    with Loopback(lambda _: answered) as server:
        answer = translator(server, translate_terminologies={"de": "words"}).translate(wanted)

    asked = server.asked[0].json
    assert (asked["SourceLanguageCode"], asked["TargetLanguageCode"]) == ("zh-TW", "de")
    assert not asked.keys() & {"TerminologyNames"}
    assert not asked.get("Settings")
    assert answer.segments == {"headline": "Erst einmal langsam zahlen"}
