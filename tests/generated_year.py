"""A year of a made-up company: 12 campaigns, 45 markets, and all the money and trouble of them.

``python tests/generated_year.py FOLDER`` makes it in ``FOLDER/.kampanj``; `kampanj report` there
then tells of it. The same seed makes the same year. Everything goes in through the functions that
the program itself uses, media as the platforms' own exports: nothing here writes a row. The names,
people and prices are invented; the exchange rates are the European Central Bank's.

The story that it tells: agencies are let go over the year, drawing moves in-house, the third
version of the prompt is worse than the second, and one market keeps pulling its assets.
"""

import argparse
import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random

from year_media import MediaRow, ad_number, write_export
from year_plans import BRIEF, END, PLACES, START, Plan, at, plans

from cost_tracking.acceptance.events import AssetEvent, record
from cost_tracking.acceptance.kinds import EventKind
from cost_tracking.assets import Asset, Assets, Made
from cost_tracking.attempts import Attempts, Order
from cost_tracking.books.seals import seal
from cost_tracking.budgeting.moving import Move, move
from cost_tracking.budgeting.scopes import Scope
from cost_tracking.budgets import Budgets
from cost_tracking.database import open_database, upgrade, writing
from cost_tracking.exchange.rate_store import all_rates
from cost_tracking.ledger import COST, Posting, Transaction, UsageLine, post_all
from cost_tracking.money import Money, allocate
from cost_tracking.policy import SpendClass, default_policy
from cost_tracking.runs import Runs
from cost_tracking.spend_import.export import Said, read_export
from cost_tracking.spend_import.importing import Importer
from cost_tracking.spend_import.platform import platforms
from cost_tracking.usage import Usage
from creative.asset_name import AssetName
from creative.decision import Decision, Verdict
from creative.market import market_table
from providers.storage.blobs import Blobs
from review.decisions import Decisions
from review.signing import Keys

MOVED = Money.of("4000", "EUR")
"""From non-working to working budget, when the first campaign has ended."""
REVIEWERS = ("amara", "björn", "chiara", "dmitri", "esi")
FAULTS = ("brand", "legal", "wrong_price", "translation", "rights_missing")


