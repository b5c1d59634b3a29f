"""A file with a reply, chosen, taken away and sent in a real browser; it stays chosen while the citizen writes."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from bot.db.session import Database
from bot.jobs import handoff
from bot.media.outgoing import LARGEST_BYTES
from tests.desk.inbox.chromium.conftest import Enter
from tests.desk.inbox.chromium.test_desk import findings
from tests.desk.inbox.scene import Scene
from tests.desk.people import hire

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PDF = b"%PDF-1.7\n" + bytes(3000)


def test_a_file_is_chosen_removed_and_sent(
    scene: Scene, enter: Enter, database: Database, tmp_path: Path, node_modules: Path
) -> None:
    member, case = hire(database, language="ar"), scene.ask()
    handoff.claim(case.id, by=member.id)
    page = enter(member, f"/desk/cases/{case.id}")
    chosen, said, remove = (page.locator(f"#reply-file{part}") for part in ("", "-said", "-remove"))
    (good := tmp_path / "reçu.pdf").write_bytes(PDF)
    (large := tmp_path / "large.pdf").write_bytes(PDF + bytes(LARGEST_BYTES))
    chosen.set_input_files(large)
    assert chosen.evaluate("one => one.validity.customError")
    chosen.press("Tab")
    expect(remove).to_be_focused()
    remove.press("Enter")
    expect(said).to_be_empty()
    chosen.set_input_files(good)
    expect(said).to_contain_text("reçu.pdf")
    newest = scene.write(case, "un mot de plus")
    expect(page.locator(f"#message-{newest}")).to_be_visible()
    expect(said).to_contain_text("reçu.pdf")
    assert findings(page, node_modules) == []
    page.locator(".reply-form button.btn-primary").click()
    expect(page.locator(".message.by-staff .line-file a")).to_contain_text("reçu.pdf")
    expect(said).to_be_empty()
