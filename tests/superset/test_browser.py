"""What a person sees who opens the dashboards."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from desk.settings import PROJECT
from tests.api.conftest import insert_signal, publish_session
from tests.superset.browser import CHROMIUM, Screen, viewing
from tests.superset.conftest import Dashboards

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None, reason="no Chromium here (apt-get install chromium)"
    ),
]

TILES = {"today": 9, "symbol": 6, "strategies": 5, "execution": 9, "data": 9}
NOTHING = ("No results", "No data", "Unexpected error", "Error:", "Data error")
MONDAY = date(2013, 3, 4)
REFRESH_SECONDS = 10
# Pixels of a colour (red, green, blue) in the candles' canvases.
COUNT_PIXELS = """(color) => [...document.querySelectorAll('.desk-candles canvas')]
    .filter(canvas => canvas.width && canvas.height)
    .map(canvas => canvas.getContext('2d')
        .getImageData(0, 0, canvas.width, canvas.height).data)
    .reduce((count, data) => {
        for (let at = 0; at < data.length; at += 4)
            if (color.every((part, n) => Math.abs(data[at + n] - part) < 6)) count++;
        return count;
    }, 0)"""
GREEN, RED = [22, 163, 74], [220, 38, 38]


@pytest.fixture(scope="module")
def screen(dashboards: Dashboards) -> Iterator[Screen]:
    with viewing(dashboards) as screen:
        yield screen


@pytest.mark.parametrize("theme", ["default", "dark"])
@pytest.mark.parametrize("slug", TILES)
def test_every_tile_is_drawn_and_nothing_complains(
    screen: Screen,
    slug: str,
    theme: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    screen.complaints.clear()
    screen.open(slug, theme)
    tiles = screen.tiles()

    assert len(tiles) == TILES[slug]
    for title, text in tiles.items():
        assert "_" not in title + text, title
        assert not any(word in text for word in NOTHING), (title, text)
        assert screen.page.locator(".ant-alert-error").count() == 0
    assert screen.complaints == []

    light_or_dark = "light" if theme == "default" else theme
    shown = request.config.getoption("--write-readme")
    folder = PROJECT / "docs" if shown else tmp_path
    picture = folder / f"dashboard-{slug}-{light_or_dark}.png"
    screen.shoot(picture)
    assert 10_000 < picture.stat().st_size <= 300 * 1024


def test_candles_and_signals_are_painted(screen: Screen) -> None:
    screen.open("symbol")
    candles = screen.page.locator(".desk-candles")

    assert candles.get_attribute("data-symbol") == "AAPL"
    assert candles.get_attribute("data-bars") == "3270"
    assert int(candles.get_attribute("data-markers") or 0) > 100
    for color in (GREEN, RED):
        assert screen.page.evaluate(COUNT_PIXELS, color) > 1000
    assert "SMA 200" in screen.page.locator(".desk-legend").inner_text()


def find_a_signal(screen: Screen) -> str:
    """Move the mouse from the newest bar back until a signal explains itself."""
    candles = screen.page.locator(".desk-candles")
    why = screen.page.locator(".desk-why")
    for _ in range(3):  # a refresh on the way draws the chart anew
        candles.evaluate("candles => candles.scrollIntoView({block: 'center'})")
        box = candles.bounding_box()
        assert box is not None
        for x in range(int(box["width"]) - 90, 20, -4):
            screen.page.mouse.move(box["x"] + x, box["y"] + box["height"] / 3)
            if said := why.all_inner_texts():
                return str(said[0])
    raise AssertionError("no signal explains itself")


def test_a_signal_explains_itself_under_the_mouse(screen: Screen) -> None:
    screen.open("symbol")
    assert "Bollinger band" in find_a_signal(screen)


def test_the_zoom_survives_a_refresh(screen: Screen) -> None:
    screen.open("symbol")
    candles = screen.page.locator(".desk-candles > div").first
    before = candles.get_attribute("data-visible")
    candles.hover()
    screen.page.mouse.wheel(0, -600)
    screen.page.wait_for_timeout(500)
    zoomed = candles.get_attribute("data-visible")
    assert zoomed != before

    screen.page.locator(
        ".header-with-actions [aria-label=sync], [data-test=refresh-dashboard]"
    ).first.click()
    screen.page.wait_for_timeout(500)
    screen.wait_until_drawn()

    assert candles.get_attribute("data-visible") == zoomed


def test_another_symbol_is_chosen_on_top(screen: Screen) -> None:
    screen.open("symbol")
    screen.choose("Symbol", "IBM")
    screen.page.wait_for_selector(".desk-candles[data-symbol=IBM]")
    screen.wait_until_drawn()

    trades = screen.tiles()["Closed trades"]
    assert "IBM" in trades
    assert "AAPL" not in trades


def test_candles_filter_the_other_charts_and_are_filtered_by_them(
    screen: Screen,
) -> None:
    screen.open("symbol")
    one = signals_drawn(screen)
    screen.choose("Strategy", "Donchian")
    wait_for_signals(screen, f"> {one}")
    screen.wait_until_drawn()
    both = signals_drawn(screen)

    screen.page.locator("td", has_text="Donchian").first.click()
    wait_for_signals(screen, f"< {both}")
    screen.page.locator("td", has_text="Donchian").first.click()
    wait_for_signals(screen, f"== {both}")
    screen.wait_until_drawn()

    said = find_a_signal(screen).split("\n")[0]
    (strategy,) = {name for name in ("Donchian", "Bollinger breakout") if name in said}
    screen.page.mouse.down()
    screen.page.mouse.up()
    other = {"Donchian": "Bollinger breakout"}.get(strategy, "Donchian")
    screen.page.locator("td", has_text=other).first.wait_for(state="detached")
    screen.wait_until_drawn()
    assert strategy in screen.tiles()["Closed trades"]


def signals_drawn(screen: Screen) -> int:
    markers = screen.page.locator(".desk-candles").get_attribute("data-markers")
    return int(markers or 0)


def wait_for_signals(screen: Screen, condition: str) -> None:
    screen.page.wait_for_function(
        f"() => +document.querySelector('.desk-candles')?.dataset.markers {condition}"
    )


def test_a_published_signal_arrives_without_anyone_reloading(
    screen: Screen, dashboards: Dashboards
) -> None:
    screen.open("today")
    assert "the test says so" not in screen.tiles()["Latest signals"]

    with dashboards.database.connect("executor") as conn:
        publish_session(conn, MONDAY)
        insert_signal(conn, "IBM", MONDAY, {"sentence": "IBM: the test says so."})

    screen.page.get_by_text("the test says so").wait_for(
        timeout=4 * REFRESH_SECONDS * 1000
    )
