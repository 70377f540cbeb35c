"""The stage over HTTP: each refusal is one line, lessons come and go without a restart, sheets run no script."""

import json
import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, HTTPException
from lesson_bench import Bench
from training_server import application

from warmflow.sinks.web.training_api import loaded_lesson
from warmflow.training.live.actions import DEEDS
from warmflow.training.texts import texts

ROOT = Path(__file__).parents[2]
AS_JSON = {"content-type": "application/json"}


async def asked(bench, *requests):
    """Answers to (method, path, body) in their order."""

    async def main():
        transport = httpx.ASGITransport(application(bench.house))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            found = [await client.request(method, path, **more) for method, path, more in requests]
        await bench.house.close()
        return found

    return await main()


def action(name, **fields):
    return ("POST", f"/api/train/deeds/{name}", {"json": fields})


def get(path, **more):
    return ("GET", path, more)


CHOOSE = action("choose", lesson="hot-tub", way="replay")


async def test_what_a_page_asks_for_before_a_run_is_there(bench):
    lessons, one, log, all_texts = await asked(
        bench,
        get("/api/train/lessons"),
        get("/api/train/lessons/hot-tub"),
        get("/api/train/log"),
        get("/api/train/texts"),
    )
    assert len(lessons.json()["lessons"]) == 15
    assert lessons.json()["problems"] == []
    assert {"aim", "predict", "questions", "ways", "compare"} <= one.json().keys()
    assert "right" not in json.dumps(one.json()["questions"])
    assert log.json() == {"entries": []}
    assert all_texts.json() == texts().all()


@pytest.mark.parametrize(
    ("request_", "status", "words"),
    [
        (get("/api/train/lessons/hottub"), 404, "did you mean hot-tub?"),
        (get("/api/train/compare/hot-tub/99"), 404, "it has 4 comparisons"),
        (get("/api/train/compare/hot-tub/x"), 422, "which: has to be a whole number, not 'x'"),
        (action("jumpp"), 404, "did you mean jump?"),
        (action("start"), 409, "choose one first"),
        (action("choose"), 422, "lesson: is missing"),
        (action("choose", lesson="hottub"), 422, "did you mean hot-tub?"),
        (action("choose", lesson="hot-tub", speed="60"), 422, "speed: unknown field"),
        (action("choose", lesson="hot-tub", speed_x=60.5), 422, "speed_x"),
        (action("choose", lesson="x" * 20_000), 413, "at most 10000 bytes"),
        (("POST", "/api/train/deeds/start", {"content": b"{", "headers": AS_JSON}), 422, "JSON"),
        (("POST", "/api/train/deeds/start", {}), 422, "is missing"),
    ],
)  # fmt: skip
async def test_every_refusal_is_one_clear_line(bench, request_, status, words):
    [answer] = await asked(bench, request_)
    assert answer.status_code == status
    said = answer.json()["detail"]
    assert isinstance(said, str)
    assert words in said
    assert "\n" not in said


async def test_a_deed_from_a_page_that_is_not_ours_is_refused(bench):
    foreign = ("POST", "/api/train/deeds/choose", {"json": {"lesson": "hot-tub"}, "headers": {"origin": "http://evil"}})
    [answer] = await asked(bench, foreign)
    assert answer.status_code == 403
    assert bench.stage.lesson_run is None


async def test_a_lesson_is_played_by_deeds_alone(bench):
    answers = await asked(
        bench, CHOOSE, action("guess", what="peak_percent", value=20), action("start"), action("jump", step="peak")
    )
    assert [answer.json() for answer in answers] == [{"ok": True}] * 4
    assert bench.kinds() == ["guessed", "started", "reached", "jumped"]


async def test_trainees_do_not_find_a_hidden_fault_in_the_log(bench):
    requests = [CHOOSE, action("start"), action("inject", fault="leak", magnitude=0.5)]
    *_, trainee, instructor = await asked(bench, *requests, get("/api/train/log"), get("/api/train/log?as=instructor"))
    assert "leak" not in trainee.text.lower()
    [entry] = [entry for entry in instructor.json()["entries"] if entry["kind"] == "injected"]
    assert (entry["detail"], entry["group"]) == ({"fault": "leak", "magnitude": 0.5}, 1)
    assert "Leak" in entry["text"]


