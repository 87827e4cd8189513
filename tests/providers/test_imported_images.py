"""Pictures from elsewhere: declared, measured, never changed, and refused with line and mend."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import pytest
from loopback import picture
from moto.server import ThreadedMotoServer
from pydantic import SecretStr, ValidationError

from cost_tracking.attempts import State
from cost_tracking.budgets import OverBudget
from cost_tracking.hours import hourly_rate
from cost_tracking.money import Money
from creative.concept import SourceType
from creative.problem import InvalidInput
from providers import errors, registry
from providers.images.base import ImageProvider, ImageRequest
from providers.images.import_sheet import read_sheet
from providers.images.import_shelf import BucketShelf, FolderShelf, Unfit
from providers.images.jobs import ImageJobs
from providers.settings import ProviderSettings

HEADER = "file,concept,origin,tool,made_by,licence,cost,currency"
GOOD = "dawn.png,1,generative,Midjourney 7,Studio North,Pro plan,12.50,EUR"


def one(**more: str) -> dict[str, str]:
    """Return what is declared of one picture, as YAML scalars."""
    facts = {
        "file": "dawn.png",
        "concept": "1",
        "origin": "generative",
        "tool": "Midjourney 7",
        "made_by": "Studio North",
        "licence": "Pro plan",
        "cost": '"12.50"',
        "currency": "EUR",
    }
    return {**facts, **more}


def sheet(*pictures: dict[str, str]) -> str:
    """Return the sheet that declares these."""
    items = ["\n".join(f"    {name}: {value}" for name, value in each.items()) for each in pictures]
    return "pictures:\n" + "\n".join(f"  -{item[3:]}" for item in items) + "\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Lay out two pictures with their sheet."""
    path = tmp_path / "imports"
    (path / "agency").mkdir(parents=True)
    (path / "dawn.png").write_bytes(picture(640, 480))
    (path / "agency" / "cup.jpg").write_bytes(picture(800, 600, "JPEG"))
    agency = one(file="agency/cup.jpg", concept="2", origin="agency", tool="Studio South")
    declared = sheet(
        one(hours='"1.5"', hourly_rate='"72.00"'),
        {**agency, "focus_x": '"0.25"', "currency": "USD"},
    )
    (path / "import.yaml").write_text(declared, encoding="utf-8")
    return path


def images(folder: Path) -> ImageProvider:
    """Build the provider as the registry does."""
    built = registry.image_provider("import", ProviderSettings(imports_folder=folder))
    assert not isinstance(built, ImageJobs)
    return built


def request(**more: object) -> ImageRequest:
    """Ask for the first concept's picture."""
    facts = {"prompt": "A slower morning. For tea drinkers.", "width": 512, "height": 400}
    return ImageRequest(**{**facts, "model": "declared", **more})


def test_each_concept_gets_the_file_that_was_declared_for_it(folder: Path) -> None:
    """An agency's picture under another's licence is a lawsuit."""
    provider = images(folder)
    dawn, cup = provider.draw(request()), provider.draw(request(index=1))

    assert dawn.content == picture(640, 480)
    assert (dawn.width, dawn.height, dawn.format) == (640, 480, "png")
    assert dawn.usage.reported == Money.of("12.50", "EUR")
    assert dawn.usage.receipt.startswith("dawn.png#")
    assert (cup.width, cup.height, cup.format) == (800, 600, "jpeg")
    assert cup.usage.reported == Money.of("12.50", "USD")
    assert (dawn.focus, cup.focus) == ((0.5, 0.5), (0.25, 0.5))
    assert not dawn.placeholder


@pytest.mark.parametrize(
    ("origin", "source_type"),
    [
        ("generative", SourceType.TRAINED),
        ("composite", SourceType.COMPOSITE),
        ("photo", SourceType.DIGITAL_CREATION),
        ("agency", SourceType.DIGITAL_CREATION),
        ("stock", SourceType.DIGITAL_CREATION),
    ],
)
def test_a_picture_says_how_it_came_to_be(
    folder: Path, origin: str, source_type: SourceType
) -> None:
    """The law asks it of whoever publishes a generated picture."""
    declared = sheet(one(origin=origin, tool="Studio South"))
    (folder / "import.yaml").write_text(declared, encoding="utf-8")

    assert images(folder).draw(request()).source_type is source_type


