"""The headers, and the promise that nothing is inline."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .fake_app import ROOT
from .test_pages import PAGES

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def test_every_answer_carries_the_policy(client):
    for path in ("/", "/healthz", "/nowhere", "/static/favicon.svg"):
        policy = client.get(path).headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy


def test_the_other_headers(client):
    headers = client.get("/").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_https_is_insisted_on_only_where_it_is_in_use(client):
    assert "Strict-Transport-Security" not in client.get("/").headers
    assert "Strict-Transport-Security" in client.get("/", base_url="https://localhost").headers


def test_pages_of_a_person_are_kept_nowhere(client, enter):
    assert client.get("/").headers["Cache-Control"] == "private, no-cache"
    assert enter("member").get("/").headers["Cache-Control"] == "no-store"
    assert enter("visitor").get("/").headers["Cache-Control"] == "no-store"


def test_a_part_of_a_page_is_not_taken_for_the_page(client):
    assert {"Cookie", "X-Partial"} <= set(client.get("/").vary)


def test_versioned_static_files_are_kept_for_good_and_others_are_not(client):
    url = re.search(r'href="(/static/v/[^"]+tokens.css)"', client.get("/").text)
    assert url
    assert "immutable" in client.get(url[1]).headers["Cache-Control"]
    old = re.sub("/v/[^/]+/", "/v/000000000000/", url[1])
    assert client.get(old).headers["Cache-Control"] == "no-cache"


def test_static_files_stay_inside_their_folder(client):
    assert client.get("/static/v/x/../../app.py").status_code == 404
    assert client.get("/static/v/x/..%2f..%2fapp.py").status_code == 404


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_holds_anything_inline(template: Path):
    source = template.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)", source)
    assert not re.search(r"<style\b", source)
    assert not re.search(r"\sstyle\s*=", source)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", source)
    assert "javascript:" not in source
    assert "|safe" not in source.replace(" ", "")


@pytest.mark.parametrize("path", [*PAGES, "/s/quoted", "/s/visitor", "/s/confirmed", "/nowhere"])
def test_every_form_that_posts_carries_a_token(enter, path):
    page = enter("modeler").get(path).text
    for form in re.findall(r"<form\b.*?</form>", page, re.S):
        assert 'method="post"' not in form or 'name="csrf_token"' in form


@pytest.mark.parametrize(
    "path",
    ["/c/drugs/submissions", "/s/quoted/commit", "/s/quoted/withdraw", "/c/drugs/judge", "/c/drugs/qualify", "/register", "/login", "/logout", "/me/settings/password", "/me/settings/sessions/2/end",
     "/console/c/drugs/machines/train", "/console/c/drugs/machines/register", "/console/c/drugs/machines/drugs/1/activate", "/console/c/drugs/machines/drugs/1/evaluate"],
)  # fmt: skip
def test_a_post_without_a_token_does_nothing_and_says_so(services, enter, path):
    answer = enter("member").post(path, data={"url": "https://a.example/"})
    assert answer.status_code == 400
    assert "nothing was sent and nothing was changed" in answer.text
    assert {name for name, _, _ in services.calls} <= {"find_account"}
