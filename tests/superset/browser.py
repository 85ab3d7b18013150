"""A person at the dashboards: a real browser, logged in as the viewer."""

import io
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright
from playwright.sync_api import TimeoutError as TooLateError

from tests.superset.conftest import Dashboards

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = next(filter(None, map(shutil.which, PROGRAMS)), None)
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
    "--disable-background-networking",
)
SIZE: ViewportSize = {"width": 1500, "height": 1000}
ALL_DRAWN = """() => {
    const tiles = [...document.querySelectorAll('.dashboard-component-chart-holder')];
    return tiles.length > 0
        && tiles.every(tile => tile.querySelector('.slice_container'))
        && !document.querySelector('.loading, [data-test=loading-indicator]');
}"""
SECONDS = 90


@contextmanager
def viewing(dashboards: Dashboards) -> Iterator["Screen"]:
    """A screen with the first dashboard on it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(FLAGS), chromium_sandbox=False
        )
        page = browser.new_page(viewport=SIZE)
        page.set_default_timeout(SECONDS * 1000)
        screen = Screen(page, dashboards.superset.url)
        page.goto(f"{screen.url}/login/")
        page.fill("[data-test=username-input]", "viewer")
        page.fill("[data-test=password-input]", dashboards.superset.viewer_password)
        page.click("[data-test=login-button]")
        page.wait_for_url("**/superset/dashboard/today/")
        yield screen
        browser.close()


class Screen:
    """One page of the browser, and what it complained about."""

    SETTLE_SECONDS = 0.7  # charts animate

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.complaints: list[str] = []
        page.on("console", lambda said: self._note(said.type, said.text))
        page.on("pageerror", lambda error: self._note("error", str(error)))

    def _note(self, kind: str, text: str) -> None:
        if kind == "error":
            self.complaints.append(text)

    def open(self, slug: str, theme: str = "default") -> None:
        """A dashboard, all of its tiles drawn; `theme` default or dark."""
        self.page.evaluate(
            "theme => localStorage.setItem('superset-theme-mode', theme)", theme
        )
        self.page.goto(f"{self.url}/superset/dashboard/{slug}/")
        self.wait_until_drawn()

    def wait_until_drawn(self) -> None:
        """Nothing loads any more; says what stands there if that takes too long."""
        try:
            self.page.wait_for_function(ALL_DRAWN)
            self.page.wait_for_timeout(1000 * self.SETTLE_SECONDS)
            self.page.wait_for_function(ALL_DRAWN)
        except TooLateError:
            said = self.page.locator("body").inner_text()
            raise AssertionError(f"{self.complaints} {said}") from None

    def tiles(self) -> dict[str, str]:
        """Each tile's title and what stands in it."""
        found = self.page.locator(".dashboard-component-chart-holder").all()
        return {
            tile.locator("[data-test=editable-title], .header-title")
            .first.inner_text()
            .strip(): tile.inner_text()
            for tile in found
        }

    def choose(self, name: str, value: str) -> None:
        """Set one of the filters on top, and apply it."""
        box = self.page.locator("[data-test=filter-bar], .filter-item-wrapper").locator(
            f"xpath=.//*[normalize-space(text())='{name}']/ancestor::*"
            "[.//*[contains(@class,'ant-select')]][1]"
        )
        box.locator(".ant-select").first.click()
        option = re.compile(f"^{re.escape(value)}$")
        self.page.locator(".ant-select-item-option").filter(
            has_text=option
        ).first.click()
        self.page.keyboard.press("Escape")
        self.page.locator("[data-test=filter-bar__apply-button]").click()

    def shoot(self, file: Path) -> None:
        """A picture of the whole dashboard, however long."""
        grid = self.page.locator(".grid-container")
        below = grid.evaluate("grid => grid.getBoundingClientRect().top") or 0
        height = grid.evaluate("grid => grid.scrollHeight")
        tall = int(below + height) + 16
        self.page.set_viewport_size({"width": SIZE["width"], "height": tall})
        self.wait_until_drawn()
        picture = Image.open(io.BytesIO(self.page.screenshot()))
        picture.convert("RGB").quantize(256).save(file, optimize=True)
        self.page.set_viewport_size(SIZE)