def test_a_sheet_may_be_csv_as_a_spreadsheet_saves_it(folder: Path) -> None:
    """An agency sends a spreadsheet, with a byte order mark and an empty last line."""
    (folder / "import.yaml").unlink()
    text = f"\ufeff{HEADER},hours,hourly_rate\r\n{GOOD},1.5,72\r\n,,,,,,,,,\r\n"
    (folder / "import.csv").write_bytes(text.encode())

    assert images(folder).draw(request()).usage.reported == Money.of("12.50", "EUR")


def test_a_picture_may_be_declared_for_a_direction(folder: Path) -> None:
    """The pipeline may number its own directions otherwise than the agency did."""
    declared = one(direction="A slower morning.")
    del declared["concept"]
    (folder / "import.yaml").write_text(sheet(declared), encoding="utf-8")
    provider = images(folder)

    assert provider.draw(request(index=4)).usage.receipt.startswith("dawn.png#")
    with pytest.raises(errors.Unsupported, match="0 pictures are declared for concept 5"):
        provider.draw(request(index=4, prompt="Another idea."))


def test_a_concept_without_a_picture_costs_nothing(folder: Path, office: Any) -> None:
    """The next provider of a route may draw what the agency did not send."""
    with pytest.raises(errors.Unsupported, match="0 pictures are declared for concept 4"):
        office.runner().draw(
            images(folder), request(index=3), campaign="spring", run="r1", asset="c4"
        )

    assert office.all() == ()


def test_a_picture_is_bought_once_at_what_was_declared(folder: Path, office: Any) -> None:
    """What was paid to an agency stands in the same ledger, and says who knows it."""
    for _ in range(2):
        office.runner().draw(images(folder), request(), campaign="spring", run="r1", asset="c1")

    [attempt] = office.all()
    assert (attempt.state, attempt.amount) == (State.SETTLED, Money.of("12.50", "EUR"))
    assert attempt.basis == "declared"
    assert office.budget.spent == Money.of("12.50", "EUR")


def test_another_file_is_another_purchase(folder: Path, office: Any) -> None:
    """A picture that was replaced must not be answered from the store for ever."""
    office.runner().draw(images(folder), request(), campaign="spring", run="r1", asset="c1")
    (folder / "dawn.png").write_bytes(picture(700, 500))
    again = office.runner().draw(images(folder), request(), campaign="spring", run="r2", asset="c1")

    assert (again.replayed, again.answer.width) == (False, 700)


def test_what_was_declared_is_held_against_the_budget(folder: Path, office: Any) -> None:
    """A budget that imports go around is no budget."""
    office.limit("12.49")
    with pytest.raises(OverBudget):
        office.runner().draw(images(folder), request(), campaign="spring", run="r1", asset="c1")


@pytest.mark.parametrize(("width", "height"), [(641, 480), (640, 481), (1024, 768)])
def test_a_picture_smaller_than_needed_is_refused_and_costs_nothing(
    folder: Path, office: Any, width: int, height: int
) -> None:
    """Enlarged, it would be printed soft; and refusing it is no purchase."""
    needed = f"640x480 pixels; put one of at least {width}x{height}"
    with pytest.raises(errors.InvalidRequest, match=needed):
        office.runner().draw(
            images(folder),
            request(width=width, height=height),
            campaign="spring",
            run="r1",
            asset="c1",
        )

    assert office.budget.spent == Money.zero("EUR")


@pytest.mark.parametrize(
    "content", [b"", b"<svg/>", picture(640, 480)[:-20], picture(640, 480, "GIF")]
)
def test_what_is_no_picture_is_refused(folder: Path, content: bytes) -> None:
    """A file's ending says nothing; a cut one shows a grey band in print."""
    (folder / "dawn.png").write_bytes(content)
    with pytest.raises(errors.InvalidRequest, match=r"dawn\.png.*put the picture there again"):
        images(folder).draw(request())


def test_a_file_that_changes_while_we_run_is_refused(folder: Path) -> None:
    """What was declared and reserved was for the other one."""
    provider = images(folder)
    (folder / "dawn.png").write_bytes(picture(700, 500))
    with pytest.raises(errors.InvalidRequest, match="was changed while we ran"):
        provider.draw(request())


def test_a_file_that_goes_away_while_we_run_is_told(folder: Path) -> None:
    """A folder that is synchronized loses files for a while."""
    provider = images(folder)
    (folder / "dawn.png").unlink()
    with pytest.raises(errors.InvalidRequest, match="put the picture there again"):
        provider.draw(request())


