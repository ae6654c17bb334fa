"""Deploying: the files that `landed deploy` writes, and serving with the image's packages only."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import urllib.request
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from db.deployment import FILES, DeployError, Site, write_files
from db.serve import main
from tests.commands import call, command
from tests.db.public_sample import build_sample

REPOSITORY = Path(__file__).parents[2]
SITE = Site("/opt/landed/bin/landed", "/srv/landed/data", "https://facts.example.org/landed")
ENTRY = re.compile(r"^([A-Za-z0-9._-]+)==\S+[^\n]*\n(?:    --hash=\S+[^\n]*\n)+", re.MULTILINE)


@pytest.mark.parametrize("kind", FILES)
def test_files_are_complete(kind):
    for name, text in write_files(kind, SITE).items():
        assert text.endswith("\n"), name
        assert not re.search(r"@[A-Z_]+@", text)


def test_what_the_files_say():
    assert "ExecStart=/opt/landed/bin/landed --data /srv/landed/data serve --host 127.0.0.1 --port 8001 --public-url https://facts.example.org/landed/\n" in write_files("systemd", SITE)["landed-site.service"]
    assert "PrivateTmp=no" in write_files("systemd", Site("/tmp/landed", "/srv/data", "https://a.org"))["landed-site.service"]
    nginx = write_files("nginx", SITE)["nginx.conf"]
    assert "server_name facts.example.org;" in nginx
    assert "location /landed/ {" in nginx
    assert "reverse_proxy 127.0.0.1:8001" in write_files("caddy", SITE)["Caddyfile"]
    docker = write_files("docker", SITE)["Dockerfile"]
    assert "\nUSER landed\n" in docker
    assert "HEALTHCHECK" in docker
    assert docker.count("FROM ") == 2


@pytest.mark.parametrize("site", [
    Site("/x", "data", "https://a.org"), Site("/x", "/data dir", "https://a.org"), Site("/x", "/data\nExecStart=/bin/sh", "https://a.org"), Site("/x %h", "/data", "https://a.org"),
    Site("/x", "/data", "a.org"), Site("/x", "/data", "https://a.org/;}"), Site("/x", "/data", "https://a.org", user="root x"),
])
def test_options_that_cannot_be_written(site):
    with pytest.raises(DeployError):
        write_files("systemd", site)


def test_systemd_reads_the_unit(tmp_path):
    tool = shutil.which("systemd-analyze")
    if not tool:
        pytest.skip("systemd-analyze is not installed here")
    unit = tmp_path / "landed-site.service"
    unit.write_text(write_files("systemd", Site(sys.executable, "/srv/landed/data", "https://a.org"))[unit.name])
    done = subprocess.run([tool, "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.engine
def test_command(tmp_path):
    deploy = command("--data", tmp_path, "deploy")
    shown = call([*deploy, "caddy", "--public-url", "https://facts.example.org"])
    assert shown.returncode == 0
    assert "facts.example.org {" in shown.stdout
    assert call([*deploy, "docker", "--public-url", "https://facts.example.org", "--into", str(tmp_path / "out")]).returncode == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"Dockerfile", "Dockerfile.dockerignore"}
    refused = call([*deploy, "nginx", "--public-url", "nonsense"])
    assert refused.returncode == 2
    assert "public address" in refused.stderr


def test_the_images_packages_are_those_of_the_lock():
    everything = {found[0] for found in ENTRY.finditer((REPOSITORY / "requirements.lock").read_text())}
    image = (REPOSITORY / "db" / "deploy" / "requirements.lock").read_text()
    found = [entry[0] for entry in ENTRY.finditer(image)]
    assert len(found) > 20
    assert set(found) <= everything
    assert "".join(found) == image


def test_serving_needs_only_the_images_packages(tmp_path):
    database = build_sample(tmp_path / "facts.db")
    locked = {found[1].lower().replace("_", "-").replace(".", "-") for found in ENTRY.finditer((REPOSITORY / "db" / "deploy" / "requirements.lock").read_text())}
    missing = sorted(name for name, owners in packages_distributions().items()
                     if not {owner.lower().replace("_", "-").replace(".", "-") for owner in owners} & (locked | {"landed"}) and not name.startswith("_") and name not in {"coverage", "db", "crawlers", "extract"})
    script = f"""
import asyncio, importlib.abc, importlib.metadata, sys
class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {set(missing) | {"crawlers", "extract", "landed"}!r}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
points = importlib.metadata.Distribution.entry_points
kept = {sorted(locked)!r}
importlib.metadata.Distribution.entry_points = property(lambda self: points.fget(self) if (self.metadata["Name"] or "").lower().replace("_", "-") in kept else ())
from pathlib import Path
from db.serve import build_app, close_app
app = build_app(Path({str(database)!r}))
for path in ("/", "/facts/facts", "/search?q=express", "/facts/draws.json", "/feeds/events.atom", "/feeds/dates.ics", "/query", "/data"):
    answer = asyncio.run(app.client.get(path))
    assert answer.status_code == 200, (path, answer.text[:500])
close_app(app)
print("served")
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.stdout == "served\n", done.stderr


@pytest.mark.engine
def test_module_serves_and_checks(tmp_path):
    database = build_sample(tmp_path / "facts.db")
    process = subprocess.Popen([sys.executable, "-m", "db.serve", str(database), "--port", "0"], cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        address = re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())[0]
        with urllib.request.urlopen(address, timeout=10) as response:
            assert b"Landed" in response.read()
        assert main(["--check", f"{address}-/versions.json"]) == 0
        assert main(["--check", f"{address}nothing"]) == 1
    finally:
        process.terminate()
        process.communicate(timeout=20)
    assert main(["--check", f"{address}-/versions.json"]) == 1
    assert main(["--check", "file:///etc/passwd"]) == 1
    assert main([str(tmp_path / "none.db")]) == 1
