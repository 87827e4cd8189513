"""The policy as this installation has it: ours, or the one in its own file."""

import tomllib

from pydantic import ValidationError

from cost_tracking.policy import DEFAULT, Policy, UnknownPolicy, default_policy, read_policy
from creative.problem import InvalidInput, Problem
from flows.settings import Settings


def policy_in_force(settings: Settings) -> Policy:
    """Return the policy of the file that ``KAMPANJ_POLICY`` names, or the one that ships with us.

    Raises:
        InvalidInput: The file cannot be read, is no policy, or leaves a cost type out.

    """
    path = settings.policy
    if path is None:
        return default_policy()

    def wrong(message: str, mend: str, where: str = "") -> InvalidInput:
        return InvalidInput([Problem(path, 0, where, message, mend)])

    mend = f'Write it as `kampanj policy show` prints one, or begin with extends = "{DEFAULT}".'
    try:
        written = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise wrong(
            f"the policy file cannot be read ({type(error).__name__})",
            "Point KAMPANJ_POLICY at a TOML file, or unset it.",
        ) from error
    try:
        return read_policy(written).in_force()
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise wrong(first["msg"].removeprefix("Value error, "), mend, where) from error
    except tomllib.TOMLDecodeError as error:
        raise wrong(f"it is no TOML: {error}", "Mend the line that is named.") from error
    except (UnknownPolicy, ValueError) as error:
        raise wrong(str(error), mend) from error
