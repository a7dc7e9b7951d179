"""Find the programs that some tests need beside Python, and install them where an unattended run as root may do that.

`python -m scripts.tools` says which there are not; only an unattended run takes that for a failure.
"""

import os
import shutil
import sys
from dataclasses import dataclass

from scripts.environment import can_install_packages, quiet, say


@dataclass(frozen=True)
class Tool:
    """A program under one of some names, the Debian packages that bring it, and what is not tested without it."""

    title: str
    names: tuple[str, ...]
    packages: tuple[str, ...]
    without: str

    def found(self) -> str | None:
        """Where it is, or None."""
        return next(filter(None, map(shutil.which, self.names)), None)

    def provide(self) -> bool:
        """Install it where that is allowed; whether it is there."""
        if not self.found() and can_install_packages():
            say(f"Installing {self.title} ...")
            quiet("apt-get", "update")
            quiet("apt-get", "install", "-y", "--no-install-recommends", *self.packages)
        if self.found():
            return True
        say(f"No {self.title} here: {self.without} (on Debian: apt-get install {self.packages[0]}).")
        return False


CHROMIUM = Tool(
    "Chromium",
    ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    ("chromium", "fonts-dejavu-core"),
    "tests that open pages in a browser are left out",
)
CHROMIUM_FLAGS = (
    "--no-sandbox",  # the pages are our own, and root has no sandbox
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""What keeps Chromium to itself."""
JDK = Tool(
    "Java development kit",
    ("javac",),
    ("default-jdk-headless",),
    "of the peer Timefold only what it says without one is tested",
)


def unattended() -> bool:
    """True where nobody could install what is missing by hand, and leaving tests out would go unseen."""
    return os.environ.get("CI") == "true"


def main() -> int:
    """Exit 0 unless an unattended run lacks one and cannot install it."""
    there = [tool.provide() for tool in (CHROMIUM, JDK)]
    return int(unattended() and not all(there))


if __name__ == "__main__":
    sys.exit(main())
