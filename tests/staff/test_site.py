"""The built pages, the API's description, health and metrics."""

from pathlib import Path
from typing import Any

import pytest
from sanic import Sanic
from yarl import URL

import conversations.errors
import desk.errors
import staff.errors
from runtime.errors import Refusal
from staff.models import Detail, QueueAnswer, ReplyAnswer, SessionAnswer
from staff.sentences import load_sentences
from tests.desk.world import World
from tests.staff.served import Served, serve


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A built web folder, and something beside it that is nobody's business."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>desk</title>", encoding="utf-8")
    (folder / "assets" / "app-1a2b.js").write_text("export {}", encoding="utf-8")
    (folder / "favicon.svg").write_text("<svg/>", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    return folder


async def test_pages(world: World, built: Path) -> None:
    async with serve(world, built) as served:
        caller = served.nobody
        root = await caller.get("/")
        assert (root.status, root.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert root.headers["Cache-Control"] == "no-cache"
        assert "default-src 'self'" in root.headers["Content-Security-Policy"]
        assert root.headers["X-Content-Type-Options"] == "nosniff"
        for address in ("/desk", "/desk/c_1", "/sign-in?next=%2Fdesk"):
            assert (await caller.get(address)).body == root.body
        script = await caller.get("/assets/app-1a2b.js")
        assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert "immutable" in script.headers["Cache-Control"]
        assert (await caller.get("/favicon.svg")).headers["Content-Type"] == "image/svg+xml; charset=utf-8"
        same = await caller.get("/", headers={"If-None-Match": root.headers["ETag"]})
        assert (same.status, same.body) == (304, b"")
        head = await caller.call("HEAD", "/assets/app-1a2b.js")
        assert (head.status, head.body) == (200, b"")
        assert (await caller.get("/assets/app-old.js")).status == 404
        assert (await caller.post("/desk", {})).status == 405


async def test_nothing_outside_the_folder(world: World, built: Path) -> None:
    up = ("/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/assets/..%2f..%2fsecret.txt")
    async with serve(world, built) as served:
        for address in (*up, "/link.txt", "/%00", "//etc/passwd", "/assets", "/" + "x" * 3000):
            async with served.http.get(URL(served.base + address, encoded=True)) as response:
                body = await response.read()
                assert b"secret" not in body
                assert b"root:" not in body
                assert response.status in (200, 404)


async def test_the_api_never_answers_with_a_page(world: World, built: Path) -> None:
    async with serve(world, built) as served:
        for address in ("/api", "/api/v1/nothing", "/api/v2/queue"):
            answer = await served.nobody.get(address)
            assert (answer.status, answer.code) == (404, "not_found")


async def test_pages_that_are_not_built_say_how_to(served: Served, world: World, tmp_path: Path) -> None:
    answer = await served.nobody.get("/")
    assert b"make setup" in answer.body
    assert answer.headers["Cache-Control"] == "no-store"
    async with serve(world, tmp_path / "nothing") as empty:
        assert b"make setup" in (await empty.nobody.get("/desk")).body


async def test_health_and_metrics(served: Served) -> None:
    assert (await served.nobody.get("/healthz")).body == {"ok": True}
    await served.member("lin", online=True)
    await served.world.ask_for_person("o1")
    await served.world.ask_for_person("o2")
    text = (await served.nobody.get("/metrics")).body.decode()
    values = dict(line.split(" ") for line in text.splitlines() if not line.startswith("#"))
    assert values['weiting_agents{status="online"}'] == "1"
    assert values["weiting_queue_length"] == "2"
    assert values["weiting_offers"] == "0"


async def test_the_description_is_whole_and_refers_to_what_is_there(served: Served) -> None:
    description = (await served.nobody.get("/api/openapi.json")).body
    schemas = description["components"]["schemas"]

    def references(value: Any) -> set[str]:
        if isinstance(value, dict):
            own = {value["$ref"].rpartition("/")[2]} if "$ref" in value else set()
            return own.union(*map(references, value.values()))
        return set().union(*map(references, value)) if isinstance(value, list) else set()

    assert references(description) == set(schemas) - _only_top(schemas, description)
    for model in (Detail, QueueAnswer, ReplyAnswer, SessionAnswer):
        assert set(schemas[model.__name__]["properties"]) == set(model.model_fields)
    reply = description["paths"]["/api/v1/conversations/{id}/reply"]["post"]
    assert set(reply["responses"]) == {"200", "400", "401", "403", "404", "409"}
    assert "newer_message" in reply["responses"]["409"]["description"]


def _only_top(schemas: dict[str, Any], description: dict[str, Any]) -> set[str]:
    return {name for name in schemas if f"schemas/{name}" not in str(description)}


async def test_the_description_names_every_route_and_no_other(served: Served) -> None:
    """Every address that is served under /api/v1, asked without a session, is in the description; and the reverse."""
    described = (await served.nobody.get("/api/openapi.json")).body["paths"]
    (app,) = (app for name, app in Sanic._app_registry.items() if name.startswith("staff_"))
    routed = {
        (f"/{route.path}".replace("<path_id:str>", "{id}"), method.lower())
        for route in app.router.routes
        for method in route.methods
        if route.path.startswith("api/v1") and method not in ("OPTIONS", "HEAD")
    }
    assert routed == {(path, method) for path, methods in described.items() for method in methods}


def test_every_refusal_has_its_sentences() -> None:
    sentences = load_sentences()
    internal = {"refused", "lane_lost", "lease_lost", "member_unknown", "login_taken", "bad_member"}
    codes = {
        one.code
        for module in (conversations.errors, desk.errors, staff.errors)
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, Refusal)
    }
    assert codes - internal <= set(sentences)
    for code, sentence in sentences.items():
        assert sentence.en.endswith("."), code
        assert sentence.zh.endswith("。"), code
        assert 400 <= sentence.status <= 500
