"""A brief names several providers, tiers and prices, and the quote and the run keep to it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from openai_wire import Wire
from places import Place
from pydantic import SecretStr

from creative.problem import InvalidInput
from flows.exits import WrongInput
from flows.materials import gather, route_terms
from flows.quote import Quote
from flows.quoting import quote
from flows.settings import Settings
from providers import registry
from providers.terms import TooDear

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
STUDIO = "providers: {image: studio, writing: studio, translation: studio}"


@pytest.fixture
def wire() -> Iterator[Wire]:
    """Return the vendor."""
    with Wire() as vendor:
        yield vendor


def routed(place: Place, routes: str) -> Place:
    """Write other providers into the brief."""
    place.rewrite(STUDIO, f"providers: {routes}")
    return place


def quoted(place: Place, key: str | None = "sk-test", **more: Any) -> Quote:
    """Quote the brief in this process."""
    secret = SecretStr(key) if key else None
    settings = Settings(home=place.folder / "state", openai_api_key=secret, **more)
    return quote(settings, place.brief, NOW)


def bought(found: Quote) -> set[tuple[str, str, str]]:
    """Return what would be bought from whom."""
    return {(one.operation, one.provider, one.model) for one in found.purchases}


def test_one_name_and_a_list_of_one_are_the_same(place: Place) -> None:
    """Every brief that was ever written keeps its meaning."""
    one = gather(place.brief).loaded.brief.providers
    routed(place, "{image: [studio], writing: [studio], translation: [studio]}")

    assert gather(place.brief).loaded.brief.providers == one
    assert one.image == ("studio",)


@pytest.mark.parametrize(
    ("routes", "path", "said"),
    [
        ("{image: opnai}", "providers.image", "Did you mean openai?"),
        ("{image: [studio, opnai/gpt-image-2]}", "providers.image[1]", "Did you mean openai?"),
        ("{image: []}", "providers.image", "it names no provider"),
        ("{image: 7}", "providers.image", "it names no provider"),
        ("{image: [studio, 7]}", "providers.image", "7 is no provider"),
        ('{image: "Open AI"}', "providers.image", "write openai, openai/gpt-image-2"),
        ("{image: [studio, studio]}", "providers.image", "named twice"),
        ("{image: [openai@eu, openai@us]}", "providers.image", "openai is named twice"),
        ("{image: openai@EU}", "providers.image", "is no provider"),
        ("{image: opnai@eu}", "providers.image", "Did you mean openai?"),
        ("{imgae: studio}", "providers.imgae", "Did you mean image?"),
        ("{image: [studio, openai], image_model: x}", "providers", "in the list instead"),
        ("{tier: sketch}", "providers", "sketch does not say who draws it"),
        ("{sketch: {image: stduio}}", "providers.sketch.image", "Did you mean studio?"),
        ("{markets: {SE: {image: studio}}}", "providers.markets.SE.image", "no such field"),
        ("{markets: {XX: {translation: studio}}}", "providers.markets.XX", "not among"),
        ("{markets: {SE: {translation: deppl}}}", "providers.markets.SE.translation", "deepl"),
        ("{max_price: 0.2}", "providers.max_price", "in quotes"),
    ],
)
def test_a_route_that_leads_nowhere_is_told_with_its_place(
    place: Place, routes: str, path: str, said: str
) -> None:
    """A wrong name is mended in a second where it stands, and in an hour from a stack trace."""
    routed(place, routes)

    with pytest.raises(InvalidInput) as caught:
        gather(place.brief)

    told = [(one.path, f"{one.message} {one.mend}") for one in caught.value.problems]
    assert [one for one in told if one[0] == path and said in one[1]], told


def test_the_quote_prices_the_first_who_can_and_names_the_dearest_other(place: Place) -> None:
    """Who signs a quote is told what it comes to on a bad day."""
    routed(place, "{image: [studio, openai/gpt-image-2], translation: studio}")

    found = quoted(place)

    assert ("image", "studio", "studio-1") in bought(found)
    assert [one for one in found.notes if "openai may be asked, at most" in one]
    assert found.most.micros == 0
    without = quoted(place, key=None)
    assert [one.partition(":")[0] for one in without.notes] == ["openai"]


def test_the_quote_passes_over_who_has_no_key_or_is_too_dear(place: Place) -> None:
    """The figures are those of the run that follows, and not of another machine's."""
    routed(place, "{image: [openai/gpt-image-2, studio]}")
    assert ("image", "openai", "gpt-image-2") in bought(quoted(place))
    assert ("image", "studio", "studio-1") in bought(quoted(place, key=None))

    place.rewrite("studio]}", 'studio], max_price: "0.001"}')
    capped = quoted(place)
    assert ("image", "studio", "studio-1") in bought(capped)
    assert [one for one in capped.notes if "the brief allows" in one]

    place.rewrite("[openai/gpt-image-2, studio]", "openai/gpt-image-2")
    with pytest.raises(TooDear):
        quoted(place)


