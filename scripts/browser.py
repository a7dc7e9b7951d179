"""Find Chromium for the tests that open pages, and install it where an unattended run as root may do that.

`python -m scripts.browser` says when there is none; only an unattended run takes that for a failure.
"""

import os
import shutil
import sys

from scripts.environment import can_install_packages, quiet, say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",  # the pages are our own, and root has no sandbox
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""What keeps Chromium to itself."""


def found() -> str | None:
    """Where Chromium is, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def unattended() -> bool:
    """True where nobody could install what is missing by hand, and leaving tests out would go unseen."""
    return os.environ.get("CI") == "true"


def main() -> int:
    """Exit 0 unless an unattended run has no Chromium and cannot install it."""
    if found():
        return 0
    if can_install_packages():
        say("Installing Chromium for the tests that open pages ...")
        quiet("apt-get", "update")
        quiet("apt-get", "install", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core")
    if found():
        return 0
    say(
        "No Chromium here: tests that open pages in a browser are left out (on Debian: apt-get install chromium)."
    )
    return int(unattended())


if __name__ == "__main__":
    sys.exit(main())
