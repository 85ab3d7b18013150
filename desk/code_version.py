"""Which code this is, as the ledger records it."""

import subprocess
from functools import cache

import desk
from desk.settings import PROJECT

COMMIT_FILE = PROJECT / "COMMIT"  # written when an image is built


@cache
def code_version() -> str:
    """Git's commit, with `-modified` where files differ from it; without git what
    the image was built from, or the release."""
    if COMMIT_FILE.exists():
        return COMMIT_FILE.read_text().strip()
    if not (PROJECT / ".git").exists():
        return f"release {desk.__version__}"
    try:
        changed = _git("status", "--porcelain", "--untracked-files=no")
        return _git("rev-parse", "HEAD") + ("-modified" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return f"release {desk.__version__}"


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments],  # noqa: S607
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()