def test_a_market_has_its_own_translator(place: Place) -> None:
    """One market's texts may not leave it, or only one vendor knows its language."""
    routed(place, "{translation: studio, markets: {SE: {translation: openai/gpt-6-luna}}}")

    found = {one.provider: one.count for one in quoted(place).purchases if one.stage == "copy"}

    assert found == {"openai": 1, "studio": 1}


def test_a_sketch_is_small_and_somebody_else_s(place: Place) -> None:
    """A first look must not cost what the campaign costs."""
    sketch = "sketch: {image: studio, quality: low, edge: 512}"
    routed(place, f"{{image: openai/gpt-image-2, {sketch}, tier: sketch}}")
    assert quoted(place).most.micros == 0

    place.rewrite("tier: sketch", "tier: produce")
    assert quoted(place).most.micros > 0


def test_the_brief_s_word_on_refusals_and_prices_reaches_the_runner(place: Place) -> None:
    """What finance and legal wrote down is what is done."""
    assert not route_terms(gather(place.brief)).refusals
    routed(place, '{failover_refusals: true, max_price: "0.25"}')

    terms = route_terms(gather(place.brief))

    assert (terms.refusals, str(terms.max_price)) == (True, "0.25 EUR")


def test_the_rate_of_an_account_is_a_setting() -> None:
    """A contract allows what the public page does not."""
    settings = Settings(rates=({"provider": "firefly", "requests": "20"},))  # type: ignore[arg-type]
    rates = {one.provider: one.requests for one in registry.rates(settings.providers)}
    assert rates["firefly"] == 20
    shipped = {one.provider: one.requests for one in registry.rates(Settings().providers)}
    assert shipped["firefly"] == 4


def test_a_run_goes_on_with_the_next_provider_and_stays_there(place: Place, wire: Wire) -> None:
    """The pictures that a run failed over to are those that the next run finds."""
    routed(place, "{image: [openai/gpt-image-2, studio], translation: studio}")
    wire.play("429_quota", "429_quota")
    told = {"OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": wire.url}
    command = ("run", "brief.yaml", "--approve", "auto", "--direct", "--json")

    made = place.run(*command, **told)
    again = place.run(*command, **told)

    assert made.code == again.code == 0, made.err + again.err
    assert len(wire.calls) == 2
    assert not wire.billed
    said = [f"c{number}: studio was asked in place of openai: 429" for number in (1, 2)]
    assert [one[: len(said[0])] for one in made.json["passed_over"]] == said
    assert again.json["passed_over"] == [], "this run asked nobody"
    report = place.run("report", "spring-tea")
    assert "2 times studio was asked in place of another: openai: 429" in report.out
    listed = place.run("spend", "attempts", "spring-tea", "--json").json
    first, second = (one for one in listed if one["asset"] == "c1")
    assert (first["provider"], first["state"], first["replaces"]) == ("openai", "released", "")
    assert (second["provider"], second["replaces"]) == ("studio", first["attempt"])
    assert "passed over: openai: 429" in second["why"]
    assert place.run("spend", "attempts", "--state", "gone").code == 2


def test_a_market_is_served_in_its_own_region(place: Place, wire: Wire) -> None:
    """A contract says in which country the words of a market may be read."""
    routed(place, "{translation: studio, markets: {DE: {translation: openai@eu/gpt-6.2-sol}}}")
    place.rewrite("markets: [SE, SA]", "markets: [SE, SA, DE]")
    nowhere = {"openai_base_url": "http://127.0.0.1:1/v1"}
    regions = {"eu": {"openai_base_url": wire.url, "openai_api_key": "sk-of-europe"}}
    told = {"OPENAI_BASE_URL": nowhere["openai_base_url"], "KAMPANJ_REGIONS": json.dumps(regions)}

    made = place.run("run", "brief.yaml", "--approve", "auto", "--direct", "--json", **told)

    assert made.code == 0, made.err
    assert made.json["failed_locales"] == {}
    assert [call.model for call in wire.calls] == ["gpt-6.2-sol"]
    assert "sk-of-europe" not in made.out + made.err


def test_a_region_that_nobody_set_up_is_told(place: Place) -> None:
    """To ask somewhere else instead would break the contract that names it."""
    routed(place, "{image: openai@eu}")
    with pytest.raises(WrongInput, match="no region eu; set it in KAMPANJ_REGIONS, which has us"):
        quoted(place, regions={"us": {"openai_api_key": "sk-us"}})

    with_key = quoted(place, key=None, regions={"eu": {"openai_api_key": "sk-eu"}})
    assert with_key.notes == ()
    assert bought(with_key) >= {("image", "openai", "gpt-image-2")}


@pytest.mark.parametrize("told", [{"opnai_api_key": "x"}, {"regions": "x"}])
def test_a_setting_of_a_region_that_is_none_is_told(told: dict[str, str]) -> None:
    """A slip in a key's name would send the words to the wrong continent."""
    with pytest.raises(ValueError, match="eu: there is no setting"):
        Settings(regions={"eu": told})  # type: ignore[dict-item]
