"""What is said of a file of ours that is not as it was written."""

from pathlib import Path

from creative.problem import InvalidInput, Problem


def damaged_manifest(path: Path) -> InvalidInput:
    """Return the error for a run's manifest that was cut, or changed by somebody."""
    mend = (
        "Restore it from a backup, or run the brief again, which buys nothing that is there and "
        "writes another one"
    )
    return InvalidInput([Problem(path, 0, "", "it was changed or damaged", mend)])
