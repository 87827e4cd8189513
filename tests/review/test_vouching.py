"""Signing in through an organization's identity provider, and every way to pretend it."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from identity_server import ID, SECRET, IdentityServer, altered, signed_by_its_public_key, unsigned
from joserfc.jwk import ECKey, OctKey
from places import Place
from starlette.testclient import TestClient
from visits import HTML, ORIGIN, TEA, Answer, Visit, at

from flows.desk import Desk, open_desk
from flows.page_house import DeskHouse
from flows.page_serving import doors_of, ways_of
from flows.settings import BadSettings, Settings, read_settings
from review.access.people import sign_people
from review.page.app import review_page
from review.page.guard import Address
from review.page.vouching import BACK, PATH

GROUPS = {"se-marketing": ("approve:SE", "choose")}


@dataclass
class Organization:
    """A provider, and the page that believes it."""

    server: IdentityServer
    desk: Desk

    def browser(self) -> Visit:
        """Return a browser that nobody has signed in with."""
        house, address = DeskHouse(self.desk), Address(ORIGIN)
        doors = doors_of(self.desk, house, address, lambda _address: None)
        page = review_page(house, address, doors, ways_of(house, self.desk.settings, address))
        return Visit(TestClient(page, base_url=ORIGIN))


def settings(place: Place, issuer: str, **told: object) -> Settings:
    """Return settings that name a provider."""
    known = {"home": place.folder / ".kampanj", "actor": "ada", "workers": 1, "oidc_roles": GROUPS}
    known |= {"oidc_issuer": issuer, "oidc_client_id": ID, "oidc_client_secret": SECRET}
    return Settings.model_validate({**known, **told})


@pytest.fixture
def organization(waiting: Place) -> Iterator[Organization]:
    """Start a provider that knows Ada of the Swedish marketing."""
    made = IdentityServer({"groups": ["se-marketing", "everyone"]})
    with made.server, at(waiting), open_desk(settings(waiting, made.issuer)) as desk:
        yield Organization(made, desk)


def leave(visit: Visit, on: str = "/") -> str:
    """Go to the provider, and return the address we were sent to."""
    away = visit.client.get(f"{PATH}?on={on}", headers=HTML, follow_redirects=False)
    assert away.status_code == 303, away.text
    return away.headers["location"]


def come_back(visit: Visit, address: str, **other: str) -> Answer:
    """Follow the provider's link back, and send the form behind it."""
    told = dict(parse_qsl(urlsplit(address).query)) | other
    page = f"{BACK}?{'&'.join(f'{name}={value}' for name, value in told.items())}"
    return visit.send(PATH, page)


def test_who_is_of_a_group_comes_in_with_its_roles(organization: Organization) -> None:
    """Their name is the organization's word; their id says nothing of who they are."""
    visit = organization.browser()
    assert f'href="{PATH}?on=' in visit.get("/sign-in")
    assert 'name="password"' not in visit.get("/sign-in")
    assert 'name="code"' not in visit.get("/sign-in")

    entered = come_back(visit, organization.server.visit(leave(visit, f"/campaigns/{TEA}")))

    assert (entered.status, entered.to) == (303, f"/campaigns/{TEA}")
    assert "Ada Ek" in visit.get(f"/campaigns/{TEA}")
    names = [one.split()[0] for one in _seen(organization.desk)]
    swedish, arab = (
        visit.send(
            f"/campaigns/{TEA}/decisions",
            f"/campaigns/{TEA}",
            verdict="accepted",
            seen=[one for one in _seen(organization.desk) if f"_{market}_" in one],
        )
        for market in ("SE", "SA")
    )
    assert (swedish.status, arab.status) == (303, 403)
    [decision] = organization.desk.decisions.of(next(one for one in names if "_SE_" in one))
    assert decision.by.startswith("oidc-")
    assert decision.role == "approve:SE"
    assert "Ada" not in decision.model_dump_json()


def _seen(desk: Desk) -> list[str]:
    from flows.reviewing import items

    return [f"{one.name} {one.asset.rendition.sha256}" for one in items(desk, TEA)]


