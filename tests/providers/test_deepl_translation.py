"""DeepL over a real wire: what may not change cannot, and what it counts is what is entered.

Shapes: DeepLcom/openapi 3.11.0, ``/v2/translate``.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from loopback import BREAKS, Asked, Loopback, Told
from pydantic import SecretStr

from cost_tracking.attempts import State
from cost_tracking.money import Money
from cost_tracking.prices import price_book
from creative.market import market_table
from providers import deals, errors, registry
from providers.errors import Charged, ProviderError
from providers.settings import ProviderSettings
from providers.translation.base import Reader, TranslateRequest, Translator

CANARY = "7f3a9b1c5d2e4f60718293a4"  # nothing says that it is a key
MESSAGE = {"headline": "Pay at your own pace, {name}", "cta": "See how R&D does it"}
WORDS = {
    "Pay at your own pace": "Zahl in deinem Takt",
    "See how R&amp;D does it": "Schau, wie F&amp;E es macht",
    "&amp; you": "&amp; du",
    "with": "mit",
    "Go": "Auf zu",
}


def settings(url: str, **more: Any) -> ProviderSettings:
    """Return what the provider is told; it is patient, since the machine may be busy."""
    told = {"deepl_api_key": SecretStr(CANARY), "deepl_base_url": url, "text_timeout": 5.0}
    return ProviderSettings(**{**told, **more})


def translator(server: Loopback, **more: Any) -> Translator:
    """Build the translator over a wire."""
    return registry.translator("deepl", settings(server.url, **more))


def request(segments: Mapping[str, str] = MESSAGE, **more: Any) -> TranslateRequest:
    """Ask for a message, in German as a rule."""
    reader = {"tag": "de-CH", "language": "German", "script": "Latn", "address": "du; ss not ß"}
    told = {
        "model": "prefer_quality_optimized",
        "source_locale": "en-GB",
        "target": Reader(**{**reader, **more.pop("target", {})}),
        "segments": segments,
        "context": "A card for people who dislike surprises.",
    }
    return TranslateRequest(**{**told, **more})


def german(asked: Asked) -> Told:
    """Translate as the service does: words change, tags and entities stay."""
    texts = asked.json["text"]
    for english, here in WORDS.items():
        texts = [text.replace(english, here) for text in texts]
    return said(*texts)


def said(*texts: Any, billed: Any = 20, **headers: str) -> Told:
    """Return an answer that holds these texts."""
    one = {"detected_source_language": "EN", "billed_characters": billed}
    answer = {"translations": [{**one, "text": text} for text in texts]}
    return Told(200, answer, {"X-Trace-ID": "trace-1", **headers})


def test_a_message_is_one_request_and_says_what_it_was_billed() -> None:
    """Asked slot by slot, a message of five slots is five purchases that may each fail."""
    with Loopback(german) as server:
        answer = translator(server).translate(request())

    assert answer.segments == {
        "headline": "Zahl in deinem Takt, {name}",
        "cta": "Schau, wie F&E es macht",
    }
    assert answer.usage.quantities == {"character": 40}
    assert (answer.usage.receipt, answer.usage.reported, answer.reviewed) == (
        "trace-1",
        None,
        False,
    )
    [asked] = server.asked
    assert (asked.method, asked.path) == ("POST", "/v2/translate")
    assert asked.headers["authorization"] == f"DeepL-Auth-Key {CANARY}"
    assert asked.json == {
        "text": ['Pay at your own pace, <x id="0"/>', "See how R&amp;D does it"],
        "source_lang": "EN",
        "target_lang": "DE",
        "model_type": "prefer_quality_optimized",
        "tag_handling": "xml",
        "ignore_tags": ["x"],
        "outline_detection": False,
        "preserve_formatting": True,
        "show_billed_characters": True,
        "context": "A card for people who dislike surprises.",
        "formality": "prefer_less",
    }


def test_what_may_not_change_travels_where_it_cannot() -> None:
    """A brand whose name is translated, or half of a placeholder, is seen by everyone."""
    source = {"headline": "Nordlys & you: <b>%s</b> with ${price}", "cta": "Go Nordlys Plus"}
    with Loopback(german) as server:
        answer = translator(server).translate(request(source, keep=("Nordlys", "Nordlys Plus")))

    assert server.asked[0].json["text"] == [
        '<x id="0">Nordlys</x> &amp; you: &lt;b&gt;<x id="1"/>&lt;/b&gt; with <x id="2"/>',
        'Go <x id="0">Nordlys Plus</x>',
    ]
    assert answer.segments == {
        "headline": "Nordlys & du: <b>%s</b> mit ${price}",
        "cta": "Auf zu Nordlys Plus",
    }


@pytest.mark.parametrize(
    ("tag", "address", "code", "formality"),
    [
        ("fr-CA", "vous", "FR", "prefer_more"),
        ("pl-PL", "Ty (no Pan/Pani)", "PL", "prefer_less"),
        ("ja-JP", "です・ます", "JA", "prefer_more"),
        ("ar-SA", "2nd sg; gender choice", "AR", None),
        ("pt-BR", "você", "PT-BR", "prefer_less"),
        ("pt-PT", "(verb 3rd sg / tu)", "PT-PT", None),
        ("es-MX", "tú", "ES-419", "prefer_less"),
        ("zh-Hans-SG", "你", "ZH-HANS", "prefer_less"),
        ("zh-Hant-HK", "您", "ZH-HANT", "prefer_more"),
        ("nb-NO", "du", "NB", "prefer_less"),
    ],
)
def test_a_locale_becomes_a_target_and_a_form_of_address(
    tag: str, address: str, code: str, formality: str | None
) -> None:
    """Traditional readers who get simplified characters, and strangers called du, complain."""
    with Loopback(lambda _asked: said("Un", "Deux")) as server:
        translator(server).translate(request(target={"tag": tag, "address": address}, **PLAIN))

    asked = server.asked[0].json
    assert (asked["target_lang"], asked.get("formality")) == (code, formality)


PLAIN: dict[str, Any] = {"segments": {"headline": "One", "cta": "Two"}}


def test_every_locale_of_the_market_table_is_known_or_refused_by_name() -> None:
    """A language that nobody thought of shall not come back in another one."""
    locales = [locale for market in market_table().markets.values() for locale in market.locales]
    unknown = set()
    with Loopback(lambda _asked: said("Un", "Deux")) as server:
        one = translator(server)
        for locale in locales:
            reader = {"tag": locale.tag, "language": locale.language, "address": locale.address}
            try:
                one.translate(request(target=reader, **PLAIN))
            except errors.Unsupported:
                unknown.add(locale.tag.split("-")[0])

    assert len(locales) >= 45
    assert unknown == {"en"}


def test_an_installation_decides_glossary_and_formality_by_locale() -> None:
    """A bank says Sie where the market's habit is du, and its words are its lawyers'."""
    told = {
        "deepl_glossaries": {"de": "g-de", "fr": "g-fr"},
        "translation_formality": {"de-CH": "formal"},
    }
    with Loopback(lambda _asked: said("Eins", "Zwei")) as server:
        translator(server, **told).translate(request(**PLAIN))

    asked = server.asked[0].json
    assert (asked["glossary_id"], asked["formality"]) == ("g-de", "prefer_more")


def test_a_key_of_the_free_plan_goes_to_the_free_host() -> None:
    """The other host refuses it, with words about a wrong key that is right."""
    told = {"deepl_api_key": SecretStr("abc:fx"), "deepl_base_url": "http://127.0.0.1:1"}
    with Loopback(lambda _asked: said("Eins", "Zwei")) as server:
        translator(server, **told, deepl_free_base_url=server.url).translate(request(**PLAIN))

    assert server.asked[0].headers["authorization"] == "DeepL-Auth-Key abc:fx"
    assert ProviderSettings().deepl_base_url == "https://api.deepl.com"
    assert ProviderSettings().deepl_free_base_url == "https://api-free.deepl.com"


ANSWERS: dict[str, tuple[Told, str]] = {
    "one short": (said("Zahl, {name}"), "1 texts came for 2"),
    "one more": (said("Zahl", "Schau", "Mehr"), "3 texts came for 2"),
    "no texts": (Told(200, {"translations": None}), "0 texts came for 2"),
    "number": (said('Zahl <x id="0"/>', 5), "cta is no text"),
    "empty": (said('Zahl <x id="0"/>', " "), "cta is empty"),
    "placeholder lost": (said("Zahl in deinem Takt", "Schau"), "placeholders"),
    "placeholder twice": (said('Zahl <x id="0"/> <x id="0"/>', "Schau"), "placeholders"),
    "tag of nobody": (said('Zahl <x id="0"/><x id="7"/>', "Schau"), "markup"),
    "english": (said('Pay at your own pace, <x id="0"/>', "Schau"), "still the source's text"),
    "address": (said('Zahl <x id="0"/>', "Schau auf evil.com"), "address"),
    "markup": (said('Zahl <x id="0"/>', "<b>Schau</b>"), "markup"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_translation_that_cannot_be_one_is_refused_and_billed(name: str) -> None:
    """DeepL bills what it was sent, whatever came of it."""
    told, words = ANSWERS[name]
    with (
        Loopback(lambda _asked: told) as server,
        pytest.raises(errors.BadOutput, match=words) as caught,
    ):
        translator(server).translate(request())

    assert caught.value.charged is Charged.YES
    assert caught.value.usage
    assert len(server.asked) == 1


@pytest.mark.parametrize("billed", [None, -1, "20", True, 1.5])
def test_a_bill_that_cannot_be_true_is_none(billed: object) -> None:
    """Without quantities the most is entered, which never understates."""
    with Loopback(lambda _asked: said('Zahl <x id="0"/>', "Schau", billed=billed)) as server:
        assert translator(server).translate(request()).usage.quantities == {}


def test_a_bill_for_a_part_of_a_message_is_none() -> None:
    """Half of the characters under the whole message is half of the bill."""
    told = said('Zahl <x id="0"/>', "Schau")
    del told.body["translations"][1]["billed_characters"]
    with Loopback(lambda _asked: told) as server:
        assert translator(server).translate(request()).usage.quantities == {}


FAULTS: dict[str, tuple[Told, type[ProviderError]]] = {
    "400": (Told(400, {"message": f"Bad request {CANARY}"}), errors.InvalidRequest),
    "403": (Told(403, {"message": "Forbidden"}), errors.NotConfigured),
    "404": (Told(404, {"message": "Glossary not found"}), errors.InvalidRequest),
    "413": (Told(413, {"message": "Too large"}), errors.InvalidRequest),
    "414": (Told(414, b"<h1>too long</h1>"), errors.InvalidRequest),
    "429": (Told(429, {"message": "Slow"}, {"Retry-After": "3"}), errors.RateLimited),
    "456": (Told(456, {"message": "Quota exceeded"}), errors.QuotaExceeded),
    "500": (Told(500, {"message": "Internal error"}), errors.OutcomeUnknown),
    "503": (Told(503, {"message": "Away"}), errors.Unavailable),
    "504": (Told(504, b""), errors.OutcomeUnknown),
    "529": (Told(529, {"message": "Slow"}), errors.Unavailable),
    "redirect": (BREAKS["redirect"](Told()), errors.NotConfigured),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_error_has_one_meaning(name: str) -> None:
    """A spent plan that is called a busy moment is asked all night."""
    told, kind = FAULTS[name]
    with Loopback(lambda _asked: told) as server, pytest.raises(ProviderError) as caught:
        translator(server).translate(request())

    assert type(caught.value) is kind
    assert caught.value.charged is kind.usual
    assert caught.value.retry_after == (3.0 if name == "429" else None)
    assert CANARY not in str(caught.value)
    assert len(server.asked) == 1


LOST = {
    "hang": errors.OutcomeUnknown,
    "drop": errors.OutcomeUnknown,
    "cut": errors.OutcomeUnknown,
    "drip": errors.BadOutput,
    "html": errors.BadOutput,
    "null": errors.BadOutput,
}


@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_may_be_charged_and_is_asked_for_once(fault: str) -> None:
    """Measured: DeepL's own client asks up to six times, and each is billed."""
    with (
        Loopback(lambda asked: BREAKS[fault](german(asked))) as server,
        pytest.raises(ProviderError) as caught,
    ):
        translator(server, text_timeout=0.3).translate(request())

    assert (type(caught.value), caught.value.charged) == (LOST[fault], Charged.MAYBE)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (request(target={"tag": "en-US", "language": "English"}), "in the same language"),
        (request(target={"tag": "tlh-AQ", "language": "Klingon"}), "not translate into Klingon"),
        (request(source_locale="tlh-AQ"), "not translate from tlh-AQ"),
        (request({"body": "é" * 70_000}), "at most 131072 bytes"),
    ],
)
def test_what_it_cannot_do_is_refused_before_it_is_sent(
    asked: TranslateRequest, words: str
) -> None:
    """It costs nothing, and the message says who can."""
    with (
        Loopback(german) as server,
        pytest.raises(errors.Unsupported, match=words) as caught,
    ):
        translator(server).translate(asked)

    assert server.asked == []
    assert caught.value.charged is Charged.NO
    assert asked.target.tag in str(caught.value)


