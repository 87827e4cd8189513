"""The deployments that Prefect's pages offer, each with its form filled in."""

from datetime import date
from typing import TYPE_CHECKING, cast

from prefect.types.entrypoint import EntrypointType

from flows import campaign, form_example

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment

TAGS = ["kampanj"]


def deployments(today: date) -> tuple["RunnerDeployment", ...]:
    """Return every deployment of this project.

    Args:
        today: The present day, from which the form's example is dated.

    """
    form = campaign.FORM
    filled = {"brief": form.filled(form_example.example(form.choices, today))}
    # By its module: another machine, where the project lies elsewhere, can carry it out too.
    by_module = EntrypointType.MODULE_PATH
    made = (
        campaign.campaign.to_deployment(
            name="campaign", tags=TAGS, entrypoint_type=by_module, parameters=filled
        ),
        campaign.campaign_from_file.to_deployment(
            name="campaign-from-file", tags=TAGS, entrypoint_type=by_module
        ),
        campaign.resume.to_deployment(name="resume", tags=TAGS, entrypoint_type=by_module),
    )
    # Outside of a running loop it gives the deployment itself, which its type does not say.
    return tuple(cast("RunnerDeployment", one) for one in made)
