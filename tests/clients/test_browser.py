"""A browser that posts a form."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from html import escape
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.config import Config

from tests.clients.conftest import Shell

PAGE = """<!doctype html><meta charset="utf-8"><form method="post" enctype="multipart/form-data" action="{action}">
{inputs}<input type="file" name="file"><input type="submit" name="after" value="Send"></form><script>
const chosen = new DataTransfer();
chosen.items.add(new File([{content}], {name}, {{type: "text/plain"}}));
document.querySelector("[type=file]").files = chosen.files;
document.querySelector("[type=submit]").click();
</script>"""


class Landing(HTTPServer):
    """Where the browser is sent after the upload; remembers what it was asked."""

    asked: str = ""


class Handler(BaseHTTPRequestHandler):
    """Says done to everything."""

    def do_GET(self) -> None:
        """A page to look at."""
        assert isinstance(self.server, Landing)
        if self.path.startswith("/done"):
            self.server.asked = self.path
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<p>stored</p>")

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""


@pytest.fixture
def landing() -> Iterator[Landing]:
    """A page on a port of its own."""
    with Landing(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_form_from_a_browser(shell: Shell, landing: Landing, tmp_path: Path) -> None:
    """The file is stored under its own name, and the browser goes where the form says."""
    client = boto3.client("s3", **shell.server.boto3, config=Config(signature_version="s3v4"))
    client.create_bucket(Bucket="browser")
    fields = {"success_action_redirect": f"http://127.0.0.1:{landing.server_port}/done", "x-amz-meta-said": "grüß dich"}
    conditions = [{name: value} for name, value in fields.items()]
    post = client.generate_presigned_post("browser", "up/${filename}", Fields=fields, Conditions=conditions)
    inputs = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in post["fields"].items()
    )
    content, name = 'ä quoted "line"\r\n--not a boundary', 'größe "1" ü.txt'
    page = tmp_path / "page.html"
    page.write_text(PAGE.format(action=post["url"], inputs=inputs, content=json.dumps(content), name=json.dumps(name)))
    flags = (
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        f"--user-data-dir={tmp_path / 'profile'}",
    )
    only_here = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    seen = shell.run(
        "chromium-headless-shell",
        *flags,
        only_here,
        "--timeout=60000",
        "--virtual-time-budget=5000",
        "--dump-dom",
        page.as_uri(),
    )
    assert "stored" in seen
    name = name.replace('"', "%22")  # as browsers write a quote, by HTML's own rule
    told = parse_qs(urlsplit(landing.asked).query)
    (key,) = told["key"]
    stored = client.get_object(Bucket="browser", Key=key)
    assert (key, told["bucket"], told["etag"]) == (f"up/{name}", ["browser"], [stored["ETag"]])
    assert stored["Body"].read().decode() == content
