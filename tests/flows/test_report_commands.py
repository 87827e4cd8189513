"""``kampanj report`` as people and programs call it, over one campaign."""

import csv
import io
import json
from collections.abc import Callable

from places import Ended, Place


def test_a_report_is_had_in_every_format_and_audited(
    finished: Place, typed: Callable[..., Ended]
) -> None:
    """Finance takes a workbook, CI takes Markdown, an auditor asks what makes a figure."""
    for kind, start in (("html", "<!doctype"), ("markdown", "## "), ("csv", "section,")):
        ended = typed("report", "spring-tea", "--format", kind)
        assert ended.code == 0, ended.err
        assert ended.out.lower().startswith(start)
    page = (finished.folder / "out" / "spring-tea" / "report.html").read_text("utf-8")
    _, _, printed = page.partition("kampanj verify --head ")
    head = printed.partition("<")[0]
    assert typed("verify", "--head", head).code == 0
    assert typed("verify", "--head", head.replace(head[-1], "x")).code == 2
    number, _, digest = head.partition(":")
    assert typed("verify", "--head", f"{number}:{digest[::-1]}").code == 1
    for kind, magic in (("xlsx", b"PK"), ("parquet", b"PAR1")):
        file = finished.folder / f"report.{kind}"
        assert typed("report", "spring-tea", "--format", kind, "-o", str(file)).code == 0
        assert file.read_bytes().startswith(magic)
    told = typed("report", "show", "spring-tea", "--json").json
    assert told["schema"] == "kampanj.report/1"
    focus = typed("report", "spring-tea", "--format", "focus").out
    rows = list(csv.DictReader(io.StringIO(focus)))
    assert sorted(row["EffectiveCost"] for row in rows) == ["400.000000", "72.000000"]

    trail = typed("report", "trail", "spring-tea", "market:SE", "--json").json
    assert trail["value"]["amount"] == "36.000000"
    assert trail["exact"] is True
    assert trail["parts"][0]["spent"]["posted"]["document"] == "Timesheet 7"
    assert typed("report", "trail", "spring-tea", "per_accepted").out.count("Timesheet 7") == 1
    changed = json.loads(typed("report", "diff", "spring-tea", "--from", "1", "--json").out)
    making = next(one for one in changed["changes"] if one["figure"] == "non_working")
    assert making["by"]["amount"] == "72.000000"
    before = typed("report", "spring-tea", "--as-of", "1", "--json").json
    assert (before["accepted"], before["non_working"]["amount"]) == (0, "0.000000")

    waits = typed("report", "open", "--json").json
    assert [one["account"] for one in waits["open"]["owed"]] == ["payable:declared"]
    assert waits["odd"] == []

    for words, said in (
        (("report", "spring-tea", "--format", "pdf"), "html, json, csv, xlsx"),
        (("report", "winter-tea"), "winter-tea"),
        (("report", "spring-tea", "--as-of", "99"), "no entry 99; its newest is 2"),
        (("report", "trail", "spring-tea", "market:XX"), "it has market:S"),
        (("report", "diff", "spring-tea", "--from", "2", "--to", "1"), "turn them round"),
        (("report", "spring-tea", "--machine"), "--machine is for --format csv"),
    ):
        ended = typed(*words)
        assert (ended.code, said in ended.err) == (2, True), f"{words}: {ended.err}"
