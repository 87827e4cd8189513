"""Stands in for `gh api` on the comments of an issue: keeps them in a file, pages of two.

The shapes are those that GitHub publishes for "List issue comments", cut to the fields that say who
wrote what: https://docs.github.com/en/rest/issues/comments
"""

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = 2


def main() -> int:
    """Answer one call as GitHub would; 1 for what it would refuse."""
    parser = argparse.ArgumentParser()
    parser.add_argument("api", choices=["api"])
    parser.add_argument("path")
    parser.add_argument("--method", required=True)
    parser.add_argument("--jq")
    parser.add_argument("-F", dest="field")
    parser.add_argument("--paginate", action="store_true")
    parser.add_argument("--silent", action="store_true")
    call = parser.parse_args()
    store = Path(os.environ["STAND_IN_COMMENTS"])
    comments = json.loads(store.read_text(encoding="utf-8"))
    with Path(os.environ["STAND_IN_CALLS"]).open("a", encoding="utf-8") as journal:
        journal.write(f"{call.method} {call.path}\n")
    if re.fullmatch(r"repos/o/r/issues/7/comments\?per_page=100", call.path):
        for start in range(0, len(comments) if call.paginate else PAGE, PAGE):
            _filter(comments[start : start + PAGE], call.jq)
        return 0
    body = Path(call.field.removeprefix("body=@")).read_text(encoding="utf-8")
    if len(body) > 65_536:
        return 1
    if call.method == "POST" and call.path == "repos/o/r/issues/7/comments":
        comments.append(comment(len(comments) + 1, "github-actions[bot]", body))
    elif call.method == "PATCH":
        (mine,) = [one for one in comments if call.path == f"repos/o/r/issues/comments/{one['id']}"]
        mine["body"] = body
    else:
        return 1
    store.write_text(json.dumps(comments), encoding="utf-8")
    return 0


def comment(number: int, login: str, body: str) -> dict[str, object]:
    """Return one comment as the API shows it."""
    return {
        "id": number,
        "url": f"https://api.github.com/repos/o/r/issues/comments/{number}",
        "html_url": f"https://github.com/o/r/pull/7#issuecomment-{number}",
        "body": body,
        "user": {"login": login, "id": number, "type": "Bot" if "[" in login else "User"},
        "created_at": "2026-11-21T10:00:00Z",
        "updated_at": "2026-11-21T10:00:00Z",
        "issue_url": "https://api.github.com/repos/o/r/issues/7",
        "author_association": "NONE",
    }


def _filter(page: list[dict[str, object]], expression: str) -> None:
    # gh has jq built in and prints text unquoted, which is jq's --raw-output.
    subprocess.run(  # noqa: S603 - our own script's filter
        ["jq", "--raw-output", expression],  # noqa: S607 - the test looked whether it is there
        input=json.dumps(page),
        text=True,
        check=True,
    )


if __name__ == "__main__":
    sys.exit(main())