def test_the_quote_holds_what_can_be_billed() -> None:
    """An escaped letter may count as five; a budget that reserved one is overspent."""
    with Loopback(german) as server:
        one = translator(server)
        facts = deals.translation(one, request()).facts
        price = price_book().entry("deepl", one.default_model, one.operation, date(2026, 11, 21))

    assert facts.input_characters == len("".join(MESSAGE.values())) + len("amp;")
    most = price_book().estimate(price, facts, "EUR").most
    assert most.currency == "USD"
    assert most.micros == facts.input_characters * 25


def test_what_deepl_counted_is_what_the_ledger_holds(office: Any) -> None:
    """An invoice that names 40 characters and a ledger that names 51 are never reconciled."""
    told = [said('Zahl <x id="0"/>', "Schau"), said("Zahl")]
    with Loopback(lambda _asked: told.pop(0)) as server:
        one, runner = translator(server), office.runner()
        where = {"campaign": "spring", "run": "r1"}
        bought = runner.translate(one, request(), asset="copy/de-CH", **where)
        with pytest.raises(errors.BadOutput):
            runner.translate(one, request(), asset="copy/de-AT", **where)

    assert bought.attempt.amount == Money.of("0.001", "USD")
    assert sorted(office.rows(), key=str) == [
        (State.SETTLED, False, None),
        (State.SETTLED, True, "bad_output"),
    ]


