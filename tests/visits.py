"""Browsers without a script, and the review page that they visit, all in one process."""

import os
import re
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from places import Place
from starlette.testclient import TestClient

from flows.desk import Desk
from flows.page_house import DeskHouse
from flows.page_serving import doors_of
from flows.settings import Settings
from review.access.people import hashed, sign_people
from review.page.app import review_page
from review.page.guard import Address

ORIGIN = "http://127.0.0.1:4300"
TEA = "spring-tea"
PASSWORD = "correct horse battery"  # noqa: S105 - of nobody
HTML = {"accept": "text/html"}


@dataclass
class Visit:
    """One browser without a script: it sends the forms that it was shown."""

    client: TestClient
    codes: list[str] = field(default_factory=list)
    """The addresses that opened the page, the newest last."""

    def get(self, path: str) -> str:
        """Return a page that is there."""
        got = self.client.get(path, headers=HTML)
        assert got.status_code == 200, f"{path}: {got.status_code} {got.text[:300]}"
        return got.text

    def send(
        self, path: str, page: str, headers: Mapping[str, str] | None = None, **fields: object
    ) -> "Answer":
        """Send the form of a page whose action this is, with these fields."""
        told = {**self.hidden(page, path), **fields}
        said = {"origin": ORIGIN, "sec-fetch-site": "same-origin", **HTML, **(headers or {})}
        got = self.client.post(path, data=told, headers=said, follow_redirects=False)
        return Answer(got.status_code, got.text, dict(got.headers))

    def hidden(self, page: str, action: str) -> dict[str, object]:
        """Return the hidden fields of the form that is sent to a path; none without such a form."""
        text = self.client.get(page, headers=HTML).text
        forms = re.findall(r"<form.*?</form>", text, re.DOTALL)
        form = next((one for one in forms if f'action="{action}"' in one), "")
        fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form)
        return {name: unescape(value) for name, value in fields}

    def come_in(self) -> None:
        """Sign in by the newest code."""
        code = self.codes[-1].partition("#")[2]
        assert self.send("/sign-in/code", "/sign-in", code=code).status == 303

    def sign_in(self, name: str, password: str = PASSWORD) -> "Answer":
        """Sign in by name and password."""
        return self.send("/sign-in/password", "/sign-in", name=name, password=password)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def to(self) -> str:
        """Return where it leads."""
        return self.headers.get("location", "")


def visiting(desk: Desk) -> Visit:
    """Return a browser that nobody has signed in with."""
    codes: list[str] = []
    return Visit(TestClient(page_of(desk, codes), base_url=ORIGIN), codes)


def page_of(desk: Desk, codes: list[str], origin: str = ORIGIN) -> FastAPI:
    """Return the page over a desk."""
    house, address = DeskHouse(desk), Address(origin)
    return review_page(house, address, doors_of(desk, house, address, codes.append))


@contextmanager
def serving(desk: Desk, codes: list[str]) -> Iterator[str]:
    """Serve the page from a thread, on a port that is free, and return its origin."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{taken.getsockname()[1]}"
        server = uvicorn.Server(
            uvicorn.Config(page_of(desk, codes, origin), log_level="error", lifespan="off")
        )
        thread = threading.Thread(target=lambda: server.run(sockets=[taken]))
        thread.start()
        try:
            yield origin
        finally:
            server.should_exit = True
            thread.join(timeout=20)


def settings(place: Place, people: Path | None = None) -> Settings:
    """Return settings that leave the environment out."""
    return Settings(home=place.folder / ".kampanj", actor="ada", workers=1, people=people)


@contextmanager
def at(place: Place) -> Iterator[None]:
    """Stand in the campaign's folder."""
    before = Path.cwd()
    os.chdir(place.folder)
    try:
        yield
    finally:
        os.chdir(before)


def peopled(place: Place, desk: Desk, name: str = "Bo Ek") -> Desk:
    """Say who may do what: bo approves in Sweden, ada asked for the campaign."""
    path = place.folder / "people.yaml"
    entries = (("bo", name, "approve:SE"), ("ada", "Ada", "approve, brief, choose"))
    path.write_text(
        "schema: 1\npeople:\n"
        + "".join(
            f"  - {{id: {who}, name: '{said}', roles: [{roles}], password: '{hashed(PASSWORD)}'}}\n"
            for who, said, roles in entries
        ),
        "utf-8",
    )
    sign_people(path, desk.keys)
    return Desk(settings(place, path), desk.engine, desk.owner)
