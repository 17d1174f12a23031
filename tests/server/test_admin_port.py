"""The administrator's API on a port of its own, and for pages of other sites."""

from __future__ import annotations

import http.client
import ssl
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from colonnade import testing
from colonnade.admin.client import AdminClient, RefusedError
from tests.cli.command import Serving, colonnade, serving
from tests.conformance.raw import Raw
from tests.ports import free_port

ROOT_KEYS = {"ROOT_ACCESS_KEY_ID": "rootaccess", "ROOT_SECRET_ACCESS_KEY": "rootsecret"}
ORIGIN = "https://ui.example"


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Serving, list[str]]]:
    """A server with two admin ports, TLS on both and not on the S3 port; and the URLs of the two."""
    folder = tmp_path_factory.mktemp("ports")
    ca = trustme.CA()
    cert = ca.issue_cert("127.0.0.1")
    cert.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    cert.private_key_pem.write_to_path(folder / "key.pem")
    addresses = [f"127.0.0.1:{free_port()}" for _ in range(2)]
    words: list[str | Path] = ["--admin-port", addresses[0], "--admin-port", addresses[1], "--health", "/health"]
    tls: list[str | Path] = ["--admin-cert", folder / "cert.pem", "--admin-cert-key", folder / "key.pem"]
    (folder / "data").mkdir()
    with serving(*words, *tls, "posix", "--no-fsync", folder / "data", env=ROOT_KEYS) as running:
        yield running, [f"https://{address}" for address in addresses]


def client(url: str) -> AdminClient:
    """Root, who trusts any certificate."""
    return AdminClient(url, "rootaccess", "rootsecret", verify=False)


def ask_until_refused(asking: AdminClient) -> None:
    """What was sent on another connection may not have come yet."""
    for _ in range(500):
        asking.send("/list-users")


def test_the_api_is_on_its_port_alone(ports: tuple[Serving, list[str]]) -> None:
    """The S3 port has none of it, and its port has no S3."""
    server, urls = ports
    server.client().create_bucket(Bucket="one")
    for url in urls:
        assert client(url).rows("/list-buckets") == [{"Name": "one", "Owner": "rootaccess"}]
    with pytest.raises(RefusedError, match=r"MethodNotAllowed.*may be on another port"):
        client(server.url).send("/list-buckets")
    with pytest.raises(urllib.error.HTTPError, match="405"):
        urllib.request.urlopen(urls[0] + "/one", context=ssl._create_unverified_context())


def test_its_certificate_is_its_own(ports: tuple[Serving, list[str]]) -> None:
    """It is verified unless that is turned off."""
    keys = {**ROOT_KEYS, "ADMIN_ENDPOINT_URL": ports[1][0]}
    assert "its certificate is not trusted" in colonnade("admin", "list-buckets", env=keys).stderr
    assert colonnade("admin", "--allow-insecure", "list-buckets", env=keys).returncode == 0


def test_its_port_answers_health_checks(ports: tuple[Serving, list[str]]) -> None:
    """As the S3 port does."""
    with urllib.request.urlopen(ports[1][0] + "/health", context=ssl._create_unverified_context()) as answer:
        assert answer.read() == b"OK"


def test_its_requests_are_bounded_by_themselves(tmp_path: Path) -> None:
    """While one account's body is waited for a second request is one too many; of S3 there may be any number."""
    port = f"127.0.0.1:{free_port()}"
    words: list[str | Path] = ["--admin-port", port, "--admin-max-requests", "1", "--workers", "1"]
    (tmp_path / "iam").mkdir()
    (tmp_path / "data").mkdir()
    with serving(*words, "--iam-dir", tmp_path / "iam", "posix", tmp_path / "data", env=ROOT_KEYS) as server:
        first = AdminClient(f"http://{port}", "rootaccess", "rootsecret")
        body = b"<Account><Access>a</Access><Secret>s</Secret><Role>user</Role></Account>"
        connection = http.client.HTTPConnection(port, timeout=30)
        connection.putrequest("PATCH", "/create-user", skip_host=True)
        for name, value in first._signed("/create-user", [], body, {"content-length": str(len(body))}).items():
            connection.putheader(name, value)
        connection.endheaders()
        with pytest.raises(RefusedError, match="SlowDown"):
            ask_until_refused(first)
        server.client().list_buckets()
        connection.send(body)
        assert connection.getresponse().status == 201
        connection.close()
        assert [row["Access"] for row in first.rows("/list-users")] == ["a"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--admin-cert", "c.pem"], "admin-cert is given without admin-cert-key: TLS needs both"),
        (["--admin-port", "here"], "admin-port: 'here' is not an address to listen on"),
        (["-p", "127.0.0.1:1", "-ap", "127.0.0.1:1"], "cannot listen on 127.0.0.1:1: Address already in use"),
    ],
)
def test_mistakes_are_one_clear_line(tmp_path: Path, words: list[str], message: str) -> None:
    """Before anything is served."""
    done = colonnade(*words, "posix", tmp_path, env=ROOT_KEYS)
    assert done.returncode == 1
    assert done.stderr.startswith(f"colonnade: {message}")


@pytest.fixture(params=[None, ORIGIN])
def page(request: pytest.FixtureRequest) -> Iterator[testing.RunningServer]:
    """A server that lets pages of an origin use it, and one that doesn't."""
    with testing.server(cors_origin=request.param) as running:
        yield running


def test_browsers_are_told_whether_pages_may_administer(page: testing.RunningServer) -> None:
    """A preflight mirrors what is asked for if an origin is allowed, and says nothing if none is."""
    allowed = page.gateway.cross_origin.fallback
    asked = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "X-Vgw-Owner"}
    reply = Raw(page).unsigned("OPTIONS", "/list-users", headers={"Origin": ORIGIN, **asked})
    assert (reply.status, reply.body) == (204 if allowed else 200, b"")
    told = [reply.headers.get(f"access-control-allow-{name}") for name in ("origin", "methods", "headers")]
    assert told == ([ORIGIN, "PATCH", "x-vgw-owner"] if allowed else [None] * 3)
    headers = Raw(page)("PATCH", "/list-buckets", Origin=ORIGIN).headers
    assert headers.get("access-control-allow-origin") == allowed
