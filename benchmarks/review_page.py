"""How long the review page takes for a campaign of 2,000 renditions: from a request to its page.

``python benchmarks/review_page.py [--renditions 2000] [--requests 15] [--browser]`` makes the state
of such a campaign, of pictures of the real pixel sizes that are quick to draw, serves it by
``kampanj review serve`` in a process of its own, and measures

a. each page: CPU of the server (user and system), wall time, bytes of HTML, those on the wire;
b. thumbnails: CPU of making one, and of sending one that is there;
c. deciding: on one by the page's script, and on all that a filter leaves in;
d. with ``--browser``: Chromium loads the table, and scrolls through all of it, a step a frame;
   the main thread's CPU and what of it is style, layout and script, and shifts of the layout;
e. editing: in the campaign of ``make demo``, which is run for it, from a sent copy line to its new
   picture in the large view.

CPU first: a shared machine makes others wait. Half of the renditions are decided before.
"""

import argparse
import gzip
import http.client
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from html.parser import HTMLParser
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

sys.path.remove(str(Path(__file__).resolve().parent))

from PIL import Image

from creative.asset_name import AssetName
from creative.brief_file import Target, load_brief
from creative.choice import Choice
from creative.concept import Concept, SourceType
from creative.decision import Decision, Verdict
from creative.finding import Finding, Severity
from creative.manifest import Cost, Manifest, ManifestAsset
from creative.rendition import Rendition
from flows.desk import Desk, open_desk
from flows.run_options import RunOptions
from flows.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Page

BRIEF = """\
schema: 1
name: large
title: Two thousand
brand: brand.yaml
objective: awareness
audience: {who: Everybody}
messaging: {headline: A slower morning, cta: Taste it}
concepts: {count: 1, choose: 1, directions: [A cup by a window]}
markets: [all]
placements: [all]
schedule: {start: 2027-03-01, end: 2027-04-15}
budget: {currency: EUR, non_working: "50.00"}
"""
BRAND = "schema: 1\nname: leaf\ncolours: {primary: '#1B3B6F', background: '#FFFFFF'}\n"
TABLE = "/campaigns/large"
BRIEFS = Path(__file__).resolve().parents[1] / "briefs"
NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
TICK = os.sysconf("SC_CLK_TCK")