def test_roles_are_those_of_this_moment(organization: Organization) -> None:
    """Whoever takes a role from a group takes it from everybody in it at once."""
    visit = organization.browser()
    assert come_back(visit, organization.server.visit(leave(visit))).status == 303

    told = organization.desk.settings.model_copy(update={"oidc_roles": {}})
    object.__setattr__(organization.desk, "settings", told)

    again = visit.client.get("/", headers=HTML, follow_redirects=False)
    assert (again.status_code, again.headers["location"]) == (303, "/sign-in?on=/")


def test_the_people_file_comes_before_groups(organization: Organization, waiting: Place) -> None:
    """A small list of people can be kept beside the organization's own groups."""
    path = waiting.folder / "people.yaml"
    head = "schema: 1\npeople:"
    path.write_text(
        f"{head}\n  - {{id: ada, name: Ada of the file, roles: ['approve:NO'], oidc: sub-7}}\n"
    )
    sign_people(path, organization.desk.keys)
    known = organization.desk.settings.model_copy(update={"people": path})
    object.__setattr__(organization.desk, "settings", known)

    visit = organization.browser()
    assert come_back(visit, organization.server.visit(leave(visit))).status == 303
    assert "Ada of the file" in visit.get("/")
    path.write_text(f"{head} []\n")
    sign_people(path, organization.desk.keys)
    assert visit.client.get("/", headers=HTML, follow_redirects=False).status_code == 303


def test_who_has_no_role_here_stays_outside(organization: Organization) -> None:
    """Everybody of the organization is known to its provider."""
    organization.server.claims["groups"] = ["everyone"]
    visit = organization.browser()
    refused = come_back(visit, organization.server.visit(leave(visit)))

    assert refused.status == 403
    assert "you have no role here" in refused.text
    assert visit.client.get("/", follow_redirects=False).status_code == 303


def hours(much: float) -> int:
    """Return a moment so far from now."""
    return int(time.time() + much * 3600)


FORGED: dict[str, Callable[[IdentityServer], object]] = {
    "no signature": lambda it: setattr(it, "twist", unsigned),
    "changed claims": lambda it: setattr(it, "twist", altered),
    "cut off": lambda it: setattr(it, "twist", lambda token: token[:-9]),
    "no token": lambda it: setattr(it, "twist", lambda _token: ""),
    "endless": lambda it: setattr(it, "twist", lambda token: token + "A" * 20_000),
    "another issuer": lambda it: it.claims.update(iss="https://evil.example"),
    "another audience": lambda it: it.claims.update(aud="somebody else"),
    "several audiences": lambda it: it.claims.update(aud=[ID, "somebody else"]),
    "another party": lambda it: it.claims.update(azp="somebody else"),
    "another sign-in": lambda it: it.claims.update(nonce="of-an-older-one"),
    "no nonce": lambda it: it.claims.update(nonce=None),
    "run out": lambda it: it.claims.update(exp=hours(-1)),
    "no end": lambda it: it.claims.update(exp=None),
    "old": lambda it: it.claims.update(iat=hours(-1)),
    "of tomorrow": lambda it: it.claims.update(iat=hours(24)),
    "not yet": lambda it: it.claims.update(nbf=hours(1)),
    "a boolean's hour": lambda it: it.claims.update(exp=True),
    "nobody": lambda it: it.claims.update(sub=None),
    "an empty subject": lambda it: it.claims.update(sub=""),
    "a stranger's key": lambda it: setattr(
        it, "published", [ECKey.generate_key("P-256", {"kid": "one"})]
    ),
    "no usable key": lambda it: setattr(it, "published", [OctKey.generate_key(256)]),
}


@pytest.mark.parametrize("how", FORGED)
def test_a_token_that_is_not_for_us_now_lets_nobody_in(
    organization: Organization, how: str
) -> None:
    """Whoever can bring us one of these is not whom it names."""
    FORGED[how](organization.server)
    visit = organization.browser()
    refused = come_back(visit, organization.server.visit(leave(visit)))

    assert refused.status == 403, how
    assert "did not let you in" in refused.text
    assert visit.client.get("/", follow_redirects=False).status_code == 303


