"""Chromium without a window, and what tests ask of a page in it."""
import json
import shutil
import tempfile
import time

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

PATIENCE = 60  # seconds; the machine may be busy


class Browser:
    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="tkt-browser-")
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update", "--disable-sync",
                     "--disable-dev-shm-usage", "--ignore-certificate-errors", "--lang=en",
                     f"--user-data-dir={self.profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(service=Service(executable_path="/usr/bin/chromedriver"), options=options)
        self.resize(1280, 900)

    def close(self):
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    def resize(self, width, height, ratio=1):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": ratio, "mobile": False})

    def scheme(self, name):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": name}]})

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def text(self, selector):
        """What stands there for people; empty where there is nothing, or it is hidden."""
        return self.run("const e = document.querySelector(arguments[0]); return e?.checkVisibility() ? e.innerText : '';", selector)

    def wait(self, what, condition):
        """The condition's first true value."""
        end = time.monotonic() + PATIENCE
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > end:
                raise AssertionError(f"did not happen: {what}; the page says:\n{self.text('body')[:3000]}")
            time.sleep(0.05)

    def complaints(self):
        """Errors of the console since the last call."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")
                and "willReadFrequently" not in entry["message"]]  # tests read what was drawn, the page does not

    def requests(self):
        """Addresses asked for since the last call."""
        urls = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            url = message.get("params", {}).get("request", {}).get("url", "")
            # Not those of the page with which the browser begins.
            if message["method"] == "Network.requestWillBeSent" and not url.startswith(("chrome:", "data:", "about:")):
                urls.append(url)
        return urls
