"""The house: who may import whom."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = (
    ("flows",),
    ("review",),
    ("localization",),
    ("composition",),
    ("providers",),
    ("cost_tracking",),
    ("creative",),
)
"""Top first. A package imports from rows below its own, and from itself."""
RANK = {package: rank for rank, row in enumerate(LAYERS) for package in row}
OURS = (*RANK, "migrations")


def modules() -> Iterator[Path]:
    """Yield every module of ours."""
    for package in OURS:
        yield from (ROOT / package).rglob("*.py")


@cache
def imports(path: Path) -> tuple[tuple[int, str], ...]:
    """Return each import of a module as its line and the dotted name; each is parsed once."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import makes a second copy"
            yield node.lineno, node.module or ""


def test_imports_point_down() -> None:
    """An arrow upwards is how a house of seven rooms becomes one room."""
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules()
        for line, name in imports(path)
        if (there := RANK.get(name.split(".")[0])) is not None
        and (here := RANK.get(path.relative_to(ROOT).parts[0])) is not None
        and there < here
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("package", "inside"),
    [
        ("prefect", {"flows"}),
        ("typer", {"flows"}),
        ("PIL", {"composition", "providers", "review"}),
        ("openai", {"providers"}),
        ("boto3", {"providers"}),
        ("sqlalchemy", {"cost_tracking", "review", "flows", "migrations"}),
    ],
)
def test_a_library_is_known_only_where_it_belongs(package: str, inside: set[str]) -> None:
    """A vendor that is known everywhere cannot be changed anywhere."""
    users = {
        path.relative_to(ROOT).parts[0]
        for path in modules()
        for _, name in imports(path)
        if name.split(".")[0] == package
    }
    assert users <= inside


@pytest.mark.parametrize("word", ["os.environ", "os.getenv", "datetime.now", "date.today"])
def test_only_the_edge_reads_the_environment_and_the_clock(word: str) -> None:
    """A hidden clock makes a report that cannot be made again."""
    readers = {
        str(path.relative_to(ROOT))
        for path in modules()
        if word in path.read_text(encoding="utf-8") and path.relative_to(ROOT).parts[0] != "flows"
    }
    assert not readers


def test_no_file_in_flows_hides_another_module() -> None:
    """Prefect puts flows/ first on sys.path: flows/copy.py would replace Python's copy."""
    names = {path.stem for path in (ROOT / "flows").glob("*.py")} - {"__init__", "__main__"}
    others = set(sys.stdlib_module_names) | set(packages_distributions()) | set(OURS)

    assert not names & others


def test_the_flow_file_holds_no_class() -> None:
    """Prefect loads it under a second name, and campaign.X is not flows.campaign.X."""
    tree = ast.parse((ROOT / "flows" / "campaign.py").read_text(encoding="utf-8"))

    assert not [node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