class Year:
    """Writes the year down, campaign after campaign, as it would have happened.

    Args:
        home: The state folder; the database and the briefs are kept in it.
        seed: Another one makes another year.

    """

    def __init__(self, home: Path, seed: int = 7) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home = home
        self.luck = Random(seed)  # noqa: S311 - made-up data, not a secret
        self.engine = open_database(f"sqlite:///{home.resolve() / 'kampanj.db'}")
        upgrade(self.engine)
        self.clock = at(START)
        self.decisions: list[Decision] = []
        self.happens: list[tuple[datetime, Callable[[], object]]] = []
        """What is written to the books, to be done in the order of time."""
        self.entries: dict[datetime, list[Transaction]] = {}
        self.media: list[MediaRow] = []

    def now(self) -> datetime:
        """Return the moment of what is being written."""
        return self.clock

    def write(self, campaigns: int = 12) -> list[Plan]:
        """Write the whole year, and return what was planned."""
        made = list(plans(self.luck, campaigns))
        for plan in made:
            self._begin(plan)
            self._draw(plan)
            self._make(plan)
            self._people(plan)
            self._air(plan)
        self._transfer(made[0])
        self._subscriptions(made)
        self._after(made)
        told = sorted(self.decisions, key=lambda one: (one.at, one.asset))
        Decisions(self.engine, Keys(self.home / "keys")).append(told)
        for when, entries in self.entries.items():
            self.happens.append((when, partial(self._post, entries)))
        self._exports()
        for when, done in sorted(self.happens, key=lambda one: one[0]):
            if when.month != self.clock.month:
                seal(self.engine, when)
            self.clock = when
            done()
        seal(self.engine, self.clock)
        self.engine.dispose()
        return made

    def _begin(self, plan: Plan) -> None:
        self.clock = at(plan.start - timedelta(days=16))
        text = BRIEF.format(
            name=plan.name,
            title=plan.title,
            markets=", ".join(f'"{one}"' for one in plan.markets),
            places=", ".join(plan.places),
            start=plan.start,
            end=plan.end,
            making=plan.making,
            working=plan.working,
        ).encode()
        digest = Blobs(self.home / "blobs", sync=False).put(text)
        asked = {"brief": f"briefs/{plan.name}.yaml"}
        Runs(self.engine, self.now).start(
            plan.name, f"briefs/{plan.name}.yaml", digest, asked, run_id=f"year-{plan.name}"
        )
        budgets = Budgets(self.engine, self.now)
        budgets.set_limit(plan.name, SpendClass.NON_WORKING, Money.of(plan.making, "EUR"))
        budgets.set_limit(plan.name, SpendClass.WORKING, Money.of(plan.working, "EUR"))

    def _transfer(self, plan: Plan) -> None:
        """Move what making its pictures left over to media, when the campaign has ended."""
        of_campaign = partial(Scope, campaign=plan.name)
        wanted = Move(
            key="CFO-26-01",
            source=of_campaign(spend_class=SpendClass.NON_WORKING.value),
            target=of_campaign(spend_class=SpendClass.WORKING.value),
            amount=MOVED,
            reason="its pictures cost less to make than was planned",
            approved_by="ingrid (CFO)",
            by="controlling",
        )
        when = at(plan.end + timedelta(days=3), 15)
        self.happens.append((when, lambda: move(self.engine, wanted, when)))

    def _draw(self, plan: Plan) -> None:
        """Buy concepts and words; some calls are refused and still cost."""
        day = plan.start - timedelta(days=15)
        prompt = f"p{1 + plan.place // 4}"
        vendor, model, price = (
            ("openai", "gpt-image-2", "0.211")
            if plan.place % 4
            else ("gemini", "imagen-5", "0.134")
        )
        for number in range(1, 9):
            refused = self.luck.random() < 0.1
            order = self._order(plan, f"c{number}", vendor, model, Decimal(price), prompt)
            self.happens.append((at(day, 10), partial(self._buy, order, refused=refused)))
        for market in plan.markets:
            self._spend(
                plan,
                f"usage/{plan.name}/copy/{market}",
                "usage",
                day + timedelta(days=2),
                Money.of(Decimal(self.luck.randint(900, 4200)).scaleb(-6), "EUR"),
                "ai.api_call",
                "deepl",
                document=f"deepl-{plan.place:02d}-{market}",
                market=market,
                stage="copy",
                model="deepl-next",
            )

    def _order(
        self, plan: Plan, concept: str, vendor: str, model: str, price: Decimal, prompt: str
    ) -> Order:
        asked = hashlib.sha256(f"{prompt} {plan.name} {concept}".encode()).hexdigest()
        return Order(
            campaign=plan.name,
            run=f"year-{plan.name}",
            asset=concept,
            stage="concepts",
            provider=vendor,
            model=model,
            operation="image",
            # The prompt's version comes first, as a fingerprint of a kind.
            request_sha256=f"{prompt.encode().hex():0<12}{asked[12:]}",
            estimate=Money.of(price, "USD"),
            budget_amount=Money.of(price * Decimal("0.9"), "EUR"),
        )

    def _buy(self, order: Order, *, refused: bool) -> None:
        """Buy one picture as the pipeline does: reserved, sent, and settled or failed."""
        attempts = Attempts(self.engine, self.now, "year")
        sent = attempts.sent(attempts.claim(order))
        cost, budget = order.estimate, order.budget_amount
        receipt = f"req_{order.request_sha256[12:24]}"
        usage = Usage(model=order.model, quantities={"image": Decimal(1)}, receipt=receipt)
        if refused:
            why = "against policy"
            attempts.fail(sent, "refused", why, cost, usage=usage, budget_amount=budget)
        else:
            digest = order.request_sha256
            attempts.settle(sent, usage, cost, "computed", digest, budget_amount=budget)

    def _make(self, plan: Plan) -> None:
        """Compose renditions, have them judged, and redo those that were rejected."""
        self.clock = at(plan.start - timedelta(days=8))
        assets = Assets(self.engine, self.now)
        first = [
            self._made(plan, market, place, 1) for market in plan.markets for place in plan.places
        ]
        plan.assets = list(assets.record_all(plan.name, first))
        again = []
        bad = 0.05 + 0.03 * (plan.place // 4) + (0.08 if plan.place // 4 == 2 else 0)
        for one in plan.assets:
            who = self.luck.choice(REVIEWERS)
            seen = self.clock + timedelta(hours=self.luck.randint(20, 90))
            if self.luck.random() < bad:
                self._decide(one, Verdict.REJECTED, who, seen, self.luck.choice(FAULTS))
                again.append((one, who, seen))
            else:
                self._decide(one, Verdict.ACCEPTED, who, seen, "")
                plan.accepted[one.slot] = seen
        self.clock += timedelta(days=5)
        redone = assets.record_all(
            plan.name,
            [self._made(plan, one.market or "", one.placement or "", 2) for one, _, _ in again],
        )
        for one, (_, who, seen) in zip(redone, again, strict=True):
            self._spend(
                plan,
                f"usage/{plan.name}/redo/{one.slot}",
                "usage",
                self.clock.date(),
                Money.of("0.211", "USD"),
                "ai.api_call",
                "openai",
                document=f"req_redo_{hashlib.sha256(one.slot.encode()).hexdigest()[:10]}",
                asset=one.slot,
                market=one.market,
                placement=one.placement,
                stage="renditions",
                model="gpt-image-2",
                prompt=f"p{1 + plan.place // 4}",
                rework=True,
            )
            self._labour(plan, one.market or "", who, 22, seen + timedelta(days=4), one, "redo")
            later = max(seen, self.clock) + timedelta(hours=30)
            self._decide(one, Verdict.ACCEPTED, who, later, "")
            plan.accepted[one.slot] = later
        plan.assets = list(assets.current(plan.name))

    def _made(self, plan: Plan, market: str, place: str, version: int) -> Made:
        locale = market_table().markets[market].locales[0].tag
        concept = f"c{1 + (len(market) + len(place) + plan.place) % 2}"
        name = AssetName(
            campaign=plan.name,
            market=market,
            locale=locale,
            placement=place,
            concept=concept,
            version=version,
        )
        digest = hashlib.sha256(f"{name}".encode()).hexdigest()
        return Made(
            kind="rendition",
            slot=name.slot,
            sha256=digest,
            recipe=hashlib.sha256(digest.encode()).hexdigest(),
            market=market,
            locale=locale,
            placement=place,
            concept=concept,
            bytes=180_000,
            width=1080,
            height=1080,
            format="jpg",
        )

    def _decide(self, one: Asset, verdict: Verdict, who: str, when: datetime, why: str) -> None:
        self.decisions.append(
            Decision(
                asset=f"{one.slot}_v{one.version}",
                sha256=one.sha256,
                verdict=verdict,
                by=who,
                role="market",
                reason=why,
                at=when,
            )
        )

    def _people(self, plan: Plan) -> None:
        """Enter review time, and the invoices of agencies, which grow rarer over the year."""
        for place, market in enumerate(plan.markets):
            who = REVIEWERS[place % len(REVIEWERS)]
            minutes = 25 + self.luck.randint(0, 30)
            self._labour(plan, market, who, minutes, at(plan.start - timedelta(days=6)))
        if plan.place < 9:
            fee = Money.of(Decimal(9_400 - 950 * plan.place), "GBP" if plan.place % 2 else "EUR")
            day = plan.start + timedelta(days=20)
            document = f"Fold & Cut LLP, invoice {2025_100 + plan.place}"
            self._spend(
                plan, f"invoice/agency/{plan.name}", "invoice", day, fee,
                "agency.creative", "Fold & Cut LLP", document=document, stage="concepts",
                late=9,
            )  # fmt: skip
            self._spend(
                plan, f"invoice/agency/{plan.name}/vat", "invoice", day,
                Money.of(fee.amount * Decimal("0.2"), fee.currency),
                "tax.recoverable", "Fold & Cut LLP", document=document, late=9,
            )  # fmt: skip
        self._spend(
            plan, f"invoice/translation/{plan.name}", "invoice", plan.start,
            Money.of(Decimal(38 * len(plan.markets)), "SEK"),
            "translation.review", "Ordverk AB", document=f"Ordverk 26-{plan.place:03d}",
            stage="copy", status="estimate" if plan.place > 9 else "actual",
        )  # fmt: skip

    def _labour(
        self,
        plan: Plan,
        market: str,
        who: str,
        minutes: int,
        when: datetime,
        asset: Asset | None = None,
        why: str = "review",
    ) -> None:
        amount = Money.of(Decimal(minutes) * Decimal("0.80"), "EUR")
        self._spend(
            plan,
            f"labour/{plan.name}/{why}/{asset.slot if asset else market}",
            "labour",
            when.date(),
            amount,
            "labour.review",
            "staff",
            document=f"Timesheet {when:%G-W%V}, {who}",
            market=market,
            asset=asset.slot if asset else None,
            placement=asset.placement if asset else None,
            stage="review",
            reviewer=who,
            rework=asset is not None,
            minutes=minutes,
        )

    def _spend(
        self,
        plan: Plan,
        key: str,
        kind: str,
        day: date,
        amount: Money,
        cost_type: str,
        provider: str,
        *,
        document: str,
        late: int = 1,
        status: str = "actual",
        minutes: int = 0,
        **names: object,
    ) -> None:
        policy = default_policy()
        spent = {
            "cost_type": cost_type,
            "spend_class": policy.spend_class(cost_type),
            "policy": policy.id,
            "campaign": plan.name,
            "provider": provider,
        }
        usage = ()
        if provider == "deepl":
            # Billed by the letter, at one price all year.
            usage = (
                UsageLine(
                    meter="character", quantity=Decimal(amount.micros), unit="character",
                    unit_price=Decimal("0.000001"), exact=amount.amount,
                    currency=amount.currency, request=document,
                ),
            )  # fmt: skip
        elif kind == "usage":
            usage = (
                UsageLine(
                    meter="request", quantity=Decimal(1), unit="request", unit_price=amount.amount,
                    exact=amount.amount, currency=amount.currency, request=document,
                ),
            )  # fmt: skip
        elif minutes:
            usage = (
                UsageLine(
                    meter="minutes", quantity=Decimal(minutes), unit="minute",
                    unit_price=Decimal("0.80"), exact=amount.amount, currency=amount.currency,
                ),
            )  # fmt: skip
        owed = "".join(one if one.isalnum() else "-" for one in provider.lower() if one.isascii())
        entry = Transaction.model_validate(
            {
                "key": key,
                "kind": kind,
                "effective_on": day,
                "source": kind,
                "source_doc": document,
                "actor": "books",
                "status": status,
                "usage": usage,
                "postings": (
                    Posting.model_validate({"account": COST, "amount": amount, **spent, **names}),
                    Posting(account=f"payable:{owed}", amount=-amount),
                ),
            }
        )
        self._enter(at(min(day + timedelta(days=late), END), 8), entry)

    def _enter(self, when: datetime, entry: Transaction) -> None:
        self.entries.setdefault(when, []).append(entry)

    def _subscriptions(self, made: list[Plan]) -> None:
        """Share each month's drawing licence among the campaigns that are being made in it."""
        policy = default_policy()
        month = START
        while month < END:
            after = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
            active = {
                one.name: 1 for one in made if one.start - timedelta(days=31) < after <= one.end
            } or {made[0].name: 1}
            parts = allocate(Money.of("2400", "USD").micros, active)
            lines = tuple(
                Posting(
                    account=COST,
                    amount=Money(micros=micros, currency="USD"),
                    cost_type="ai.subscription",
                    spend_class=policy.spend_class("ai.subscription"),
                    policy=policy.id,
                    campaign=name,
                    provider="openai",
                    stage="concepts",
                    attribution="allocated",
                )
                for name, micros in parts.items()
            )
            last = min(after - timedelta(days=1), END)
            entry = Transaction(
                key=f"amortisation/enterprise/{month:%Y-%m}",
                kind="amortisation",
                effective_on=last,
                source="subscription",
                source_doc="Enterprise order 7731",
                postings=(
                    *lines,
                    Posting(account="prepaid:enterprise", amount=Money.of("-2400", "USD")),
                ),
            )
            self._enter(at(last, 20), entry)
            month = after

    def _air(self, plan: Plan) -> None:
        """Let every accepted asset run once a week, and a few rows name no asset of ours."""
        daily = plan.working * Decimal("0.86") / (len(plan.assets) * 6)
        for place, one in enumerate(plan.assets):
            if one.slot not in plan.accepted:
                continue
            platform = PLACES[one.placement or ""]
            day = plan.start + timedelta(days=place % 7)
            while day <= plan.end:
                cost = daily * Decimal(self.luck.randint(75, 125)) / 100
                name = f"{one.slot}_v{one.version}"
                if self.luck.random() < 0.012:
                    name = f"boosted post {plan.title}"
                self.media.append(
                    MediaRow(
                        platform, day, name, ad_number(one.slot), one.slot, plan.name,
                        cost.quantize(Decimal("0.01")),
                        "USD" if platform == "meta" else "EUR",
                    )
                )  # fmt: skip
                day += timedelta(days=7)
        spike = plan.start + timedelta(days=9)
        if plan.place == 5:
            self.media = [
                row._replace(cost=row.cost * 14)
                if row.campaign == plan.name and row.day == spike
                else row
                for row in self.media
            ]
        self._spend(
            plan, f"invoice/dooh/{plan.name}", "media", plan.start + timedelta(days=10),
            Money.of(plan.working * Decimal("0.08"), "EUR"), "media.inventory", "Vista Outdoor",
            document=f"Vista IO {4400 + plan.place}", channel="dooh", stage="media",
        )  # fmt: skip
        for kind, part in (("media.adserving", "0.006"), ("crm.delivery", "0.012")):
            self._spend(
                plan, f"invoice/{kind}/{plan.name}", "invoice", plan.end,
                Money.of(plan.working * Decimal(part), "EUR"), kind,
                "Servo Ads" if kind == "media.adserving" else "Postbud",
                document=f"{kind.upper()} {plan.place:02d}/26", stage="media",
                **({"channel": "crm"} if kind == "crm.delivery" else {}),
            )  # fmt: skip

    def _after(self, made: list[Plan]) -> None:
        """Let things befall assets: most stay, some are pulled, many simply end."""
        for plan in made:
            for one in plan.assets:
                since = plan.accepted.get(one.slot)
                if since is None:
                    continue
                odds = 0.02 + (0.03 if plan.place // 4 == 2 else 0)
                odds += 0.12 if one.market == "BR" else 0
                draw = self.luck.random()
                when = since + timedelta(days=self.luck.randint(1, 13), hours=3)
                if draw < odds and when.date() <= END:
                    kind = self.luck.choice(
                        (EventKind.PULLED, EventKind.PLATFORM_REJECTED, EventKind.COMPLAINT)
                    )
                    self._event(plan, one, kind, self.luck.choice(FAULTS), when)
                    if kind is EventKind.PULLED:
                        plan.pulled[one.slot] = when.date()
                elif plan.end < END:
                    self._event(plan, one, EventKind.ENDED, "campaign_ended", at(plan.end, 22))
        # Most ads are paused when their asset is pulled; some are forgotten for a week.
        stops = {slot: day for plan in made for slot, day in plan.pulled.items()}
        forgotten = {slot for slot in stops if self.luck.random() < 0.2}
        self.media = [
            row
            for row in self.media
            if row.slot not in stops
            or row.day <= stops[row.slot] + timedelta(days=9 if row.slot in forgotten else 0)
        ]

    def _event(self, plan: Plan, one: Asset, kind: EventKind, reason: str, when: datetime) -> None:
        event = AssetEvent(
            key=f"{kind}/{one.slot}/{one.version}",
            campaign=plan.name,
            slot=one.slot,
            version=one.version,
            kind=kind,
            reason=reason,
            at=when,
            actor="care",
            source="import",
        )
        self.happens.append((when + timedelta(hours=1), partial(self._record, event)))

    def _record(self, event: AssetEvent) -> None:
        with writing(self.engine) as connection:
            record(connection, [event], self.clock)

    def _post(self, entries: list[Transaction]) -> None:
        with writing(self.engine) as connection:
            post_all(connection, entries, self.clock)

    def _exports(self) -> None:
        """Import the platforms' files, one a platform and month, and what they restate later."""
        files: dict[tuple[str, str], list[MediaRow]] = {}
        for row in self.media:
            files.setdefault((row.platform, f"{row.day:%Y-%m}"), []).append(row)
        for (platform, month), rows in sorted(files.items()):
            last = max(row.day for row in rows)
            when = at(min(last + timedelta(days=2), END), 21)
            self.happens.append((when, partial(self._import, platform, f"{month}.csv", rows)))
            # Google takes back clicks that it found to be invalid, weeks after the month.
            late = [row._replace(cost=row.cost * 9 / 10) for row in rows[:12]]
            if platform == "google" and when + timedelta(days=25) <= at(END):
                again = partial(self._import, platform, f"{month}-restated.csv", late)
                self.happens.append((when + timedelta(days=25), again))

    def _import(self, platform: str, name: str, rows: list[MediaRow]) -> None:
        path = self.home / "exports" / platform / name
        write_export(path, platform, rows)
        said = Said(time_zone="Europe/Stockholm")
        export = read_export(path, platforms()[platform], said, self.clock)
        rates = all_rates(self.engine)

        def convert(money: Money, to: str, on: date, _campaign: str) -> Money:
            return rates.convert(money, to, on).amount

        Importer(self.engine, default_policy(), self.now, "year", convert).run(export)


def main() -> None:
    """Make the year in a folder."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("folder", type=Path)
    asked.add_argument("--seed", type=int, default=7)
    told = asked.parse_args()
    Year(told.folder / ".kampanj", told.seed).write()


if __name__ == "__main__":
    main()
