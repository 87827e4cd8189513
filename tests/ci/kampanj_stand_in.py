"""Stands in for `kampanj`: writes down what it was asked, and answers as the brief tells it to."""

import json
import os
import sys
from pathlib import Path


def main() -> int:
    """Answer one call; a brief that holds `exit: N` ends it with that code."""
    with Path(os.environ["STAND_IN_JOURNAL"]).open("a", encoding="utf-8") as journal:
        journal.write(json.dumps(sys.argv[1:]) + "\n")
    brief = Path(sys.argv[2])
    text = brief.read_text(encoding="utf-8")
    code = next(
        (int(line.split(":")[1]) for line in text.splitlines() if line.startswith("exit:")), 0
    )
    if code:
        print(f"{brief}:1: {text}", file=sys.stderr)  # noqa: T201 - this is its answer
    else:
        print(f"quote of {text}")  # noqa: T201 - this is its answer
    return code


if __name__ == "__main__":
    sys.exit(main())
