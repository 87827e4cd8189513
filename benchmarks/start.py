"""How long the command line takes to start: CPU, as a ratio to importing pydantic and typer.

``python benchmarks/start.py [--runs 7]`` starts each command in a process of its own, in turns, and
prints the medians. The bytecode is warm, as it is on a machine that has run it once. CPU first,
since a shared machine makes others wait; a ratio, since machines differ.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
MEASURE = "import pydantic, typer"
STUDIO_ALONE = """
import sys
from providers import registry
for table in registry._TABLES.values():
    for name in set(table) - {"studio"}:
        del table[name]
sys.argv = ["kampanj", "providers", "--json"]
from flows.__main__ import main
main()
"""
"""The same command as if no other adapter had been registered."""
PLAN = ("-m", "flows", "plan", str(ROOT / "briefs" / "spring-checkout.yaml"))
BESIDE_A_LEDGER = "the same, beside a ledger"
COMMANDS = {
    "python, nothing imported": ("-c", "pass"),
    "importing pydantic and typer": ("-c", MEASURE),
    "kampanj --help": ("-m", "flows", "--help"),
    "kampanj providers": ("-m", "flows", "providers"),
    "kampanj providers --json": ("-m", "flows", "providers", "--json"),
    "the same, studio alone": ("-c", STUDIO_ALONE),
    "kampanj plan, 5 markets": ("-m", "flows", "plan", str(ROOT / "briefs" / "nordic-flash.yaml")),
    "kampanj plan, 45 markets": PLAN,
    BESIDE_A_LEDGER: PLAN,
}
VENDORS = ("boto3", "botocore", "httpx2", "openai", "prefect")
"""What no command may import that asks no vendor."""


class Taken(NamedTuple):
    """What one process took, in seconds."""

    cpu: float
    wall: float


def took(words: tuple[str, ...], cache: str, home: str) -> Taken:
    """Run one process, and return what it took."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("KAMPANJ_")}
    known.pop("PYTHONDONTWRITEBYTECODE", None)
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    subprocess.run(  # noqa: S603 - our own program
        [sys.executable, *words],
        env={**known, "PYTHONPYCACHEPREFIX": cache, "KAMPANJ_HOME": f"{cache}/{home}"},
        cwd=cache,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    wall, after = perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Taken(cpu, wall)


def home_of(name: str) -> str:
    """Return the state folder of a command: only one of them finds a ledger there."""
    return "ledger" if name == BESIDE_A_LEDGER else "empty"


def imported(words: tuple[str, ...], cache: str) -> list[str]:
    """Return the vendors' libraries that a command imports."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-X", "importtime", *words],
        cwd=cache,
        capture_output=True,
        text=True,
        check=True,
    )
    names = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    return sorted(names & set(VENDORS))


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description="CPU to start, as a ratio.")
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    taken: dict[str, list[Taken]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as cache:
        took(("-m", "flows", "db", "upgrade"), cache, home_of(BESIDE_A_LEDGER))
        for name, words in COMMANDS.items():
            took(words, cache, home_of(name))
        # In turns, so that a neighbour who starts half-way disturbs all alike.
        for _ in range(runs):
            for name, words in COMMANDS.items():
                taken[name].append(took(words, cache, home_of(name)))
        measure = median(one.cpu for one in taken["importing pydantic and typer"])
        print(f"{runs} runs each; medians\n")
        print(f"| {'':<30} | CPU ms | lowest | highest | ratio | wall ms | vendors imported |")
        print(f"|{'-' * 32}|-------:|-------:|--------:|------:|--------:|------------------|")
        for name, words in COMMANDS.items():
            found = ", ".join(imported(words, cache)) or "none"
            cpu = [one.cpu for one in taken[name]]
            wall = median(one.wall for one in taken[name])
            print(
                f"| {name:<30} | {median(cpu) * 1000:>6.0f} | {min(cpu) * 1000:>6.0f} "
                f"| {max(cpu) * 1000:>7.0f} | {median(cpu) / measure:>5.2f} | {wall * 1000:>7.0f} "
                f"| {found:<16} |"
            )


if __name__ == "__main__":
    main()
