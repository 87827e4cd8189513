"""The books balance, are only added to, and can be proven."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest
from bookkeeping import NOW, OF_K, entry, line, post, tamper
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import Engine, text

from cost_tracking import ledger
from cost_tracking.attempts import Attempts, Order
from cost_tracking.database import reading, writing
from cost_tracking.ledger import (
    IdempotencyConflict,
    Posting,
    Transaction,
    UnknownEntry,
    UsageLine,
)
from cost_tracking.money import Money
from cost_tracking.usage import Usage


def test_an_entry_comes_back_as_it_was_posted(engine: Engine) -> None:
    """An auditor reads the entry, and not what a report made of it."""
    post(engine, entry())

    with reading(engine) as connection:
        assert ledger.read(connection, "k") == entry()
        with pytest.raises(UnknownEntry, match="no entry 'other'"):
            ledger.read(connection, "other")


def full() -> Transaction:
    """Return an entry that says all that an entry can say."""
    dimensions = {
        "campaign": "tea",
        "asset": "se_sv-SE_meta_feed_1x1_c1",
        "market": "SE",
        "locale": "sv-SE",
        "placement": "meta_feed_1x1",
        "channel": "social",
        "provider": "openai",
        "stage": "concepts",
        "waste": True,
        "concept": "c1",
        "model": "gpt-image-2",
        "prompt": "f" * 64,
        "reviewer": "mia",
        "rework": True,
        "attribution": "allocated",
        "fx_rate": "ecb/2026-10-30/USD",
    }
    cost = line("cost", 3, "USD").model_copy(
        update={**dimensions, "policy": "wc-default@1", "base": Money(micros=2, currency="EUR")}
    )
    owed = line("accrual:studio", -3, "USD").model_copy(
        update={"base": Money(micros=-2, currency="EUR")}
    )
    tokens = UsageLine(
        meter="output_image_token",
        quantity=Decimal("0.1"),
        unit="token",
        unit_price=Decimal("0.00003"),
        price="openai-gpt-image-2",
        exact=Decimal("0.000003"),
        currency="USD",
        request="req_1",
        billed=Decimal("0.0000031"),
    )
    text = tokens.model_copy(update={"meter": "input_text_token", "billed": None})
    return entry(
        "full",
        kind="true_up",
        postings=(cost, owed),
        status="estimate",
        actor="mia",
        usage=(tokens, text),
        run="run-1",
    )


def test_an_entry_that_says_all_it_can_comes_back_whole(engine: Engine) -> None:
    """A dimension that is lost on the way is missing from every report."""
    post(engine, full())

    with reading(engine) as connection:
        stands = ledger.read(connection, "full")
    assert stands == full()
    said = {**dict(stands), **dict(stands.postings[0]), **dict(stands.usage[1])}
    assert [name for name, value in said.items() if not value] == ["reverses", "supersedes"]
    assert ledger.check(engine) == []


@pytest.mark.parametrize(
    ("posted", "sha256"),
    [
        (full(), "4b25cf75754ae0149b16ebc5dcbf29c139032d87578f2fe99eb6bb1278f60dd7"),
        (entry(), "94a6e5c63e879b28d57c448c1e3898fc013b4023c1c4c4f8a66e5e889262beee"),
        (
            entry(
                "reversal/k",
                postings=(
                    line("cost", 7).model_copy(
                        update={
                            "asset": "c1",
                            "market": "SE",
                            "locale": "sv-SE",
                            "provider": "openai",
                            "stage": "concepts",
                            "waste": True,
                            "policy": "wc-default@1",
                        }
                    ),
                    line("payable:openai", -7),
                ),
                kind="reversal",
                reverses="k",
                run="r",
                actor="mia",
            ),
            "d7cf7480400a16e3123fefe115f65defd8e5d1de3ce48af855c49bdfa91850c1",
        ),
    ],
)
def test_what_was_posted_before_keeps_its_fingerprint(posted: Transaction, sha256: str) -> None:
    """Or each entry of last month would conflict with itself when it is posted again."""
    assert posted.sha256 == sha256


def test_a_reversal_takes_back_what_was_used_too(engine: Engine) -> None:
    """Ten thousand tokens that were never used are not counted either."""
    post(engine, full())

    with writing(engine) as connection:
        ledger.reverse(connection, "full", NOW, actor="mia", reason="not ours")

    with reading(engine) as connection:
        taken_back = ledger.read(connection, "reversal/full")
    assert [one.quantity for one in taken_back.usage] == [Decimal("-0.1")] * 2
    assert taken_back.usage[1].billed == Decimal("-0.0000031")
    assert taken_back.postings[0].base == Money(micros=-2, currency="EUR")
    assert ledger.check(engine) == []


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"postings": (), "usage": ()}, "0 lines; give it at least 2"),
        ({"usage": full().usage * 2}, "counts input_text_token twice in line 1"),
        ({"usage": (full().usage[0].model_copy(update={"line": 3}),)}, "has no line 3"),
        (
            {
                "postings": tuple(
                    one.model_copy(update={"base": Money(micros=micros, currency="SEK")})
                    for one, micros in zip(entry().postings, (8, -7), strict=True)
                )
            },
            "does not balance in its base currency: 0.000001 SEK too much",
        ),
    ],
)
def test_an_entry_that_contradicts_itself_cannot_be_made(
    fields: dict[str, object], message: str
) -> None:
    """Each of these would be a report that does not add up."""
    with pytest.raises(ValidationError, match=message):
        entry(**fields)


def test_an_entry_of_less_than_half_a_micro_is_usage_alone(engine: Engine) -> None:
    """An embedding of five tokens costs something, which is only seen in a thousand of them."""
    tiny = full().usage[0].model_copy(update={"exact": Decimal("0.0000001")})
    post(engine, entry(kind="usage", postings=(), usage=(tiny,)))

    with reading(engine) as connection:
        assert ledger.read(connection, "k").usage == (tiny,)
    assert ledger.check(engine) == []


def test_an_entry_is_posted_once(engine: Engine) -> None:
    """A retry after a lost commit must not pay the invoice twice."""
    first = post(engine, entry())

    assert post(engine, entry()) == first
    assert post(engine, entry(), entry("k2"), entry()) == [first[0], first[0] + 1, first[0]]
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM posting")).scalar_one() == 4


def test_the_same_key_for_another_entry_is_a_conflict(engine: Engine) -> None:
    """A changed invoice under an old number is caught, and changes nothing."""
    post(engine, entry())

    with pytest.raises(IdempotencyConflict, match="another entry under k"):
        post(engine, entry("new"), entry(micros=6_000_000))

    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM txn")).scalar_one() == 1


def test_two_processes_that_post_one_entry_post_it_once(engine: Engine) -> None:
    """Both importers run at midnight."""
    entries = [entry(f"k{number}") for number in range(20)]

    with ThreadPoolExecutor(8) as pool:
        seqs = list(pool.map(lambda _: post(engine, *entries), range(8)))

    assert len({tuple(one) for one in seqs}) == 1
    assert ledger.check(engine) == []


@given(st.integers(-(10**12), 10**12), st.integers(-(10**12), 10**12))
def test_an_entry_that_does_not_balance_cannot_be_made(cost: int, owed: int) -> None:
    """Money that comes from nowhere is a forgotten account."""
    amounts = [amount for amount in (cost, owed) if amount]
    if len(amounts) == 2 and cost + owed != 0:
        with pytest.raises(ValidationError, match="does not balance"):
            entry(postings=(line("cost", cost), line("payable:x", owed)))


@pytest.mark.parametrize(
    ("postings", "message"),
    [
        ((line("cost", 5), line("payable:x", -5, "USD")), "does not balance"),
        ((line("cost", 5),), "at least 2"),
    ],
)
def test_currencies_balance_each_by_itself(postings: tuple[Posting, ...], message: str) -> None:
    """Five euros against five dollars is no balance."""
    with pytest.raises(ValidationError, match=message):
        entry(postings=postings)


@pytest.mark.parametrize(
    "fields",
    [
        {"account": "cost", "amount": Money(micros=1, currency="EUR")},
        {
            "account": "payable:x",
            "amount": Money(micros=1, currency="EUR"),
            "cost_type": "ai.api_call",
            "spend_class": "working",
        },
        {"account": "payable:x", "amount": Money.zero("EUR")},
        {"account": "elsewhere", "amount": Money(micros=1, currency="EUR")},
    ],
)
def test_a_line_that_says_too_little_or_nothing_cannot_be_made(fields: dict[str, object]) -> None:
    """A cost without a type would be in no report."""
    with pytest.raises(ValidationError):
        Posting.model_validate(fields)


def test_an_entry_is_reversed_once_and_then_sums_to_nothing(engine: Engine) -> None:
    """A mistake is undone in the open, and not twice."""
    post(engine, entry(micros=7))

    with writing(engine) as connection:
        first = ledger.reverse(connection, "k", NOW, actor="mia", reason="wrong agency")
    with writing(engine) as connection:
        assert ledger.reverse(connection, "k", NOW, actor="ole", reason="again") == first

    with reading(engine) as connection:
        total = text("SELECT sum(amount_micros) FROM posting WHERE account = 'cost'")
        assert connection.execute(total).scalar_one() == 0
        mirror = ledger.read(connection, "reversal/k")
    assert (mirror.reverses, mirror.actor, mirror.source_doc) == ("k", "mia", "wrong agency")
    assert mirror.effective_on == date(2026, 11, 1)
    assert ledger.check(engine) == []


def test_what_is_not_there_cannot_be_reversed(engine: Engine) -> None:
    """A reversal without its entry would be money out of the air."""
    with pytest.raises(UnknownEntry), writing(engine) as connection:
        ledger.reverse(connection, "k", NOW, actor="mia", reason="x")
    with pytest.raises(UnknownEntry, match="takes back 'k'"):
        post(engine, entry("x", kind="reversal", reverses="k"))


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (
            f"UPDATE posting SET amount_micros = 6000000 WHERE account = 'cost' AND {OF_K}",  # noqa: S608 - our own text
            "entry k does not balance: 1.00 EUR too much",
        ),
        (
            "UPDATE posting SET spend_class = 'working' WHERE account = 'cost'",
            "entry k was changed after it was posted",
        ),
        ("UPDATE txn SET effective_on = '2026-10-01'", "entry k was changed"),
        (
            f"UPDATE posting SET amount_micros = amount_micros * 2 WHERE NOT {OF_K}",  # noqa: S608 - our own text
            "entry reversal/k is not the mirror image",
        ),
        ("DELETE FROM posting WHERE account = 'payable:agency'", "entry k does not balance"),
        ("UPDATE usage SET quantity = '12'", "entry full was changed"),
        ("DELETE FROM usage", "entry full was changed"),
        ("UPDATE usage SET txn_seq = 99", "entry 99 has lines and no head"),
        ("UPDATE posting SET rework = 0", "entry full was changed"),
        ("UPDATE txn SET status = 'actual'", "entry full was changed"),
        (
            f"DELETE FROM posting WHERE {OF_K}",  # noqa: S608 - our own text
            "entry k is no entry",
        ),
        ("UPDATE budget SET reserved_micros = 5", "says that 5 micros are reserved"),
        ("UPDATE budget SET spent_micros = 0", "says that 0 micros are spent"),
        ("DELETE FROM budget", "campaign tea has attempts and no budget"),
        (
            "UPDATE attempt SET amount_micros = amount_micros + 1",
            "was charged 0.200001 EUR; the ledger says 0.20 EUR",
        ),
        ("UPDATE attempt SET state = 'suspect', amount_micros = NULL", "no attempt was charged"),
    ],
)
def test_the_proof_finds_what_was_tampered_with(
    engine: Engine, attempts: Attempts, order: Callable[..., Order], statement: str, fault: str
) -> None:
    """An owner of the database can drop a trigger; the books still tell on them."""
    sent = attempts.sent(attempts.claim(order()))
    usage = Usage(model="m", quantities={}, receipt="r")
    attempts.settle(sent, usage, Money.of("0.2", "EUR"), "computed", "e" * 64)
    post(engine, entry(), full())
    with writing(engine) as connection:
        ledger.reverse(connection, "k", NOW, actor="mia", reason="wrong")
    assert ledger.check(engine) == []

    tamper(engine, statement)

    assert any(fault in found for found in ledger.check(engine)), ledger.check(engine)


def test_lines_without_a_head_are_found(engine: Engine) -> None:
    """Half of an entry is no entry."""
    post(engine, entry(), entry("k2"), entry("k3"))

    tamper(engine, "DELETE FROM txn WHERE idem_key IN ('k', 'k3')")

    assert len([fault for fault in ledger.check(engine) if "has lines and no head" in fault]) == 2


def test_a_thousand_entries_are_posted_in_one_go(engine: Engine) -> None:
    """A month's import is one transaction, all of it or none."""
    entries = [entry(f"k{number}", micros=number + 1) for number in range(1000)]

    seqs = post(engine, *entries)

    assert len(set(seqs)) == 1000
    assert ledger.check(engine) == []