HOSTILE = {
    "a path upwards": (sheet(one(file="../secret.png")), 2, "below the folder"),
    "a path from the root": (sheet(one(file="/etc/passwd")), 2, "below the folder"),
    "a drive": (sheet(one(file="'C:\\secret.png'")), 2, "below the folder"),
    "a home": (sheet(one(file='"~/secret.png"')), 2, "below the folder"),
    "a control character": (sheet(one(file='"a\\0.png"')), 2, "below the folder"),
    "a link outwards": (sheet(one(file="link.png")), 2, "leads out of the folder"),
    "a folder": (sheet(one(file="agency")), 2, "Name the picture itself"),
    "no such file": (sheet(one(file="dusk.png")), 2, "cannot be read"),
    "a float": (sheet(one(cost="12.5")), 8, "in quotes"),
    "less than nothing": (sheet(one(cost='"-1"')), 8, "greater than or equal to 0"),
    "no number": (sheet(one(cost='"NaN"')), 8, "finite"),
    "a formula": (sheet(one(cost="'=1+1'")), 8, "decimal"),
    "a word for money": (sheet(one(currency="euro")), 9, "pattern"),
    "no licence": (sheet(one(licence='""')), 7, "at least 1 character"),
    "a lie": (sheet(one(origin="photo")), 2, "draws with a model"),
    "a new origin": (sheet(one(origin="ai")), 4, "is not known here"),
    "no place": (sheet({k: v for k, v in one().items() if k != "concept"}), 2, "either a concept"),
    "two places": (sheet(one(direction="A")), 2, "either a concept"),
    "concept 0": (sheet(one(concept="0")), 3, "greater than or equal to 1"),
    "concept yes": (sheet(one(concept="true")), 3, "valid integer"),
    "one concept twice": (sheet(one(), one()), 11, "on line 2"),
    "a new field": (sheet(one(cots='"1"')), 10, "Did you mean"),
    "a field twice": (sheet(one()) + "    cost: '1'\n", 10, "already given"),
    "an alias": (sheet(one(tool="&a x", made_by="*a")), 5, "anchor"),
    "a tag": (sheet(one(tool="!!python/object:os.system x")), 5, "tag"),
    "escape codes": (sheet(one(tool='"a\\e[31m"')), 5, "control characters"),
    "nothing": ("pictures: []\n", 1, "declares no picture"),
    "a list": ("- a\n", 1, "not a list of fields"),
    "no YAML": ("pictures: [\n", 2, "not YAML"),
    "a bomb": ("a: " + "[" * 500 + "]" * 500, 0, "deeper than"),
    "a megabyte": ("#" * 300_000, 0, "larger than"),
}
HOSTILE_CSV = {
    "a cell too many": (f"{HEADER}\n{GOOD}\n{GOOD},x\n", 3, "9 cells under 8 columns"),
    "a cell too few": (f"{HEADER}\n{GOOD[:-4]}\n", 2, "7 cells under 8 columns"),
    "a column twice": (f"{HEADER},cost\n{GOOD},1\n", 1, "two columns have one name"),
    "an open quote": (f'{HEADER}\n{GOOD}\n"dawn', 3, "not CSV"),
    "a formula": (f"{HEADER}\n{GOOD.replace('12.50', '=1+1')}\n", 2, "decimal"),
    "a comma for a point": (
        f"{HEADER}\n{GOOD.replace('12.50', chr(34) + '12,50' + chr(34))}\n",
        2,
        "decimal",
    ),
    "a strange column": (f"{HEADER},cots\n{GOOD},1\n", 2, "Did you mean cost"),
    "an empty cell": (f"{HEADER}\n{GOOD.replace('Pro plan', '')}\n", 2, "it is missing"),
    "only a header": (f"{HEADER}\n", 1, "declares no picture"),
    "a broken quote after lines": (
        f"{HEADER}\n{GOOD.replace('Pro plan', chr(34) + 'a' + chr(34) + 'b')}\n",
        2,
        "not CSV",
    ),
    "latin 1": (f"{HEADER}\n{GOOD}é\n", 2, "not UTF-8"),
    "a path upwards": (f"{HEADER}\n{GOOD.replace('dawn', '../dawn')}\n", 2, "below the folder"),
    "one concept twice": (f"{HEADER}\n{GOOD}\n{GOOD}\n", 3, "on line 2"),
}


