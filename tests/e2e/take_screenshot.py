"""Make the README's picture from the store that `alcore demo` filled (or ALCORE_STORE names).

python tests/e2e/take_screenshot.py
"""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PORT = 8599
TARGET = Path(__file__).parents[2] / "dashboard" / "alcore_dashboard" / "screenshot.png"
SIZE = {"width": 1200, "height": 970}


def main() -> None:
    code = f"from alcore_dashboard.launch import serve; raise SystemExit(serve({PORT}))"
    server = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    with server:
        assert server.stdout is not None
        server.stdout.readline()
        try:
            take(f"http://127.0.0.1:{PORT}/rounds")
        finally:
            server.send_signal(signal.SIGTERM)


def take(address: str) -> None:
    """The page "Accuracy per round" of the oldest experiment, which is the demonstration."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--headless", "--no-sandbox"]
        )
        page = browser.new_page(viewport=SIZE, color_scheme="light", device_scale_factor=1.5)
        page.goto(address)
        page.get_by_test_id("stVegaLiteChart").wait_for(timeout=60_000)
        page.get_by_role("combobox", name="Experiment").click()
        page.get_by_role("option").last.click()
        page.wait_for_timeout(3_000)
        page.screenshot(path=TARGET)
        browser.close()


if __name__ == "__main__":
    main()
