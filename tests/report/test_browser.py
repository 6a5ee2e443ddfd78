"""The report in a real browser: it loads without errors, filters and links work, transcripts stay text, and it is accessible."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from runs import HOSTILE, hostile, said, team, write_run

from trustcoach.pipeline import Coach
from trustcoach.report.render import write_report

pytestmark = pytest.mark.slow

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = (390, 1024, 1600)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not BROWSER:
        pytest.skip("no chromium here; on Debian: apt-get install -y chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A tab that must not log an error, break a policy or ask the network for anything."""
    tab = browser.new_page(viewport={"width": 1024, "height": 800})
    errors: list[str] = []
    tab.on("console", lambda m: errors.append(m.text) if m.type in {"error", "warning"} else None)
    tab.on("pageerror", lambda e: errors.append(str(e)))
    tab.on("request", lambda r: errors.append(r.url) if not r.url.startswith("file://") else None)
    yield tab
    tab.close()
    assert errors == []


@pytest.fixture(scope="module")
def reports(rules_only: Coach, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("reports")
    runs = {"team": team(60), "bad": hostile(), "none": [said("a", ("unknown", "X", "hello"))], "split": team(120)}
    made = {}
    for name, conversations in runs.items():
        run = write_run(rules_only, conversations, folder / name)
        large = 100 if name == "split" else 1500
        made[name] = write_report(
            run, folder / f"{name}.html", agent_names=True, redact=name != "bad", large=large
        ).path.as_uri()
    return made


def visit(page: Any, address: str) -> None:
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector("html[data-ready]")


def shows(page: Any, text: str, *, but: str | None = None) -> None:
    """Wait until the line above the list says *text* and no longer *but*."""
    from playwright.sync_api import expect

    expect(page.locator("#found")).to_contain_text(text)
    if but:
        expect(page.locator("#found")).not_to_contain_text(but)


@pytest.mark.parametrize("name", ["team", "bad", "none", "split"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_loads_and_fits_its_window(page: Any, reports: dict[str, str], name: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    first = page.evaluate("'#/'")
    visit(page, reports[name] + first)
    ids = page.evaluate("List.rows.slice(0, 8).map((r) => r.id)")
    agents = page.evaluate("[...document.querySelectorAll('[data-agent]')].map((a) => a.dataset.agent)")
    hashes = ["#/", "#/conversations"]
    hashes += page.evaluate("(ids) => ids.map((id) => List.link(id))", ids)
    hashes += page.evaluate("(names) => names.map((n) => '#/agent/' + encodeURIComponent(n))", agents)
    for at in hashes:
        visit(page, reports[name] + at)
        assert page.locator("main h1:visible").count() == 1, at
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, at


def test_filters_search_sorting_and_pages(page: Any, reports: dict[str, str]) -> None:
    visit(page, reports["team"] + "#/conversations")
    found = page.locator("#found")
    assert found.inner_text() == "60 conversations"
    page.select_option("[name=outcome]", "breached")
    page.select_option("[name=behaviour]", "privacy.security")
    shows(page, "20 of 60 conversations")
    assert "behaviour=privacy.security" in page.url
    assert "outcome=breached" in page.url
    page.select_option("[name=agent]", "Maya Okafor")
    shows(page, "of 60 conversations", but="20 of 60 conversations")
    assert all(c == "Maya Okafor" for c in page.locator("#list tbody td:nth-child(2)").all_inner_texts())
    page.click("button[type=reset]")
    shows(page, "60 conversations", but=" of ")
    page.fill("[name=q]", "chat-00007")
    shows(page, "1 of 60 conversations")
    page.fill("[name=q]", "patience else")
    shows(page, "60 conversations", but=" of ")
    page.fill("[name=q]", "")
    page.fill("[name=from]", "2025-03-10")
    page.fill("[name=to]", "2025-03-10")
    shows(page, "2 of 60 conversations")
    page.fill("[name=min]", "101")
    page.wait_for_selector("text=Nothing fits these filters")
    visit(page, reports["team"] + "#/conversations")
    page.click("#next")
    assert page.locator("#page").inner_text() == "Page 2 of 2"
    page.click("#list th[data-key=score] button")
    assert page.locator("#list th[aria-sort=ascending]").inner_text().startswith("Score")
    page.go_back()


def test_deep_links_keyboard_and_tables(page: Any, reports: dict[str, str]) -> None:
    visit(page, reports["team"] + "#/conversation/chat-00003/1")
    assert page.evaluate("document.activeElement.id") == "turn-1"
    assert page.locator("#turn-1 .verdict.breached").count() >= 1
    assert page.locator("#turn-1 mark.breached").first.inner_text() in page.locator("#turn-1 .text").inner_text()
    page.click("text=Open all advice")
    assert page.locator("details.verdict:not([open])").count() == 0
    visit(page, reports["team"] + "#/conversation/nobody")
    assert "no such conversation" in page.locator("h1:visible").inner_text()
    visit(page, reports["team"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.click(".sortable th:nth-child(3) button")
    numbers = [int(n) for n in page.locator(".sortable").first.locator("tbody td:nth-child(3)").all_inner_texts()]
    assert numbers == sorted(numbers, reverse=True)


def test_large_runs_load_their_conversations_on_demand(page: Any, reports: dict[str, str]) -> None:
    visit(page, reports["split"] + "#/conversation/chat-00110")
    assert page.locator("#view-conversation .chat .turn").count() == 4
    assert page.evaluate("Store.loaded()") == ["2"]


def test_words_of_a_large_run_are_found_on_disk(page: Any, reports: dict[str, str], tmp_path: Path) -> None:
    visit(page, reports["split"] + "#/conversations")
    page.fill("[name=q]", "password")
    shows(page, "40 of 120 conversations")
    page.fill("[name=q]", "Passw upset? PIN")
    shows(page, "40 of 120 conversations")
    page.fill("[name=q]", "password check")
    page.wait_for_selector("text=Nothing fits these filters")
    page.fill("[name=q]", "chat-00007")
    shows(page, "1 of 120 conversations")
    visit(page, reports["split"] + "#/conversations?q=i%27m+upset")
    shows(page, "120 conversations", but=" of ")
    assert all(name.startswith("words-") for name in page.evaluate("Store.loaded()"))


def test_printing_opens_advice_and_hides_controls(page: Any, reports: dict[str, str]) -> None:
    visit(page, reports["team"] + "#/conversation/chat-00003")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#view-conversation details.verdict:not(.idea):not([open])").count() == 0
    assert page.locator("button:visible").count() == 0
    assert page.locator("#turn-1 .advice-text:visible").count() >= 1
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("#view-conversation details.verdict:not([open])").count() >= 1
    page.emulate_media(media="screen")


def test_transcripts_stay_text(page: Any, reports: dict[str, str]) -> None:
    for i, text in enumerate(HOSTILE[:3]):
        visit(page, f"{reports['bad']}#/conversation/bad-{i}")
        assert text in page.locator("#turn-1 .text").inner_text()
        assert page.evaluate("window.owned") is None
        assert page.locator("main img, main script").count() == 0


def test_other_scripts_emoji_long_words_and_nameless_agents(page: Any, reports: dict[str, str]) -> None:
    visit(page, f"{reports['bad']}#/conversation/bad-4")
    assert page.evaluate("getComputedStyle(document.querySelector('#turn-0 .text')).direction") == "rtl"
    assert page.evaluate("getComputedStyle(document.querySelector('#turn-1 .verdict')).direction") == "ltr"
    visit(page, f"{reports['bad']}#/conversation/bad-5")
    assert "sorry to hear" in [t.lower() for t in page.locator("#turn-1 mark.shown").all_inner_texts()]
    visit(page, f"{reports['bad']}#/conversation/bad-3")
    assert page.evaluate("document.querySelector('#turn-1 .bubble').scrollWidth <= innerWidth")
    visit(page, f"{reports['bad']}#/agent/Unnamed%20agent")
    assert page.locator("h1:visible").inner_text() == "Unnamed agent"


def test_ten_thousand_turns(page: Any, reports: dict[str, str]) -> None:
    visit(page, f"{reports['bad']}#/conversation/long")
    assert page.locator("#view-conversation .chat .turn").count() == 200
    page.click("text=Show 200 more")
    assert page.locator("#view-conversation .chat .turn").count() == 400
    visit(page, f"{reports['bad']}#/conversation/long/9999")
    assert page.evaluate("document.activeElement.id") == "turn-9999"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("at", ["#/", "#/conversations", "#/conversation/chat-00003", "#/agent/Maya%20Okafor"])
def test_an_accessibility_checker_finds_no_fault(page: Any, reports: dict[str, str], at: str, scheme: str) -> None:
    import axe_core_python

    page.emulate_media(color_scheme=scheme)
    visit(page, reports["team"] + at)
    page.evaluate((Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    faults = page.evaluate("async () => (await axe.run(document)).violations")
    assert [(f["id"], f["impact"], [n["target"] for n in f["nodes"]][:3]) for f in faults] == []
