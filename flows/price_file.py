"""The price book as this installation has it: ours, and what its own price file says."""

from pydantic import ValidationError

from cost_tracking.prices import PriceBook, price_book
from creative.problem import InvalidInput, Problem
from flows.settings import Settings


def priced(settings: Settings) -> PriceBook:
    """Return the shipped price book with the entries of the file that ``KAMPANJ_PRICES`` names.

    An entry of the same id takes the place of ours, so that a contract's price can be told.

    Raises:
        InvalidInput: The file cannot be read, or is not a price file.

    """
    path = settings.prices
    if path is None:
        return price_book()

    def wrong(message: str, mend: str, where: str = "") -> InvalidInput:
        return InvalidInput([Problem(path, 0, where, message, mend)])

    try:
        written = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise wrong(
            f"the price file cannot be read ({type(error).__name__})",
            "Point KAMPANJ_PRICES at a TOML file, or unset it.",
        ) from error
    try:
        return price_book(written)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        said = first["msg"].removeprefix("Value error, ")
        named = f"a price: {said}"
        raise wrong(named, "Write it as cost_tracking/data/prices.toml does.", where) from error
    except ValueError as error:
        # Only where something is wrong is it asked who found it.
        from tomllib import TOMLDecodeError

        if isinstance(error, TOMLDecodeError):
            raise wrong(f"it is no TOML: {error}", "Mend the line that is named.") from error
        raise wrong(str(error), "Give each price one id, and end one before the next.") from error
