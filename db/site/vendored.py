"""The chart library in `static/vendor`: which files of which packages they are, and how to fetch them anew.

`python -m db.site.vendored` fetches them from npm's registry (the one that npm is set up with), checks them against the
sums in `static/vendor/README.md`'s table, and writes the files with their licences. `--update` takes the sums of what it
fetched instead: for a new version, after its changes were looked at.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent / "static" / "vendor"
TABLE = FOLDER / "README.md"


@dataclass(frozen=True)
class Package:
    """A package of npm's registry: the one file of it that pages load."""

    name: str
    version: str
    file: str
    licence: str = "BSD-3-Clause"


PACKAGES = (
    Package("vega", "6.4.0", "build/vega.min.js"),
    Package("vega-lite", "6.4.3", "build/vega-lite.min.js"),
    Package("vega-embed", "7.3.0", "build/vega-embed.min.js"),
)

_ROW = re.compile(r"^\| `([\w.-]+)` \| ([\w-]+) ([\w.-]+) \| ([\w.-]+) \| `([0-9a-f]{64})` \|$", re.MULTILINE)
_ABOUT = """# Scripts of others

What draws the charts: [Vega-Lite](https://vega.github.io/vega-lite/), as published on npm, unchanged. Its formulas run in
Vega's own interpreter, so that the site's policy need not allow `eval`. Only pages with a chart load it, and
only when the chart comes into view. The files hold parts of d3, topojson-client and semver (ISC), fast-json-patch (MIT) and
tslib (0BSD), bundled by their makers.

To fetch the files anew: `make vendored` (needs npm). For another version, change `db/site/vendored.py` and run
`python -m db.site.vendored --update`. A test compares the files with these sums.

| File | Package | Licence | SHA-256 |
|---|---|---|---|
"""


class VendoredError(Exception):
    """A file is not what its sum says; the message names it."""


def read_sums() -> dict[str, str]:
    """SHA-256 by file name, as the README's table has them."""
    return {found[1]: found[5] for found in _ROW.finditer(TABLE.read_text("utf-8"))}


def fetch(package: Package) -> dict[str, bytes]:
    """The package's file and its licence, from npm's registry."""
    npm = shutil.which("npm")
    if npm is None:
        raise VendoredError("npm is missing: it comes with Node.js.")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([npm, "pack", "--json", f"{package.name}@{package.version}"], cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603 - our own names
        name = json.loads(done.stdout)[0]["filename"]
        with tarfile.open(fileobj=io.BytesIO((Path(folder) / name).read_bytes())) as packed:
            return {Path(package.file).name: _read(packed, package.file), f"{package.name}.LICENSE": _read(packed, "LICENSE")}


def _read(packed: tarfile.TarFile, name: str) -> bytes:
    found = packed.extractfile(f"package/{name}")
    if found is None:
        raise VendoredError(f"{name} is missing in the package.")
    return found.read()


def write_table(files: dict[str, bytes]) -> str:
    """The README: a row for each file that pages load."""
    return _ABOUT + "".join(_rows(files))


def _rows(files: dict[str, bytes]) -> Iterator[str]:
    for package in PACKAGES:
        name = Path(package.file).name
        yield f"| `{name}` | {package.name} {package.version} | {package.licence} | `{hashlib.sha256(files[name]).hexdigest()}` |\n"


def main(arguments: list[str]) -> int:
    """Fetch all; the exit code."""
    files: dict[str, bytes] = {}
    for package in PACKAGES:
        files |= fetch(package)
    table = write_table(files)
    if "--update" not in arguments and table != TABLE.read_text("utf-8"):
        print("What npm gave differs from the sums in the README: nothing was written. After a look at it: --update", file=sys.stderr)
        return 1
    FOLDER.mkdir(exist_ok=True)
    for name, content in files.items():
        (FOLDER / name).write_bytes(content)
    TABLE.write_text(table, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
