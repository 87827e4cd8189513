"""Who can draws a sketch anew, in the shape that its vendor published; who cannot is refused."""

import base64
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from drawers import drawing, picture
from slow_vendors import Firefly

from providers import errors, registry
from providers.images.base import ImageAnswer, ImageProvider, ImageRequest, Reference
from providers.images.jobs import ImageJobs, Pending
from providers.models import model_table
from providers.settings import ProviderSettings

SKETCH = Reference(content=picture(1024, 1024), media_type="image/png", sketch=(1024, 1024))
FILE = ("sketch.png", "image/png", len(SKETCH.content))
NUMBERED = ("picture-1.png", "image/png", len(SKETCH.content))


def request(model: str, edge: int = 1024, **more: object) -> ImageRequest:
    """Ask for a sketch to be drawn anew."""
    facts = {"prompt": "A slower morning.", "seed": 7, "references": (SKETCH,)}
    return ImageRequest(**{**facts, "model": model, "width": edge, "height": edge, **more})


def drawn(provider: ImageProvider | ImageJobs, asked: ImageRequest) -> ImageAnswer:
    """Draw at once, or hand in and fetch."""
    if not isinstance(provider, ImageJobs):
        return provider.draw(asked)
    answer: ImageAnswer | Pending = provider.submit(asked)
    while isinstance(answer, Pending):
        answer = provider.collect(asked, answer)
    return answer


def stability(body: Mapping[str, Any]) -> bool:
    """Say whether Stability was asked as it says."""
    return body == {
        "prompt": "A slower morning.",
        "output_format": "png",
        "seed": "7",
        "model": "sd3.5-large",
        "mode": "image-to-image",
        "strength": "0.6",
        "image": FILE,
    }


def ultra(body: Mapping[str, Any]) -> bool:
    """Say whether Stability's Ultra was asked as it says."""
    return body == {
        "prompt": "A slower morning.",
        "output_format": "png",
        "seed": "7",
        "aspect_ratio": "1:1",
        "strength": "0.6",
        "image": FILE,
    }


def structure(body: Mapping[str, Any]) -> bool:
    """Say whether Stability's structure service was asked as it says."""
    return body == {
        "prompt": "A slower morning.",
        "output_format": "png",
        "seed": "7",
        "control_strength": "0.7",
        "image": FILE,
    }


def image5(body: Mapping[str, Any]) -> bool:
    """Say whether Firefly's Image 5 was asked as it says."""
    return body == {
        "prompt": "A slower morning.",
        "numVariations": 1,
        "seeds": [7],
        "resolutionLevel": "1MP",
        "modelId": "firefly_image",
        "referenceBlobs": [{"source": {"uploadId": "sketch-1"}, "usage": "general"}],
    }


def bedrock(body: Mapping[str, Any]) -> bool:
    """Say whether Bedrock was asked as it says."""
    return body == {
        "prompt": "A slower morning.",
        "output_format": "png",
        "seed": 7,
        "mode": "image-to-image",
        "strength": 0.6,
        "image": base64.b64encode(SKETCH.content).decode(),
    }


def ideogram_4(body: Mapping[str, Any]) -> bool:
    """Say whether Ideogram 4 was asked as it says."""
    return body == {
        "text_prompt": "A slower morning.",
        "resolution": "2048x2048",
        "rendering_speed": "DEFAULT",
        "image": NUMBERED,
    }


def ideogram_3(body: Mapping[str, Any]) -> bool:
    """Say whether Ideogram 3 was asked as it says."""
    return (body["prompt"], body["image"]) == ("A slower morning.", NUMBERED)


def firefly(body: Mapping[str, Any]) -> bool:
    """Say whether Firefly was asked as it says."""
    uploaded = {"source": {"uploadId": "sketch-1"}}
    return bool(body["structure"] == {"strength": 80, "imageReference": uploaded})


