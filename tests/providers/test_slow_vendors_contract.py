"""Those who draw slowly, and those who bring pictures, keep the contract that ships for plugins."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from loopback import picture
from pydantic import SecretStr
from slow_hosts import Fal, Replicate
from slow_vendors import Bfl, Comfy, Firefly, SlowVendor, api_workflow

from providers import registry
from providers.contract.embedded import PICTURE
from providers.contract.images import ImageProviderContract
from providers.contract.rig import Fault, ImageRig, Rig
from providers.settings import ProviderSettings

CANARY = "7f3a9b1c5d2e4f60718293a4"  # nothing says that it is a key
COMMON: Mapping[Fault, tuple[str, str]] = {
    Fault.RATE_LIMITED: ("submit", "429"),
    Fault.OVERLOADED: ("submit", "503"),
    Fault.NO_KEY: ("submit", "401"),
    Fault.NO_MODEL: ("submit", "404"),
    Fault.LOST: ("submit", "drop"),
    Fault.HANG: ("submit", "hang"),
    Fault.DRIP: ("submit", "drip"),
    Fault.CUT: ("submit", "cut"),
    Fault.NO_JSON: ("submit", "html"),
    Fault.WRONG_SIZE: ("picture", "half"),
    Fault.NOT_A_PICTURE: ("picture", "html"),
    Fault.EXPIRED: ("picture", "410"),
}
HURRY = 0.3
"""Seconds of patience with a wire that says nothing."""


def faults(
    vendor: SlowVendor, more: Mapping[Fault, tuple[str, str]]
) -> dict[Fault, Callable[[], None]]:
    """Return what makes a vendor's wire fail."""
    return {fault: partial(vendor.strike, *told) for fault, told in {**COMMON, **more}.items()}


def built(name: str, told: Mapping[str, Any], patience: float = 20.0) -> Any:
    """Build a provider of this patience, as the registry does."""
    return registry.image_provider(name, ProviderSettings(**told, image_timeout=patience))


def submitted(vendor: SlowVendor) -> Callable[[], int]:
    """Return what counts the jobs that were handed in."""
    return lambda: vendor.steps.count("submit")


class TestBfl(ImageProviderContract):
    """Black Forest Labs."""

    covers = ("bfl",)

    @pytest.fixture
    def rig(self) -> Iterator[ImageRig]:
        """Draw at its wire."""
        small = {"model": "flux-2-pro", "width": 512, "height": 512}
        special = {
            Fault.NO_MONEY: ("submit", "402"),
            Fault.REFUSED: ("collect", "request_moderated"),
            Fault.EMPTY: ("collect", "no_sample"),
        }
        with Bfl() as bfl:
            told = {"bfl_api_key": SecretStr(CANARY), "bfl_base_url": bfl.url}
            yield Rig(
                provider=built("bfl", told),
                hurried=built("bfl", told, HURRY),
                request=PICTURE.model_copy(update=small),
                sent=submitted(bfl),
                faults=faults(bfl, special),
                secrets=(CANARY,),
            )


class TestFal(ImageProviderContract):
    """fal, which tells what its models say."""

    covers = ("fal",)

    @pytest.fixture
    def rig(self) -> Iterator[ImageRig]:
        """Draw at its wire."""
        small = {"model": "fal-ai/flux-2-pro", "width": 512, "height": 512}
        special = {
            Fault.NO_MONEY: ("submit", "402"),
            Fault.REFUSED: ("result", "refused"),
            Fault.EMPTY: ("result", "none"),
        }
        with Fal() as fal:
            told = {"fal_api_key": SecretStr(CANARY), "fal_base_url": fal.url}
            yield Rig(
                provider=built("fal", told),
                hurried=built("fal", told, HURRY),
                request=PICTURE.model_copy(update=small),
                sent=submitted(fal),
                faults=faults(fal, special),
                secrets=(CANARY,),
            )


class TestReplicate(ImageProviderContract):
    """Replicate."""

    covers = ("replicate",)

    @pytest.fixture
    def rig(self) -> Iterator[ImageRig]:
        """Draw at its wire."""
        small = {"model": "black-forest-labs/flux-2-pro", "width": 512, "height": 512}
        special = {
            Fault.NO_MONEY: ("submit", "402"),
            Fault.REFUSED: ("collect", "failed:flagged (E005)"),
            Fault.EMPTY: ("collect", "none"),
        }
        with Replicate() as host:
            told = {"replicate_api_key": SecretStr(CANARY), "replicate_base_url": host.url}
            yield Rig(
                provider=built("replicate", told),
                hurried=built("replicate", told, HURRY),
                request=PICTURE.model_copy(update=small),
                sent=submitted(host),
                faults=faults(host, special),
                secrets=(CANARY,),
            )


class TestFirefly(ImageProviderContract):
    """Adobe Firefly."""

    covers = ("firefly",)

    @pytest.fixture
    def rig(self) -> Iterator[ImageRig]:
        """Draw at its wire."""
        small = {"model": "image5", "width": 1024, "height": 1024}
        special = {
            Fault.NO_MONEY: ("submit", "403:quota_exhausted"),
            Fault.REFUSED: ("submit", "451:prompt_unsafe"),
            Fault.EMPTY: ("collect", "no_outputs"),
        }
        with Firefly() as firefly:
            told = {
                "firefly_client_id": "client-1",
                "firefly_client_secret": SecretStr(CANARY),
                "firefly_base_url": firefly.url,
                "firefly_ims_url": firefly.url,
            }
            yield Rig(
                provider=built("firefly", told),
                # It asks for a token first, which has to come.
                hurried=built("firefly", told, 3 * HURRY),
                request=PICTURE.model_copy(update=small),
                sent=submitted(firefly),
                faults=faults(firefly, special),
                secrets=(CANARY, "token-1-0123456789"),
            )


class TestComfy(ImageProviderContract):
    """ComfyUI, where a lost job is done again: so no fault of it costs anything."""

    covers = ("comfyui",)

    @pytest.fixture
    def rig(self, tmp_path: Path) -> Iterator[ImageRig]:
        """Draw at its wire."""
        workflow = tmp_path / "workflow.json"
        workflow.write_text(api_workflow(), encoding="utf-8")
        nodes = {"prompt": "6.text", "width": "5.width", "height": "5.height", "seed": "3.seed"}
        small = {"model": "workflow", "width": 512, "height": 512}
        with Comfy({"collect": ["not_yet"], "queue": ["running"]}) as comfy:
            told = ProviderSettings(
                comfyui_base_url=comfy.url, comfyui_workflow=workflow, comfyui_nodes=nodes
            )
            yield Rig(
                provider=registry.image_provider("comfyui", told),
                request=PICTURE.model_copy(update=small),
                sent=submitted(comfy),
            )


class TestImport(ImageProviderContract):
    """Pictures from elsewhere, which nobody is asked for."""

    covers = ("import",)

    @pytest.fixture
    def rig(self, tmp_path: Path) -> ImageRig:
        """Bring one picture."""
        (tmp_path / "cup.png").write_bytes(picture(512, 512))
        columns = "file,concept,origin,tool,made_by,licence,cost,currency"
        row = "cup.png,1,photo,Studio South,Ada Lovelace,Buyout,900.00,EUR"
        (tmp_path / "import.csv").write_text(f"{columns}\n{row}\n", encoding="utf-8")
        told = ProviderSettings(imports_folder=tmp_path)
        return Rig(
            provider=registry.image_provider("import", told),
            request=PICTURE.model_copy(update={"model": "declared", "width": 512, "height": 512}),
            sent=lambda: 0,
        )
