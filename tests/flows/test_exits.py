"""What the shell is told when something is wrong with what was typed or set."""

import json

import pytest
from places import Place

SECRET = "hunter2hunter2"  # noqa: S105 - of nothing


@pytest.mark.parametrize(
    ("words", "environment", "code", "said"),
    [
        (("plan",), {}, 2, "Missing argument"),
        (("plann", "brief.yaml"), {}, 2, "plann"),
        (("plan", "none.yaml"), {}, 2, "no such file"),
        (("plan", "."), {}, 2, "is a directory"),
        (("run", "brief.yaml", "--choose", "x9"), {}, 2, "picks nothing; write auto"),
        (("run", "brief.yaml", "--approve", "perhaps"), {}, 2, "perhaps"),
        (("run", "brief.yaml", "--direct", "--out", "ftp://x"), {}, 5, "s3://bucket/prefix"),
        (("resume", "nobody"), {}, 2, "there is no run"),
        (("status", "nobody"), {}, 2, "there is no run"),
        (("verify", "."), {}, 2, "no manifest.json"),
        (("prices", "chek"), {}, 2, "kampanj prices check"),
        (("status",), {"KAMPANJ_WORKERS": "abc"}, 2, "KAMPANJ_WORKERS"),
        (("status",), {"KAMPANJ_DATABASE_URL": f"mysql://u:{SECRET}@h/x"}, 2, "sqlite:///"),
        (("status",), {"KAMPANJ_DATABASE_URL": f"postgresql://u:{SECRET}@127.0.0.1:1/x"}, 1, "127"),
        (("status",), {"KAMPANJ_HOME": "/proc/nobody"}, 1, "/proc/nobody"),
    ],
)
def test_an_end_is_told_to_people_and_to_machines(
    place: Place, words: tuple[str, ...], environment: dict[str, str], code: int, said: str
) -> None:
    """A traceback tells the developer; the author of a brief has none beside them."""
    told = place.run(*words, **environment)
    machine = place.run(*words, "--json", **environment)

    assert (told.code, machine.code) == (code, code)
    assert said in told.err
    assert "Traceback" not in told.err
    assert said in json.loads(machine.out)["error"]["message"]
    assert SECRET not in told.err + told.out + machine.err + machine.out
