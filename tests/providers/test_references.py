"""A product's picture goes to each vendor in the shape that the vendor published, for nothing."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from drawers import drawing, picture
from slow_hosts import Replicate
from slow_vendors import Comfy, SlowVendor, loading_workflow

from providers import errors, registry
from providers.errors import Charged
from providers.images.base import ImageAnswer, ImageProvider, ImageRequest, Reference
from providers.images.jobs import ImageJobs, Pending
from providers.models import model_table
from providers.settings import ProviderSettings

TIN = Reference(content=picture(64, 64), media_type="image/png")
BOX = Reference(content=picture(80, 64, "JPEG"), media_type="image/jpeg")
SKETCH = Reference(content=picture(512, 512), media_type="image/png", sketch=(512, 512))
PROMPT = "A slower morning."
NODES = {
    "prompt": "6.text",
    "width": "5.width",
    "height": "5.height",
    "seed": "3.seed",
    "reference_1": "11.image",
    "reference_2": "12.image",
}


def request(model: str, *references: Reference, edge: int = 1024) -> ImageRequest:
    """Ask for a picture that shows these."""
    facts = {"prompt": PROMPT, "seed": 7, "width": edge, "height": edge}
    return ImageRequest(**facts, model=model, references=references)


def drawn(provider: ImageProvider | ImageJobs, asked: ImageRequest) -> ImageAnswer:
    """Draw at once, or hand in and fetch."""
    if not isinstance(provider, ImageJobs):
        return provider.draw(asked)
    answer: ImageAnswer | Pending = provider.submit(asked)
    while isinstance(answer, Pending):
        answer = provider.collect(asked, answer)
    return answer


IDEOGRAM_4_5 = {
    "prompt": PROMPT,
    "magic_prompt": "off",
    "num_images": "1",
    "size": "1024x1024",
    "quality": "medium",
    "seed": "7",
    "images": [
        ("picture-1.png", "image/png", len(TIN.content)),
        ("picture-2.jpg", "image/jpeg", len(BOX.content)),
    ],
}
IDEOGRAM_3 = {
    "prompt": PROMPT,
    "magic_prompt": "OFF",
    "num_images": "1",
    "resolution": "1024x1024",
    "rendering_speed": "TURBO",
    "seed": "7",
    "character_reference_images": ("picture-1.png", "image/png", len(TIN.content)),
}
FIREFLY = {
    "prompt": PROMPT,
    "numVariations": 1,
    "seeds": [7],
    "size": {"width": 1024, "height": 1024},
    "image": {"source": {"uploadId": "sketch-1"}},
}
SHAPES: Mapping[str, tuple[str, str, tuple[Reference, ...], Mapping[str, Any]]] = {
    "ideogram 4.5": ("ideogram", "ideogram-v4.5", (TIN, BOX), IDEOGRAM_4_5),
    "ideogram 3": ("ideogram", "ideogram-v3-character-turbo", (TIN,), IDEOGRAM_3),
    "firefly": ("firefly", "object_composite", (TIN,), FIREFLY),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_product_s_picture_is_sent_as_its_vendor_says(name: str, tmp_path: Path) -> None:
    """A field that a vendor does not know is passed over, and its model makes a product up."""
    vendor, model, shown, body = SHAPES[name]
    with drawing(vendor, tmp_path) as drawer:
        provider = registry.image_provider(vendor, ProviderSettings(**drawer.settings))
        answer = drawn(provider, request(model, *shown))
        asked = [one for one in drawer.asked() if one]

    assert asked == [body]
    assert (answer.width, answer.height) == (1024, 1024)


PATHS = {
    "ideogram-v4.5": "/v2/image/generate/ideogram-4-5",
    "ideogram-v4.5-low": "/v2/image/generate/ideogram-4-5",
    "ideogram-v3-character": "/v1/ideogram-v3/generate",
}


@pytest.mark.parametrize("model", PATHS)
def test_ideogram_is_asked_where_each_generation_is(model: str, tmp_path: Path) -> None:
    """An address of another generation would draw with its model, at its price."""
    with drawing("ideogram", tmp_path) as drawer:
        provider = registry.image_provider("ideogram", ProviderSettings(**drawer.settings))
        assert isinstance(provider, ImageJobs)
        provider.submit(request(model, TIN))
        quality = drawer.asked()[0].get("quality")

        assert drawer.paths() == [PATHS[model]]
    assert quality == {"ideogram-v4.5": "medium", "ideogram-v4.5-low": "low"}.get(model)


def test_firefly_names_no_model_where_it_keeps_a_product(tmp_path: Path) -> None:
    """Its service has none, and the key goes where it goes else."""
    settings = {"firefly_client_id": "client-1"}
    with drawing("firefly", tmp_path) as drawer:
        provider = registry.image_provider(
            "firefly", ProviderSettings(**{**drawer.settings, **settings})
        )
        assert isinstance(provider, ImageJobs)
        provider.submit(request("object_composite", TIN))
        [headers] = [one.headers for one in drawer.heard() if "composite" in one.path]

    assert "x-model-version" not in headers
    assert headers["x-api-key"] == "client-1"


def replicate(vendor: SlowVendor, patience: float = 20.0) -> ImageJobs:
    """Build Replicate over its wire."""
    key = "7f3a9b1c5d2e4f60718293a4"
    told = {"replicate_api_key": key, "replicate_base_url": vendor.url, "image_timeout": patience}
    built = registry.image_provider("replicate", ProviderSettings(**told))
    assert isinstance(built, ImageJobs)
    return built


def test_replicate_is_handed_pictures_before_the_job() -> None:
    """An input names an address, and what holds seven megabytes by itself is refused."""
    with Replicate() as vendor:
        drawn(replicate(vendor), request("black-forest-labs/flux-2-pro", TIN, BOX))
        [job], first, *_ = vendor.at("submit"), *vendor.at("upload")

        assert vendor.steps == ["upload", "upload", "submit", "collect", "picture"]
        assert job.json["input"]["input_images"] == [
            f"{vendor.url}/v1/files/1",
            f"{vendor.url}/v1/files/2",
        ]
    assert first.form == {"content": (f"{TIN.sha256[:16]}.png", "image/png", len(TIN.content))}
    assert first.headers["authorization"].startswith("Bearer ")


def comfy(vendor: SlowVendor, folder: Path, patience: float = 20.0, **more: str) -> ImageJobs:
    """Build ComfyUI over its wire, with a workflow that loads pictures."""
    workflow = folder / "workflow.json"
    workflow.write_text(loading_workflow(), encoding="utf-8")
    built = registry.image_provider(
        "comfyui",
        ProviderSettings(
            comfyui_base_url=vendor.url,
            comfyui_workflow=workflow,
            comfyui_nodes={**NODES, **more},
            image_timeout=patience,
        ),
    )
    assert isinstance(built, ImageJobs)
    return built


def test_comfyui_loads_each_picture_in_the_node_that_is_bound_to_it(tmp_path: Path) -> None:
    """A node that is told none loads the picture that the workflow was exported with."""
    asked = request("workflow", SKETCH, TIN, BOX, edge=512)
    with Comfy() as vendor:
        drawn(comfy(vendor, tmp_path, sketch="13.image"), asked)
        nodes = vendor.at("submit")[0].json["prompt"]
        first = vendor.at("upload")[0].form

    assert vendor.steps[:4] == ["upload", "upload", "upload", "submit"]
    assert first == {
        "type": "input",
        "subfolder": "kampanj",
        "overwrite": "true",
        "image": (f"{SKETCH.sha256}.png", "image/png", len(SKETCH.content)),
    }
    assert [nodes[number]["inputs"]["image"] for number in ("11", "12", "13")] == [
        f"kampanj/{TIN.sha256}.png",
        f"kampanj/{BOX.sha256}.jpg",
        f"kampanj/{SKETCH.sha256}.png",
    ]


def test_a_workflow_without_a_place_for_a_sketch_takes_it_as_any_picture(tmp_path: Path) -> None:
    """A sketch is a picture to follow like others, where nothing is made for it."""
    with Comfy() as vendor:
        drawn(comfy(vendor, tmp_path), request("workflow", SKETCH, TIN, edge=512))
        nodes = vendor.at("submit")[0].json["prompt"]

    assert nodes["11"]["inputs"]["image"] == f"kampanj/{SKETCH.sha256}.png"


def test_a_workflow_that_loads_pictures_draws_nothing_without_them(tmp_path: Path) -> None:
    """It would show the product that its author had at hand."""
    with Comfy() as vendor:
        provider = comfy(vendor, tmp_path, sketch="13.image")
        for shown, lack in (
            ((SKETCH, TIN), "nothing without 2 references, not 1"),
            ((SKETCH, TIN, BOX, TIN), "follows 2 references, not 3"),
            ((TIN, BOX), "nothing without a sketch"),
        ):
            with pytest.raises(errors.Unsupported, match=lack):
                provider.submit(request("workflow", *shown, edge=512))

    assert vendor.asked == []


@pytest.mark.parametrize("name", ["replicate", "comfyui"])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("429", errors.RateLimited),
        ("500", errors.Unavailable),
        ("503", errors.Unavailable),
        ("hang", errors.Unavailable),
        ("drip", errors.Unavailable),
        ("html", errors.Unavailable),
        ("unnamed", errors.Unavailable),
        ("401", errors.NotConfigured),
        ("413", errors.InvalidRequest),
    ],
)
def test_a_picture_that_is_not_taken_in_costs_nothing(
    name: str, fault: str, kind: type[errors.ProviderError], tmp_path: Path
) -> None:
    """Nothing was asked to be drawn yet, so nothing may wait for a person to look at a bill."""
    kinds: dict[str, Callable[[Mapping[str, list[str]]], SlowVendor]] = {
        "replicate": Replicate,
        "comfyui": Comfy,
    }
    with kinds[name]({"upload": ["ok", fault]}) as vendor:
        provider = replicate(vendor, 0.6) if name == "replicate" else comfy(vendor, tmp_path, 0.6)
        model = provider.default_model
        with pytest.raises(kind) as caught:
            provider.submit(request(model, TIN, BOX, edge=512))

    assert caught.value.charged is Charged.NO
    assert vendor.steps == ["upload", "upload"]
    assert vendor.billed == 0


def test_what_a_model_says_of_pictures_stands_beside_its_refusal() -> None:
    """Who reads it wants to know whether another model would do, or a cut-out."""
    table = model_table()
    for one in table.model:
        if one.operation != "image" or one.imports or one.placeholder:
            continue
        shown = (TIN,) * (one.max_references + 1)
        width, height = one.sizes[0] if one.sizes else (1024, 1024)
        asked = request(one.model, *shown).model_copy(update={"width": width, "height": height})
        lack = one.capabilities.lack(asked)

        assert lack.startswith(f"it follows {one.max_references} references"), one.model
        assert one.max_references or one.about_references, f"{one.model}: say why it follows none"
        assert one.about_references in lack


def test_a_service_that_only_draws_a_sketch_anew_is_refused_without_one() -> None:
    """It would be asked for a picture that it cannot make."""
    able = model_table().find("stability", "image", "stable-image-structure").capabilities
    sketch = SKETCH.model_copy(update={"sketch": (1024, 1024)})

    assert able.lack(request(able.model)) == "it draws nothing without a sketch that was chosen"
    assert able.lack(request(able.model, sketch)) == ""
    assert "1024x1024 anew" in able.lack(request(able.model, SKETCH))


@pytest.mark.parametrize("name", ["object_composite", "ideogram-v3-character"])
def test_a_sketch_is_not_taken_for_a_product(name: str) -> None:
    """It would be pasted into a scene as if it were sold."""
    [able] = [one.capabilities for one in model_table().model if one.model == name]
    sketch = SKETCH.model_copy(update={"sketch": (1024, 1024)})

    assert able.lack(request(name, TIN)) == ""
    assert "nothing without 1 references, not 0" in able.lack(request(name, sketch))
    assert able.lack(request(name, TIN, sketch)) == "it cannot follow a sketch"


def test_a_request_is_told_apart_by_the_pictures_that_it_brings() -> None:
    """Else a campaign with another product would be given the picture of the first."""
    facts = [json.dumps(request("m", *shown).facts()) for shown in ((), (TIN,), (BOX,), (TIN, BOX))]
    assert len(set(facts)) == 4