@pytest.mark.parametrize(
    ("name", "kind"),
    [*((name, "yaml") for name in HOSTILE), *((name, "csv") for name in HOSTILE_CSV)],
)
def test_what_is_wrong_with_a_sheet_is_told_with_its_line_and_mend(
    name: str, kind: str, folder: Path, tmp_path: Path
) -> None:
    """Whoever typed three hundred lines finds the one that is wrong."""
    text, line, words = (HOSTILE if kind == "yaml" else HOSTILE_CSV)[name]
    (tmp_path / "secret.png").write_bytes(picture(640, 480))
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    (folder / "import.yaml").unlink()
    path = folder / f"import.{kind}"
    path.write_bytes(text.encode("latin-1" if name == "latin 1" else "utf-8"))
    with pytest.raises(InvalidInput) as caught:
        images(folder)

    said = str(caught.value)
    assert words in said
    assert said.startswith(f"{path}:{line}:" if line else f"{path}:")
    assert all(problem.mend for problem in caught.value.problems)


def test_every_fault_of_a_sheet_is_told_at_once(folder: Path) -> None:
    """Ten faults found in ten runs take ten runs."""
    wrong = sheet(
        one(cost="1.5"), one(concept="2", currency="euro"), one(concept="3", licence='""')
    )
    (folder / "import.yaml").write_text(wrong, encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        images(folder)

    assert [problem.path for problem in caught.value.problems] == [
        "pictures[0].cost",
        "pictures[1].currency",
        "pictures[2].licence",
    ]


@pytest.mark.parametrize("both", [False, True])
def test_a_folder_needs_one_sheet(folder: Path, *, both: bool) -> None:
    """Of two sheets one is old, and nobody knows which."""
    if both:
        (folder / "import.csv").write_text(HEADER, encoding="utf-8")
    else:
        (folder / "import.yaml").unlink()
    with pytest.raises(InvalidInput, match=r"import\.yaml and import\.csv"):
        images(folder)


def test_the_hours_of_people_are_money_of_their_own(folder: Path) -> None:
    """People's time is not the tool's price; it is told apart, and never worth nothing."""
    shelf = FolderShelf(folder)
    first, second = read_sheet(shelf, hourly_rate("60.00 EUR"))
    assert (first.labour and first.labour.money, second.labour) == (Money.of("108.00", "EUR"), None)
    said = first.declared.model_copy(update={"hourly_rate": None, "hours": Decimal(2)})
    by_settings = replace(first, declared=said)
    assert by_settings.labour
    assert by_settings.labour.money == Money.of("120.00", "EUR")
    assert by_settings.fingerprint != first.fingerprint

    (folder / "import.yaml").write_text(sheet(one(hours='"2"')), encoding="utf-8")
    with pytest.raises(InvalidInput, match="nobody says what an hour costs") as caught:
        read_sheet(shelf)
    assert caught.value.problems[0].path == "pictures[0].hours"
    assert "KAMPANJ_LABOUR_RATE" in caught.value.problems[0].mend


@pytest.mark.parametrize("rate", ["72", "72,00 EUR", "EUR", "0 EUR", "-1 EUR", "NaN EUR"])
def test_what_an_hour_costs_is_an_amount_with_its_currency(rate: str) -> None:
    """A rate without a currency is a guess at somebody's wages."""
    with pytest.raises(ValidationError, match=r"such as 72\.00 EUR"):
        ProviderSettings(labour_rate=rate)


@pytest.fixture(scope="module")
def s3_url() -> Iterator[str]:
    """Start moto's S3, which is spoken to over HTTP."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@dataclass
class Prefix:
    """A prefix in a bucket that somebody else fills."""

    url: str
    client: Any
    name: str = "agency"

    def put(self, key: str, content: bytes) -> None:
        """Put a file there."""
        self.client.put_object(Bucket=self.name, Key=f"spring/2027/{key}", Body=content)

    def images(self, **more: object) -> ImageProvider:
        """Build the provider as the registry does."""
        settings = ProviderSettings(
            imports_folder=f"s3://{self.name}/spring/2027/",
            s3_endpoint_url=self.url,
            s3_region="eu-north-1",
            s3_access_key_id=SecretStr("AKIACANARYCANARY1234"),
            s3_secret_access_key=SecretStr("canary/secret+1234567890"),
            **more,
        )
        built = registry.image_provider("import", settings)
        assert not isinstance(built, ImageJobs)
        return built


@pytest.fixture
def prefix(s3_url: str) -> Iterator[Prefix]:
    """Fill a prefix with a picture and its sheet."""
    client = boto3.client(
        "s3",
        endpoint_url=s3_url,
        region_name="eu-north-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",  # noqa: S106 - moto takes any
    )
    made = Prefix(s3_url, client)
    place = {"LocationConstraint": "eu-north-1"}
    client.create_bucket(Bucket=made.name, CreateBucketConfiguration=place)
    made.put("final/dawn.png", picture(640, 480))
    made.put("import.yaml", sheet(one(file="final/dawn.png", hours='"1.5"')).encode())
    yield made
    for kept in client.list_objects_v2(Bucket=made.name).get("Contents", ()):
        client.delete_object(Bucket=made.name, Key=kept["Key"])
    client.delete_bucket(Bucket=made.name)


def test_pictures_may_lie_in_a_bucket(prefix: Prefix, office: Any) -> None:
    """An agency hands over where it keeps things, and nobody copies them about."""
    provider = prefix.images(labour_rate="72.00 EUR")
    before = prefix.client.list_objects_v2(Bucket=prefix.name)["Contents"]
    for _ in range(2):
        office.runner().draw(provider, request(), campaign="spring", run="r1", asset="c1")

    [attempt] = office.all()
    assert (attempt.amount, attempt.basis) == (Money.of("12.50", "EUR"), "declared")
    declared = provider.declared(request())  # type: ignore[attr-defined]
    assert declared.labour.money == Money.of("108.00", "EUR")
    assert declared.labour.source == (
        "s3://agency/spring/2027/final/dawn.png, declared by Studio North"
    )
    assert prefix.client.list_objects_v2(Bucket=prefix.name)["Contents"] == before


def test_a_picture_that_changes_in_the_bucket_while_we_run_is_refused(prefix: Prefix) -> None:
    """What was reserved and declared was for the other one."""
    provider = prefix.images(labour_rate="72.00 EUR")
    provider.declared(request())  # type: ignore[attr-defined]
    prefix.put("final/dawn.png", picture(700, 500))
    with pytest.raises(errors.InvalidRequest, match="was changed while we ran"):
        provider.draw(request())


IN_A_BUCKET = {
    "no such file": (sheet(one(file="dusk.png")), ":2: ", "cannot be read"),
    "a path upwards": (sheet(one(file="../dawn.png")), ":2: ", "below the folder"),
    "a name with a space": (sheet(one(file="a b.png")), ":2: ", "no name that a bucket"),
    "no YAML": ("pictures: [\n", ":2: ", "not YAML"),
    "a bomb": ("#" * 300_000, ": ", "larger than 256,000 bytes"),
}


@pytest.mark.parametrize("name", IN_A_BUCKET)
def test_what_is_wrong_with_a_sheet_in_a_bucket_is_told_with_its_address(
    prefix: Prefix, name: str
) -> None:
    """Whoever keeps the bucket mends it there."""
    text, line, words = IN_A_BUCKET[name]
    prefix.put("import.yaml", text.encode())
    with pytest.raises(InvalidInput) as caught:
        prefix.images()

    said = str(caught.value)
    assert said.startswith(f"s3://agency/spring/2027/import.yaml{line}")
    assert words in said


def test_a_picture_that_is_too_large_is_not_even_fetched() -> None:
    """A master of gigabytes would fill the memory before anybody looked at it."""

    class Full:
        def size(self, _key: str) -> int:
            return 10_000_000_000

        def get(self, key: str) -> bytes:
            raise AssertionError(key)

    with pytest.raises(Unfit, match="larger than 100,000,000 bytes"):
        BucketShelf("s3://agency/a", Full()).check("dawn.png", 100_000_000)


def test_a_bucket_without_a_sheet_or_without_itself_is_told(prefix: Prefix) -> None:
    """An empty prefix is one letter away from the right one."""
    prefix.client.delete_object(Bucket=prefix.name, Key="spring/2027/import.yaml")
    with pytest.raises(InvalidInput, match=r"^s3://agency/spring/2027/: there is neither"):
        prefix.images()
    with pytest.raises(errors.NotConfigured, match="cannot read from gs://"):
        registry.image_provider("import", ProviderSettings(imports_folder="gs://agency/a"))


def test_without_a_folder_it_says_which_variable() -> None:
    """Whoever sets up an installation needs the name of the variable."""
    with pytest.raises(errors.NotConfigured, match="KAMPANJ_IMPORTS_FOLDER"):
        registry.image_provider("import", ProviderSettings())