def test_a_public_key_is_no_shared_secret(organization: Organization) -> None:
    """Everybody knows the public key: a token that is 'signed' with it as text is anybody's."""
    server = organization.server
    pem = server.key.as_pem(private=False)
    server.twist = lambda token: signed_by_its_public_key(token, pem)
    visit = organization.browser()

    assert come_back(visit, server.visit(leave(visit))).status == 403


def test_only_the_browser_that_began_a_sign_in_ends_it(organization: Organization) -> None:
    """Else an attacker signs others in as themselves, or ends a sign-in that they looked at."""
    server = organization.server
    mine, other = organization.browser(), organization.browser()
    address = server.visit(leave(mine))
    leave(other)

    assert come_back(other, address).status == 403
    assert come_back(organization.browser(), address).status == 403
    assert come_back(mine, address, state="guess").status == 403
    assert come_back(mine, address, iss="https://evil.example").status == 403
    page = f"{BACK}?{urlsplit(address).query}"
    assert mine.send(PATH, page, {"origin": "https://evil.example"}).status == 403
    assert come_back(mine, address).status == 303
    assert come_back(mine, address).status == 403


def test_a_link_back_changes_nothing_by_itself(organization: Organization) -> None:
    """Browsers fetch links before anybody clicks."""
    visit = organization.browser()
    address = organization.server.visit(leave(visit))
    asked = len(organization.server.server.asked)
    page = visit.get(f"{BACK}?{urlsplit(address).query}")

    assert "One step is left" in page
    assert len(organization.server.server.asked) == asked
    assert visit.client.get("/", follow_redirects=False).status_code == 303
    told = visit.client.get(f"{BACK}?error=access_denied<script>", headers=HTML)
    assert told.status_code == 403
    assert "access_denied&lt;script&gt;" in told.text


def test_a_new_key_is_taken_at_once_and_asked_for_once_a_minute(
    organization: Organization,
) -> None:
    """Providers change keys; whoever brings made-up tokens must not have us ask each time."""
    server = organization.server
    visit = organization.browser()
    assert come_back(visit, server.visit(leave(visit))).status == 303
    server.key = ECKey.generate_key("P-256", {"kid": "two"})

    def keys() -> int:
        return sum(one.path == "/keys" for one in server.server.asked)

    before = keys()
    refused = come_back(visit, server.visit(leave(visit)))
    assert (refused.status, keys()) == (403, before)
    fresh = organization.browser()
    assert come_back(fresh, server.visit(leave(fresh))).status == 303


@pytest.mark.parametrize(
    "told",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": 7},
    ],
)
def test_a_provider_that_describes_itself_wrongly_is_not_used(
    organization: Organization, told: dict[str, object]
) -> None:
    """Our secret would go to whoever it names."""
    organization.server.description.update(told)
    visit = organization.browser()
    away = visit.client.get(PATH, headers=HTML, follow_redirects=False)

    assert away.status_code == 502
    assert {one.path for one in organization.server.server.asked} == {
        "/.well-known/openid-configuration"
    }


def test_a_header_of_a_proxy_names_nobody(organization: Organization) -> None:
    """Whoever reaches the port can send one."""
    visit = organization.browser()
    said = {"x-forwarded-user": "ada", "remote-user": "ada", "x-auth-request-user": "ada"}

    assert visit.client.get("/", headers=said, follow_redirects=False).status_code == 303


def test_settings_that_cannot_work_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A role that does not exist would lock a whole group out, on the day of the launch."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KAMPANJ_OIDC_ISSUER", "https://id.example")
    with pytest.raises(BadSettings, match="KAMPANJ_OIDC_CLIENT_ID is not"):
        read_settings()
    monkeypatch.setenv("KAMPANJ_OIDC_CLIENT_ID", "kampanj")
    monkeypatch.setenv("KAMPANJ_OIDC_ROLES", json.dumps({"team": ["aprove:SE"]}))
    with pytest.raises(BadSettings, match="is no role"):
        read_settings()
