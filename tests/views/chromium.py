"""A running console and Debian's Chromium before it, for tests that look at pages as people do."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Playwright
from werkzeug.serving import make_server
from werkzeug.wsgi import ClosingIterator

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
MISSING = "Chromium is not installed"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)


def read_whole(app: Flask) -> Callable[..., list[bytes]]:
    """Answers that hold no file open: werkzeug's server leaves one open whose browser went away in its midst."""

    def answer(environ: Any, start_response: Any) -> list[bytes]:
        with closing(ClosingIterator(app(environ, start_response))) as body:
            return [b"".join(body)]

    return answer


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Its address."""
    server = make_server("127.0.0.1", 0, read_whole(app), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def context_of(browser: Browser, app: Flask, address: str, account: Any = None, **options: Any) -> BrowserContext:
    """A browser of its own, signed in as the account if one is given."""
    context = browser.new_context(base_url=address, **options)
    context.set_default_timeout(8000)
    if account is not None:
        serializer: Any = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        cookie = serializer.dumps({"_user_id": str(account.user_id), "_fresh": True, "epoch": account.epoch})
        context.add_cookies([{"name": "session", "value": cookie, "url": address}])
    return context