def test_the_openapi_document_has_every_deed_with_its_fields(bench):
    app = FastAPI()
    app.include_router(bench.house.api)
    paths = app.openapi()["paths"]
    assert {f"/train/deeds/{name}" for name in DEEDS} <= paths.keys()
    body = paths["/train/deeds/guess"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    schema = app.openapi()["components"]["schemas"][body["$ref"].rpartition("/")[2]]
    assert schema["properties"].keys() == {"what", "value"}
    for name in ("texts", "lessons", "lessons/{name}", "compare/{name}/{which}", "log"):
        assert f"/train/{name}" in paths


async def test_a_comparison_is_made_once_and_kept(bench, monkeypatch):
    made = []
    from warmflow.training.live import background_jobs

    real = background_jobs.comparison
    monkeypatch.setattr(background_jobs, "comparison", lambda *given: made.append(given) or real(*given))
    first, second = await asked(bench, *[get("/api/train/compare/hot-tub/0")] * 2)
    assert first.json() == second.json()
    assert first.json()["sides"][0]["peak_percent"] == pytest.approx(31.4, abs=0.1)
    assert len(made) == 1


async def test_the_printed_sheets_need_no_script_and_may_use_nothing_but_their_own_style(bench):
    plan, report, wrong = await asked(
        bench, get("/train/plan/hot-tub"), get("/train/report"), get("/train/plan/hottub")
    )
    for page in (plan, report):
        assert page.status_code == 200
        assert "no medical device" in page.text
        assert "<script" not in page.text
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert len(re.findall("<style", page.text)) == policy.count("sha256-") == 1
        assert not re.search(r"\sstyle=|\son\w+=", page.text), "what the policy forbids would not be shown"
    assert (wrong.status_code, "did you mean hot-tub?" in wrong.text) == (404, True)


async def test_kiosk_and_instructor_are_one_document(bench):
    kiosk, instructor = await asked(bench, get("/train"), get("/train/instructor"))
    assert kiosk.status_code == 200
    assert kiosk.text == instructor.text


async def test_the_report_of_a_session_has_what_was_done_in_it(bench):
    *_, report = await asked(
        bench, CHOOSE, action("guess", what="peak_percent", value=20), action("start"), get("/train/report")
    )
    assert "Hot tub" in report.text
    assert "20 %" in report.text


async def test_a_report_tells_a_hidden_fault_to_instructors_only(bench):
    requests = [CHOOSE, action("start"), action("inject", fault="leak", magnitude=0.5)]
    *_, trainee, instructor, _, shown = await asked(
        bench, *requests, get("/train/report"), get("/train/report?as=instructor"),
        action("reveal", fault="leak"), get("/train/report"),
    )  # fmt: skip
    leak = texts()("fault.leak")
    assert [leak in page.text for page in (trainee, instructor, shown)] == [False, True, True]


async def test_a_lesson_on_the_stage_is_told_as_it_is_played_whatever_becomes_of_its_file(tmp_path):
    (tmp_path / "lessons").mkdir()
    bench = Bench(tmp_path / "kept", tmp_path / "lessons")
    good = re.search(r"```toml\n(title = .*?)```", (ROOT / "docs" / "lessons.md").read_text(), re.S)[1]
    file = tmp_path / "lessons" / "ice-bath.toml"
    file.write_text(good)

    await bench.do("choose", lesson="ice-bath", way="replay")
    before = await loaded_lesson(bench.stage, "ice-bath")
    file.write_text(good.replace("closing =", "closingg ="))
    broken = await loaded_lesson(bench.stage, "ice-bath")
    file.unlink()
    gone = await loaded_lesson(bench.stage, "ice-bath")
    await bench.do("back")
    with pytest.raises(HTTPException, match="ice-bath"):
        await loaded_lesson(bench.stage, "ice-bath")
    assert before is broken is gone


async def test_a_lesson_file_that_is_new_is_offered_at_once_and_a_broken_one_refused_with_file_line_and_key(tmp_path):
    (tmp_path / "lessons").mkdir()
    bench = Bench(tmp_path / "kept", tmp_path / "lessons")
    good = re.search(r"```toml\n(title = .*?)```", (ROOT / "docs" / "lessons.md").read_text(), re.S)[1]
    [before] = await asked(bench, get("/api/train/lessons"))
    (tmp_path / "lessons" / "ice-bath.toml").write_text(good)
    (tmp_path / "lessons" / "broken.toml").write_text(good.replace("closing =", "closingg ="))
    after, chosen, refused = await asked(
        bench, get("/api/train/lessons"), action("choose", lesson="ice-bath"), action("choose", lesson="broken")
    )
    names = {card["name"] for card in after.json()["lessons"]} - {card["name"] for card in before.json()["lessons"]}
    assert names == {"ice-bath"}
    assert chosen.json() == {"ok": True}
    problems = {(problem["file"].rpartition("/")[2], problem["key"]): problem for problem in after.json()["problems"]}
    line = good[: good.index("closing =")].count("\n") + 1
    assert problems["broken.toml", "closingg"]["line"] == line
    assert refused.status_code == 422
    assert f"broken.toml:{line}: closingg: unknown key" in refused.json()["detail"]
