"""How long the command line takes to start: CPU, as a ratio to importing pydantic and typer.

``python benchmarks/start.py [--runs 7]`` starts each command in a process of its own, in turns, and
prints the medians. The bytecode is warm, as it is on a machine that has run it once. CPU and not
the time on the wall, since a shared machine makes others wait; a ratio, since machines differ.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

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
COMMANDS = {
    "python, nothing imported": ("-c", "pass"),
    "importing pydantic and typer": ("-c", MEASURE),
    "kampanj --help": ("-m", "flows", "--help"),
    "kampanj providers": ("-m", "flows", "providers"),
    "kampanj providers --json": ("-m", "flows", "providers", "--json"),
    "the same, studio alone": ("-c", STUDIO_ALONE),
    "kampanj plan": ("-m", "flows", "plan", str(ROOT / "briefs" / "nordic-flash.yaml")),
}
VENDORS = ("boto3", "botocore", "httpx2", "openai", "prefect")
"""What no command may import that asks no vendor."""


def cpu(words: tuple[str, ...], cache: str) -> float:
    """Return the seconds of CPU that one process takes."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("KAMPANJ_")}
    known.pop("PYTHONDONTWRITEBYTECODE", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(  # noqa: S603 - our own program
        [sys.executable, *words],
        env={**known, "PYTHONPYCACHEPREFIX": cache},
        cwd=cache,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


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
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as cache:
        for words in COMMANDS.values():
            cpu(words, cache)
        # In turns, so that a neighbour who starts half-way disturbs all alike.
        for _ in range(runs):
            for name, words in COMMANDS.items():
                taken[name].append(cpu(words, cache))
        measure = median(taken["importing pydantic and typer"])
        print(f"{runs} runs each; medians\n")
        print(f"| {'':<30} | CPU ms | lowest | highest | ratio | vendors imported |")
        print(f"|{'-' * 32}|-------:|-------:|--------:|------:|------------------|")
        for name, words in COMMANDS.items():
            found = ", ".join(imported(words, cache)) or "none"
            low, high = min(taken[name]), max(taken[name])
            middle = median(taken[name])
            print(
                f"| {name:<30} | {middle * 1000:>6.0f} | {low * 1000:>6.0f} | {high * 1000:>7.0f} "
                f"| {middle / measure:>5.2f} | {found:<16} |"
            )


if __name__ == "__main__":
    main()
