"""Pictures that were made or bought elsewhere, behind ``ImageProvider``.

Midjourney has no API and forbids automation; an agency and a stock library send files. They lie
in a folder or a bucket with a sheet that says whose they are, by what right, and what they cost.
Their money stands in the ledger like any other, as ``declared``.
"""

from decimal import Decimal
from hashlib import sha256

from cost_tracking.money import Money
from cost_tracking.usage import Usage
from providers import errors
from providers.errors import Trace
from providers.images.arrived import suited
from providers.images.base import Declaration, ImageAnswer, ImageCapabilities, ImageRequest
from providers.images.import_sheet import Entry, read_sheet
from providers.images.import_shelf import Shelf
from providers.images.picture import NotAPicture
from providers.images.sandbox import look_at
from providers.models import ModelTable

NAME = "import"


class ImportedImages:
    """Answers each concept with the picture that was declared for it; it changes none.

    Args:
        shelf: Where the pictures and their sheet lie.
        models: What can be imported.
        rate: What an hour of people's work costs where the sheet does not say.

    Raises:
        InvalidInput: The sheet cannot be worked with; every fault is in it, with its line.
        ProviderError: A bucket does not answer.

    """

    name = NAME
    repeatable = True

    def __init__(self, shelf: Shelf, models: ModelTable, rate: Money | None = None) -> None:
        self._entries = read_sheet(shelf, rate)
        self._models = models

    @property
    def default_model(self) -> str:
        """Return the model for a brief that names none."""
        return self._models.default(NAME, "image")

    def capabilities(self, model: str) -> ImageCapabilities:
        """Return what may be imported."""
        return self._models.find(NAME, "image", model).capabilities

    def declared(self, request: ImageRequest) -> Declaration:
        """Return what was declared of the picture for a concept.

        Raises:
            Unsupported: Nothing was declared for it.

        """
        entry = self._entry(request)
        return Declaration(cost=entry.declared.money, sha256=entry.fingerprint, labour=entry.labour)

    def draw(self, request: ImageRequest) -> ImageAnswer:
        """Read the picture that was declared for a concept."""
        suited(NAME, self.capabilities(request.model), request)
        entry = self._entry(request)
        one = entry.declared
        trace = Trace(model=request.model)
        try:
            content = entry.shelf.read(one.file)
            picture = look_at(content)
        except (OSError, NotAPicture) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            said = f"{one.file}: {reason}; put the picture there again"
            raise errors.InvalidRequest(NAME, said, trace) from None
        if sha256(content).hexdigest() != entry.sha256:
            said = f"{one.file} was changed while we ran; start again to take the new one"
            raise errors.InvalidRequest(NAME, said, trace)
        if picture.width < request.width or picture.height < request.height:
            raise errors.InvalidRequest(
                NAME,
                f"{one.file} has {picture.width}x{picture.height} pixels; put one of at least "
                f"{request.width}x{request.height} there",
                trace,
            )
        return ImageAnswer(
            content=content,
            width=picture.width,
            height=picture.height,
            format=picture.format,
            usage=Usage(
                model=request.model,
                quantities={"image": Decimal(1)},
                receipt=f"{one.file}#{entry.fingerprint[:12]}",
                reported=one.money,
            ),
            source_type=one.source_type,
            placeholder=False,
            focus=(float(one.focus_x), float(one.focus_y)),
        )

    def _entry(self, request: ImageRequest) -> Entry:
        found = [one for one in self._entries if one.declared.fits(request.index, request.prompt)]
        if len(found) != 1:
            number = request.index + 1
            said = f"{len(found)} pictures are declared for concept {number}"
            raise errors.Unsupported(
                NAME, f"{said}; declare one in the sheet", Trace(model=request.model)
            )
        return found[0]