def test_a_missing_key_names_its_variable() -> None:
    """The person who sees this has never read the code."""
    with pytest.raises(errors.NotConfigured, match="set KAMPANJ_DEEPL_API_KEY"):
        registry.translator("deepl", ProviderSettings())
    assert "KAMPANJ_DEEPL_API_KEY" in registry.lacking("deepl", ProviderSettings())


@pytest.mark.parametrize(
    ("source", "target", "codes"),
    [
        ("th-TH", "en-GB", ("TH", "EN-GB")),
        ("pt-BR", "en-US", ("PT", "EN-US")),
        ("zh-Hant-TW", "pt-PT", ("ZH", "PT-PT")),
    ],
)
def test_copy_is_said_back_without_a_glossary_of_the_other_way(
    source: str, target: str, codes: tuple[str, str]
) -> None:
    """A glossary from English into Thai is refused from Thai into English; so is the whole text."""
    wanted = request(
        {"headline": "จ่ายตามจังหวะของคุณ"},
        source_locale=source,
        target={"tag": target, "language": "the brief's", "address": "du"},
        context="",
        literal=True,
    )
    with Loopback(lambda _: said("Pay at your rhythm")) as server:
        more = {
            "deepl_glossaries": {"en": "g1", "pt": "g2"},
            "translation_formality": {"en": "formal"},
        }
        answer = translator(server, **more).translate(wanted)

    asked = server.asked[0].json
    assert (asked["source_lang"], asked["target_lang"]) == codes
    assert not asked.keys() & {"glossary_id", "formality", "context"}
    assert answer.segments == {"headline": "Pay at your rhythm"}
