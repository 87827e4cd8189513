"""The manifest as a sheet: a row for each rendition, with no cell that a sheet would run."""

import csv
import io
from decimal import Decimal

from creative.finding import Severity
from creative.manifest import Manifest, ManifestAsset, Replaced

COLUMNS = (
    "asset",
    "market",
    "locale",
    "placement",
    "concept",
    "version",
    "format",
    "width",
    "height",
    "bytes",
    "sha256",
    "digital_source_type",
    "verdict",
    "by",
    "delivered",
    "currency",
    "cost_direct",
    "cost_allocated",
    "blocks",
    "warnings",
    "findings",
    "made_from",
    "replaces",
    "how",
    "because",
)
_TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def as_csv(manifest: Manifest) -> str:
    """Return the manifest as CSV, with a header."""
    out = io.StringIO()
    sheet = csv.writer(out, lineterminator="\n")
    sheet.writerow(COLUMNS)
    for asset in manifest.assets:
        sheet.writerow([_inert(cell) for cell in _row(asset)])
    return out.getvalue()


def _row(asset: ManifestAsset) -> tuple[object, ...]:
    rendition, decision = asset.rendition, asset.decision
    name = rendition.name
    severities = [finding.severity for finding in rendition.findings]
    return (
        str(name),
        name.market,
        name.locale,
        name.placement,
        name.concept,
        name.version,
        rendition.format,
        rendition.width,
        rendition.height,
        rendition.bytes,
        rendition.sha256,
        rendition.source_type.value,
        decision.verdict.value if decision else "waiting",
        decision.by if decision else "",
        asset.delivered or "",
        asset.cost.currency,
        Decimal(asset.cost.direct),
        Decimal(asset.cost.allocated),
        severities.count(Severity.BLOCK),
        severities.count(Severity.WARN),
        "; ".join(f"{one.check} ({one.where}): {one.message}" for one in rendition.findings),
        asset.made_from,
        *_replaced(asset.replaces),
    )


def _replaced(before: Replaced | None) -> tuple[str, str, str]:
    if before is None:
        return "", "", ""
    why = (" ".join(filter(None, (one.code, one.note, f"({one.by})"))) for one in before.because)
    return before.asset, before.how, "; ".join(dict.fromkeys(why))


def _inert(cell: object) -> object:
    """Keep a stranger's text from being a formula; a figure of ours stays a figure."""
    if isinstance(cell, str) and cell.lstrip().startswith(_TRIGGERS):
        return f"'{cell}"
    return cell