@pytest.mark.parametrize(
    ("name", "model", "edge", "asked_well"),
    [
        ("stability", "sd3.5-large", 1024, stability),
        ("stability", "stable-image-ultra", 1024, ultra),
        ("stability", "stable-image-structure", 1024, structure),
        ("bedrock", "stability.sd3-5-large-v1:0", 1024, bedrock),
        ("ideogram", "ideogram-v4", 2048, ideogram_4),
        ("ideogram", "ideogram-v3", 1024, ideogram_3),
        ("firefly", "image4_standard", 2048, firefly),
        ("firefly", "image5", 1024, image5),
    ],
)
def test_a_sketch_is_drawn_anew(
    name: str,
    model: str,
    edge: int,
    asked_well: Callable[[Mapping[str, Any]], bool],
    tmp_path: Path,
) -> None:
    """What a person chose is the picture, and the words alone would give another one."""
    with drawing(name, tmp_path) as drawer:
        provider = registry.image_provider(name, ProviderSettings(**drawer.settings))
        answer = drawn(provider, request(model, edge))
        asked = [body for body in drawer.asked() if body]

    assert len(asked) == 1
    assert asked_well(asked[0]), asked
    assert (answer.width, answer.height) == (edge, edge)


def test_stability_is_asked_where_each_service_is(tmp_path: Path) -> None:
    """Each has its own address, and its own price."""
    with drawing("stability", tmp_path) as drawer:
        provider = registry.image_provider("stability", ProviderSettings(**drawer.settings))
        for model in ("stable-image-ultra", "stable-image-structure", "sd3.5-medium"):
            drawn(provider, request(model))

        assert drawer.paths() == [
            "/v2beta/stable-image/generate/ultra",
            "/v2beta/stable-image/control/structure",
            "/v2beta/stable-image/generate/sd3",
        ]


def test_ideogram_is_asked_where_it_draws_after_pictures(tmp_path: Path) -> None:
    """Where it draws from words it takes a picture for nothing, and would leave it out."""
    with drawing("ideogram", tmp_path) as drawer:
        provider = registry.image_provider("ideogram", ProviderSettings(**drawer.settings))
        assert isinstance(provider, ImageJobs)
        provider.submit(request("ideogram-v4", 2048))
        provider.submit(request("ideogram-v4", 2048, references=()))

        assert drawer.paths() == ["/v1/ideogram-v4/remix", "/v1/ideogram-v4/generate"]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("401", errors.NotConfigured),
        ("429", errors.RateLimited),
        ("500", errors.Unavailable),
        ("503", errors.Unavailable),
        ("hang", errors.Unavailable),
        ("html", errors.Unavailable),
        ("unnamed", errors.Unavailable),
    ],
)
def test_a_sketch_that_firefly_does_not_take_in_costs_nothing(
    fault: str, kind: type[errors.ProviderError]
) -> None:
    """Nothing was asked to be drawn yet, so nothing may wait for a person to look at a bill."""
    with Firefly({"upload": [fault]}) as vendor:
        told = {"firefly_base_url": vendor.url, "firefly_ims_url": vendor.url}
        keys = {"firefly_client_id": "c", "firefly_client_secret": "7f3a9b1c5d2e4f60718293a4"}
        settings = ProviderSettings(**told, **keys, image_timeout=0.5)
        provider = registry.image_provider("firefly", settings)
        assert isinstance(provider, ImageJobs)
        with pytest.raises(kind) as caught:
            provider.submit(request("image4_standard", 2048))

        assert vendor.billed == 0
    assert caught.value.charged is errors.Charged.NO
    assert vendor.asked[1].path == "/v2/storage/image"
    assert vendor.asked[1].headers["content-type"] == "image/png"
    assert vendor.asked[1].body == SKETCH.content


def test_a_sketch_of_another_size_or_a_second_one_is_refused() -> None:
    """Image-to-image gives the size that it was given, which is paid for and does not fit."""
    keeps = model_table().find("stability", "image", "sd3.5-large").capabilities
    free = model_table().find("ideogram", "image", "ideogram-v3").capabilities
    words_only = (
        model_table().find("bedrock", "image", "stability.stable-image-ultra-v1:1").capabilities
    )
    small = SKETCH.model_copy(update={"sketch": (512, 512)})
    product = SKETCH.model_copy(update={"sketch": None})

    assert keeps.lack(request("m")) == free.lack(request("m", references=(small,))) == ""
    assert "1024x1024 anew" in keeps.lack(request("m", references=(small,)))
    assert "one sketch anew, not 2" in free.lack(request("m", references=(SKETCH, SKETCH)))
    assert "0 references, not 1" in free.lack(request("m", references=(product,)))
    assert "0 references, not 1" in words_only.lack(request("m"))