def drawn(target: Target, number: int, grounds: dict[tuple[int, int], bytes]) -> bytes:
    """Return a picture of a placement's size that no other rendition has."""
    size = target.placement.width, target.placement.height
    if size not in grounds:
        ground = Image.linear_gradient("L").resize(size).convert("RGB")
        noise = Image.effect_noise((size[0] // 4 or 1, size[1] // 4 or 1), 60).resize(size)
        out = io.BytesIO()
        Image.blend(ground, noise.convert("RGB"), 0.3).save(out, "JPEG", quality=80)
        grounds[size] = out.getvalue()
    content, comment = grounds[size], f"{number}".encode()
    # A comment after the first marker: other bytes, and the same picture.
    return content[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2) + comment + content[2:]


def made(desk: Desk, folder: Path, count: int) -> None:
    """Make the state of a campaign as its run would leave it."""
    loaded = load_brief(folder / "brief.yaml")
    options = RunOptions(brief=str(loaded.path), out=str(folder / "out"), by="ada")
    run = desk.runs.start("large", str(loaded.path), loaded.sha256, options.model_dump(mode="json"))
    desk.rendered.mkdir(parents=True)
    grounds: dict[tuple[int, int], bytes] = {}
    renditions = []
    for number, target in enumerate(islice(loaded.targets, count)):
        content = drawn(target, number, grounds)
        digest = sha256(content).hexdigest()
        desk.rendered_file(digest, "jpg").write_bytes(content)
        name = AssetName(
            campaign="large",
            market=target.market.code,
            locale=target.locale.tag,
            placement=target.placement.id,
            concept="c1",
            version=1,
        )
        look = Finding(
            check="unreviewed-copy",
            severity=Severity.WARN,
            where="headline",
            message="nobody has approved this text",
            mend="Have it read",
        )
        renditions.append(
            Rendition(
                name=name,
                sha256=digest,
                bytes=len(content),
                width=target.placement.width,
                height=target.placement.height,
                format="jpg",
                key_visual="0" * 64,
                deck="0" * 64,
                recipe=f"{number}",
                source_type=SourceType.ALGORITHMIC,
                findings=(look,) * (number % 3),
            )
        )
    concept = Concept(
        id="c1",
        direction="A cup by a window",
        prompt="A cup",
        sha256="0" * 64,
        width=1920,
        height=1920,
        focus=(0.5, 0.5),
        provider="studio",
        model="studio-1",
        attempt="",
        source_type=SourceType.ALGORITHMIC,
        placeholder=True,
    )
    cost = Cost(currency="EUR", direct="0.00", allocated="0.01")
    desk.keep_manifest(
        Manifest(
            campaign="large",
            run=run.id,
            brief_sha256=loaded.sha256,
            brand_sha256=loaded.brand_sha256,
            made_by="benchmark",
            decisions_head="",
            at=NOW,
            concepts=(concept,),
            choice=Choice(
                campaign="large", concepts=("c1",), seen=("0" * 64,), by="ada", at=NOW, reason=""
            ),
            assets=tuple(
                ManifestAsset(rendition=one, decision=None, delivered=None, cost=cost)
                for one in renditions
            ),
            failed_locales={},
        )
    )
    desk.keep_concepts(run.id, [concept])
    desk.decisions.append(
        Decision(
            asset=str(one.name),
            sha256=one.sha256,
            verdict=Verdict.ACCEPTED,
            by="cy",
            role="approve:*",
            reason="",
            at=NOW,
            via="page",
        )
        for one in renditions[: count // 2]
    )


class Came(NamedTuple):
    """An answer."""

    status: int
    body: bytes
    to: str
    """Where it leads; empty where it leads nowhere."""


class Server:
    """The page in a process of its own, and a browser without a script that is signed in."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "flows", "review", "serve", "--port", "0"],
            cwd=folder,
            env={**os.environ, "KAMPANJ_ACTOR": "ada", "KAMPANJ_HOME": str(folder / "home")},
            stderr=subprocess.PIPE,
            text=True,
        )
        self.opens = self._told()
        self.origin = self.opens.partition("/sign-in")[0]
        self.host = self.origin.partition("//")[2]
        self._cookies: dict[str, str] = {}
        self._connection = http.client.HTTPConnection(self.host, timeout=120)
        page = self.get("/sign-in")[0].decode()
        self.post("/sign-in/code", hidden(page, "/sign-in/code") | {"code": self._code})

    @property
    def _code(self) -> str:
        return self.opens.partition("#")[2]

    def _told(self) -> str:
        if self._process.stderr is None:
            raise RuntimeError("the server has no stderr")
        return self._process.stderr.readline().split()[-1]

    def next_code(self) -> str:
        """Return the address that opens the page for another browser."""
        return self._told()

    def cpu(self) -> float:
        """Return the seconds of CPU that the server has taken."""
        stat = Path(f"/proc/{self._process.pid}/stat").read_text("ascii").rpartition(")")[2]
        user, system = stat.split()[11:13]
        return (int(user) + int(system)) / TICK

    def get(self, path: str) -> tuple[bytes, int]:
        """Return a page, and how many bytes of it came over the wire."""
        status, body, _ = self._ask("GET", path, None, {"accept-encoding": "gzip"})
        if status != 200:
            raise RuntimeError(f"{path}: {status}")
        return (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body), len(body)

    def post(self, path: str, fields: Mapping[str, object], accept: str = "text/html") -> Came:
        """Send a form."""
        said = {
            "origin": self.origin,
            "content-type": "application/x-www-form-urlencoded",
            "accept": accept,
        }
        came = self._ask("POST", path, urlencode(fields, doseq=True), said)
        if came.status not in (200, 303):
            raise RuntimeError(f"{path}: {came.status} {came.body[:300]!r}")
        return came

    def _ask(self, method: str, path: str, body: str | None, headers: Mapping[str, str]) -> Came:
        cookie = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        self._connection.request(method, path, body, {**headers, "cookie": cookie})
        answer = self._connection.getresponse()
        for said in answer.headers.get_all("set-cookie") or ():
            name, _, value = said.partition(";")[0].partition("=")
            self._cookies[name] = value
        return Came(answer.status, answer.read(), answer.headers.get("location", ""))

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(20)


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """Serve the campaign of a folder."""
    server = Server(folder)
    try:
        yield server
    finally:
        server.stop()


def hidden(page: str, action: str) -> dict[str, object]:
    """Return the hidden fields of the form that is sent to a path."""
    forms = re.findall(r"<form.*?</form>", page, re.DOTALL)
    form = next(one for one in forms if f'action="{action}"' in one)
    fields = r'<input type="hidden" name="(\w+)" value="([^"]*)">'
    return {name: value.replace("&amp;", "&") for name, value in re.findall(fields, form)}


def nodes(page: bytes) -> int:
    """Count the elements of a page."""
    count = 0

    class Counter(HTMLParser):
        def handle_starttag(self, _tag: str, _attributes: object) -> None:
            nonlocal count
            count += 1

    Counter().feed(page.decode())
    return count


def timed(server: Server, path: str, requests: int) -> str:
    """Measure a page, and return a row."""
    page, wire = server.get(path)
    walls = []
    before = server.cpu()
    for _ in range(requests):
        begun = perf_counter()
        server.get(path)
        walls.append(perf_counter() - begun)
    cpu = (server.cpu() - before) / requests
    return (
        f"| {cpu * 1000:>6.0f} | {median(walls) * 1000:>7.0f} | {len(page) / 1000:>7.0f} "
        f"| {wire / 1000:>7.0f} | {nodes(page):>6} |"
    )


def pages(server: Server, requests: int) -> None:
    """Measure each page."""
    begun = perf_counter()
    before = server.cpu()
    table = server.get(TABLE)[0].decode()
    cpu, wall = server.cpu() - before, perf_counter() - begun
    print(f"the table, nothing read before: {cpu * 1000:.0f} ms of CPU, {wall * 1000:.0f} ms\n")
    links = re.findall(r'href="(/campaigns/large/renditions/[^"]+)"', table)
    paths = {
        "campaigns": "/",
        "light table, all": TABLE,
        "light table, what waits": f"{TABLE}?state=waiting",
        "light table, one market": f"{TABLE}?market=CH",
        "light table, one placement": f"{TABLE}?placement=meta_feed_1x1",
        "one rendition, large": links[len(links) // 2],
        "confirm all that waits": f"{TABLE}/decisions?verdict=accepted",
    }
    print(f"| {'page':<27} | CPU ms | wall ms | HTML KB | wire KB | nodes  |")
    print(f"|{'-' * 29}|-------:|--------:|--------:|--------:|-------:|")
    for name, path in paths.items():
        print(f"| {name:<27} {timed(server, path, requests)}")


def thumbnails(server: Server, many: int = 100) -> None:
    """Measure small pictures, made and kept."""
    table = server.get(TABLE)[0].decode()
    found = re.findall(r'src="(/thumbnails/cell/[^"]+)"', table)
    found = found[:: max(1, len(found) // many)][:many]
    for said in ("made", "sent again"):
        before = server.cpu()
        sizes = [server.get(one)[1] for one in found]
        cpu = (server.cpu() - before) / len(found)
        print(f"a thumbnail, {said}: {cpu * 1000:.1f} ms of CPU, {median(sizes) / 1000:.0f} KB")


def decisions(server: Server, many: int = 20) -> None:
    """Measure decisions: one by one, and all that a filter leaves in."""
    table = server.get(f"{TABLE}?state=waiting")[0].decode()
    told = hidden(table, f"{TABLE}/decisions")
    boxes = re.findall(r'name="seen" value="([^"]+)"', table)
    before, walls = server.cpu(), []
    for one in boxes[:many]:
        begun = perf_counter()
        fields = {**told, "verdict": "accepted", "seen": one, "looked": "4000"}
        answer = server.post(f"{TABLE}/decisions", fields, "application/json").body.decode()
        walls.append(perf_counter() - begun)
        for field in ("nonce", "token"):
            told[field] = re.findall(rf'"{field}":"([^"]+)"', answer)[0]
    cpu = (server.cpu() - before) / many
    print(f"one decision: {cpu * 1000:.0f} ms of CPU, {median(walls) * 1000:.0f} ms")
    confirm = server.get(f"{TABLE}/decisions?verdict=accepted")[0].decode()
    fields = hidden(confirm, f"{TABLE}/decisions")
    before, begun = server.cpu(), perf_counter()
    server.post(f"{TABLE}/decisions", fields)
    cpu, wall = server.cpu() - before, perf_counter() - begun
    many = fields["count"]
    print(f"{many} decisions by one filter: {cpu * 1000:.0f} ms of CPU, {wall * 1000:.0f} ms")


def shown(page: str) -> str:
    """Return the address of the picture that a large view shows, and not of the one before it."""
    pictures = re.findall(r'<img src="(/pictures/[^"]+)"[^>]* alt="([^"]+)"', page)
    return next(path for path, said in pictures if " for " in said)


def edited(folder: Path, many: int = 5) -> None:
    """Measure edits of one locale's headline: until the page and its new picture have come."""
    shutil.copytree(BRIEFS, folder / "briefs")
    command = [sys.executable, "-m", "flows", "run", "briefs/spring-checkout.yaml", "--direct"]
    subprocess.run(  # noqa: S603 - our own program
        [*command, "--choose", "auto", "--approve", "wait"],
        cwd=folder,
        env={**os.environ, "KAMPANJ_ACTOR": "ada", "KAMPANJ_HOME": str(folder / "home")},
        capture_output=True,
        check=False,
    )
    with serving(folder) as server:
        table = server.get("/campaigns/spring-checkout?locale=sv-SE")[0].decode()
        path = re.findall(r'href="(/campaigns/spring-checkout/renditions/[^"?]+)', table)[0]
        walls, before = [], server.cpu()
        for number in range(many):
            page = server.get(path)[0].decode()
            fields = hidden(page, "/campaigns/spring-checkout/copy")
            was = shown(page)
            begun = perf_counter()
            sent = {**fields, "text": f"Betala i din takt {number}"}
            path = server.post("/campaigns/spring-checkout/copy", sent).to
            now = shown(server.get(path)[0].decode())
            size = server.get(now)[1]
            walls.append(perf_counter() - begun)
            if now == was:
                raise RuntimeError(f"{path} shows the picture of before")
        cpu = (server.cpu() - before) / many
    print(
        f"a copy line, sent until its new picture of {size / 1000:.0f} KB has come, with "
        f"{table.count('/thumbnails/cell/')} renditions of the locale drawn anew: "
        f"{cpu * 1000:.0f} ms of the server's CPU, {median(walls) * 1000:.0f} ms"
    )


SCROLL = """async () => {
  let shift = 0;
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) shift += one.value;
  }).observe({ type: "layout-shift", buffered: true });
  const gaps = [];
  let last = performance.now();
  const height = document.documentElement.scrollHeight;
  for (let at = 0; at < height; at += 600) {
    scrollTo(0, at);
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    gaps.push(now - last);
    last = now;
  }
  gaps.sort((one, other) => one - other);
  const after = document.documentElement.scrollHeight;
  return { shift, frames: gaps.length, median: gaps[gaps.length >> 1],
    p95: gaps[Math.floor(gaps.length * 0.95)], late: gaps.filter((one) => one > 50).length,
    height, after };
}"""


def scrolled(page: "Page") -> str:
    """Scroll through an open page, and say what it took."""
    metrics = page.context.new_cdp_session(page)
    # The main thread's own CPU: on a shared machine frames are late for reasons of others, and
    # what is painted without a graphics card is painted by other threads.
    metrics.send("Performance.enable", {"timeDomain": "threadTicks"})

    def busy() -> list[float]:
        told = metrics.send("Performance.getMetrics")["metrics"]
        by_name = {one["name"]: float(one["value"]) for one in told}
        return [by_name[f"{part}Duration"] for part in ("Task", "RecalcStyle", "Layout", "Script")]

    before = busy()
    told = page.evaluate(SCROLL)
    took = [(now - then) * 1000 for now, then in zip(busy(), before, strict=True)]
    cpu, style, layout, script = (one / told["frames"] for one in took)
    return (
        f"{told['frames']} steps of 600 px, {cpu:.1f} ms of the main thread's CPU each "
        f"(style {style:.1f}, layout {layout:.1f}, script {script:.1f}, "
        f"the rest {cpu - style - layout - script:.1f}); "
        f"median {told['median']:.0f} ms, 95 % within {told['p95']:.0f} ms; "
        f"layout shift {told['shift']:.4f}, height {told['height']} and then {told['after']} px"
    )


def browsed(server: Server) -> None:
    """Let Chromium load the table and scroll through all of it, and through a blank page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        chromium = started.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        page.goto(server.next_code())
        page.wait_for_url(f"{server.origin}/")
        for said in ("thumbnails are made meanwhile", "thumbnails are there"):
            page.goto(f"{server.origin}{TABLE}")
            entry = page.evaluate("performance.getEntriesByType('navigation')[0].toJSON()")
            print(
                f"Chromium, {said}: there after {entry['responseEnd']:.0f} ms, "
                f"laid out after {entry['domContentLoadedEventEnd']:.0f} ms; {scrolled(page)}"
            )
        height = page.evaluate("document.documentElement.scrollHeight")
        page.goto(f"{server.origin}/health")
        page.evaluate(f"document.body.style.height = '{height}px'")
        print(f"Chromium, a blank page as high: {scrolled(page)}")
        chromium.close()


def main() -> None:
    """Make the campaign, measure, and print."""
    parser = argparse.ArgumentParser(description="From a request to the page.")
    parser.add_argument("--renditions", type=int, default=2000)
    parser.add_argument("--requests", type=int, default=15)
    parser.add_argument("--browser", action="store_true")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "kampanj.toml").touch()
        (folder / "brief.yaml").write_text(BRIEF, "utf-8")
        (folder / "brand.yaml").write_text(BRAND, "utf-8")
        (folder / "demo").mkdir()
        (folder / "demo" / "kampanj.toml").touch()
        with open_desk(Settings(home=folder / "home", actor="ada")) as desk:
            made(desk, folder, told.renditions)
        with serving(folder) as server:
            pages(server, told.requests)
            thumbnails(server)
            decisions(server)
            if told.browser:
                browsed(server)
        edited(folder / "demo")


if __name__ == "__main__":
    main()
