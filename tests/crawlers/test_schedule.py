"""Schedules: each unit is read back by a strict reader of its format, and hostile options arrive whole or are refused."""

from __future__ import annotations

import itertools
import json
import re
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from crawlers.schedule import (
    ACTIONS,
    SCHEDULES,
    Options,
    ScheduleError,
    show_files,
    write_cron,
    write_github_actions,
    write_systemd,
)

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = Options("/opt/landed/bin/landed", "/var/lib/landed", contact="https://harbour.example/bot")
HOSTILE = "/srv/a b%c d's \"$HOME\" `x` ;&|*?#!~ é{}()[]<>=,:"
"""All that a folder's name may hold, but for line breaks and backslashes."""
EVERY = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440]
PATHS = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, blacklist_characters="\\\x7f", blacklist_categories=("Cc", "Zl", "Zp")), min_size=1, max_size=30).map(
    lambda text: "/" + text.strip(),
).filter(lambda path: path == path.strip())


def words(options: Options) -> list[str]:
    """The command line that a schedule must start."""
    sources = ["--sources", options.sources] if options.sources else []
    contact = ["--contact", options.contact] if options.contact else []
    return [options.landed, "--data", options.data, *sources, *contact, "run", "--due"]


# ---------------------------------------------------------------- cron


def read_crontab(text: str, *, with_user: bool) -> tuple[dict[str, str], list[tuple[list[set[int]], str, str]]]:
    """Variables and entries (minutes, hours, days, months, weekdays; user; command) of a crontab, read as Vixie's cron does.

    A line that is neither a comment nor a variable nor an entry is an error, as are more than 1,000 characters and a
    last line without an end.
    """
    assert text.endswith("\n"), "cron ignores a last line that doesn't end"
    variables, entries = {}, []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if found := re.fullmatch(r"([A-Za-z_]\w*)\s*=\s*(.*)", line):
            variables[found[1]] = found[2].strip("\"'")
            continue
        *fields, rest = line.split(None, 5)
        ranges = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)]
        assert len(fields) == 5, line
        times = [read_field(field, *limits) for field, limits in zip(fields, ranges, strict=True)]
        user = ""
        if with_user:
            user, rest = rest.split(None, 1)
        assert len(rest) <= 999
        entries.append((times, user, unescape_percent(rest)))
    return variables, entries


def read_field(field: str, low: int, high: int) -> set[int]:
    values: set[int] = set()
    for part in field.split(","):
        found = re.fullmatch(r"(?:\*|(\d+)(?:-(\d+))?)(?:/(\d+))?", part)
        assert found, part
        first = low if found[1] is None else int(found[1])
        last = high if found[1] is None else int(found[2] or found[1])
        assert low <= first <= last <= high, part
        assert found[3] is None or found[2] or found[1] is None, f"{part}: a step needs a range"
        values |= set(range(first, last + 1, int(found[3] or 1)))
    return values


def unescape_percent(command: str) -> str:
    """What cron hands to the shell: a backslash before % goes, and a bare % would end the command."""
    out, escaped = [], False
    for char in command:
        if escaped:
            if char == "%":
                out.pop()
            escaped = False
        elif char == "\\":
            escaped = True
        else:
            assert char != "%", "the command ends here"
        out.append(char)
    return "".join(out)


def test_a_crontab_of_ones_own():
    variables, ((times, user, command),) = read_crontab(write_cron(PLAIN), with_user=False)
    assert shlex.split(command) == words(PLAIN)
    assert times == [{0, 10, 20, 30, 40, 50}, set(range(24)), set(range(1, 32)), set(range(1, 13)), set(range(8))]
    assert user == ""
    assert variables == {"SHELL": "/bin/sh", "PATH": "/usr/local/bin:/usr/bin:/bin", "MAILTO": ""}


def test_a_file_for_cron_d_names_the_user():
    options = Options(PLAIN.landed, PLAIN.data, user="landed")
    _, ((_, user, command),) = read_crontab(write_cron(options), with_user=True)
    assert user == "landed"
    assert shlex.split(command) == words(options)


@given(PATHS, PATHS, st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, blacklist_characters="\\", blacklist_categories=("Cc",)), max_size=30))
def test_any_path_reaches_the_shell_whole(landed, data, contact):
    options = Options(landed, data, data, contact)
    _, ((_, _, command),) = read_crontab(write_cron(options), with_user=False)
    assert shlex.split(command) == words(options)


def test_a_shell_starts_the_command_with_these_very_words(tmp_path: Path):
    folder = tmp_path / HOSTILE.lstrip("/").replace("/", "-")
    folder.mkdir()
    landed = folder / "landed"
    landed.write_text('#!/bin/sh\nprintf "%s\\n" "$0" "$@"\n', encoding="utf-8")
    landed.chmod(0o755)
    options = Options(str(landed), HOSTILE, HOSTILE, "o'brien@harbour.example $(id) `id` 100%")
    variables, ((_, _, command),) = read_crontab(write_cron(options), with_user=False)
    done = subprocess.run([variables["SHELL"], "-c", command], capture_output=True, check=True, text=True, timeout=10, env={"PATH": variables["PATH"]})
    assert done.stdout.splitlines() == words(options)


@pytest.mark.parametrize("every", EVERY)
def test_the_interval_is_kept_over_the_hours_and_the_day(every):
    _, (((minutes, hours, *_), _, _),) = read_crontab(write_cron(Options(PLAIN.landed, PLAIN.data, every=every)), with_user=False)
    moments = sorted(60 * hour + minute for hour in hours for minute in minutes)
    assert {later - earlier for earlier, later in zip(moments, [*moments[1:], moments[0] + 1440], strict=True)} == {every}


# ---------------------------------------------------------------- systemd


def read_unit(text: str) -> dict[str, dict[str, str]]:
    """Sections and settings of a unit file, each setting once."""
    unit: dict[str, dict[str, str]] = {}
    section: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if found := re.fullmatch(r"\[(\w+)\]", line):
            assert found[1] not in unit
            section = unit[found[1]] = {}
            continue
        name, equals, value = line.partition("=")
        assert equals, line
        assert re.fullmatch(r"[A-Z][A-Za-z]+", name), line
        assert name not in section, line
        assert not line.endswith("\\"), line
        section[name] = value
    return unit


def read_words(value: str, *, command: bool) -> list[str]:
    """The words of a setting, as systemd.syntax(7) and systemd.service(5) read them: quotes, escapes, specifiers, and in arguments $."""
    found = []
    for quoted in re.findall(r'"((?:[^"\\]|\\.)*)"(?:\s+|$)', value):
        word = re.sub(r'\\(["\\])', r"\1", quoted)
        assert not re.search(r"%(?!%)", word.replace("%%", "")), f"a specifier in {word!r}"
        word = word.replace("%%", "%")
        if command and found:
            assert "$" not in word.replace("$$", ""), f"a variable in {word!r}"
            word = word.replace("$$", "$")
        found.append(word)
    return found


def test_a_service_and_its_timer():
    files = write_systemd(PLAIN)
    assert list(files) == ["landed.service", "landed.timer"]
    service, timer = read_unit(files["landed.service"])["Service"], read_unit(files["landed.timer"])
    assert read_words(service["ExecStart"], command=True) == words(PLAIN)
    assert service["Type"] == "oneshot"
    assert service["User"] == "landed"
    # Exit code 1 must show as a failure.
    assert "SuccessExitStatus" not in service
    assert "Restart" not in service
    assert read_words(service["ReadWritePaths"], command=False) == ["/var/lib/landed"]
    assert service["ProtectSystem"] == "strict"
    assert service["NoNewPrivileges"] == "yes"
    assert timer["Timer"] == {"OnCalendar": "*:0/10", "RandomizedDelaySec": "60", "Persistent": "true"}
    assert timer["Install"] == {"WantedBy": "timers.target"}
    # The timer starts the unit of its own name.
    assert "Unit" not in timer["Timer"]
    assert read_unit(write_systemd(Options(PLAIN.landed, PLAIN.data, user="crawler"))["landed.service"])["Service"]["User"] == "crawler"


@given(PATHS.filter(lambda path: not set(path) & set("'\"")), PATHS, st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, blacklist_characters="\\", blacklist_categories=("Cc",)), max_size=30))
def test_any_path_reaches_systemd_whole(landed, data, contact):
    options = Options(landed, data, data, contact)
    service = read_unit(write_systemd(options)["landed.service"])["Service"]
    assert read_words(service["ExecStart"], command=True) == words(options)
    assert read_words(service["ReadWritePaths"], command=False) == [data]


def test_temporary_folders_stay_visible_to_a_job_that_lives_there():
    def private(options: Options) -> str:
        return read_unit(write_systemd(options)["landed.service"])["Service"]["PrivateTmp"]

    assert private(PLAIN) == "yes"
    assert private(Options("/tmp/venv/bin/landed", "/var/lib/landed")) == "no"
    assert private(Options("/opt/landed", "/var/tmp/data")) == "no"
    assert private(Options("/opt/landed", "/tmpdata")) == "yes"


@pytest.fixture
def analyze() -> str:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd-analyze is not installed here")
    return tool


@pytest.mark.parametrize("folder", ["plain", "with space", "per%cent %h", "dollar$HOME ${x}", "semi;colon #hash", "caf\u00e9"])
def test_systemd_finds_nothing_wrong(analyze, folder, tmp_path):
    (tmp_path / folder).mkdir()
    landed = tmp_path / folder / "landed"
    landed.write_text("#!/bin/sh\n", encoding="utf-8")
    landed.chmod(0o755)
    for every in (1, 10, 30, 60, 720):
        files = write_systemd(Options(str(landed), HOSTILE, f"/srv/{folder}", 'the "operator" 100% $HOME', every))
        paths = []
        for name, text in files.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
            paths.append(str(tmp_path / name))
        done = subprocess.run([analyze, "verify", *paths], capture_output=True, check=False, text=True, timeout=30)
        # It also complains of the machine's own units; ours are named.
        complaints = [line for line in done.stderr.splitlines() if "landed" in line]
        assert (done.returncode, complaints) == (0, []), done.stderr


@pytest.mark.parametrize("every", EVERY)
def test_the_calendar_is_one_that_systemd_reads(analyze, every):
    timer = read_unit(write_systemd(Options(PLAIN.landed, PLAIN.data, every=every))["landed.timer"])["Timer"]
    done = subprocess.run([analyze, "calendar", "--iterations=3", "--base-time=2026-08-07 00:00:00 UTC", timer["OnCalendar"]], capture_output=True, check=False, text=True, timeout=10, env={"TZ": "UTC"})
    assert done.returncode == 0, done.stderr
    times = re.findall(r"(?:Next elapse|#\d): \w+ (\d{4}-\d\d-\d\d) (\d\d):(\d\d):00", done.stdout)
    minutes = [int(day[-2:]) * 1440 + int(hour) * 60 + int(minute) for day, hour, minute in times]
    assert [later - earlier for earlier, later in itertools.pairwise(minutes)] == [every, every]
    assert int(timer["RandomizedDelaySec"]) < every * 60


# ---------------------------------------------------------------- GitHub Actions

STEP_KEYS = {"name", "uses", "with", "run", "if", "id", "env", "shell", "continue-on-error", "timeout-minutes", "working-directory"}
INPUTS = {
    "actions/checkout": {"persist-credentials": bool},
    "actions/setup-python": {"python-version": str, "cache": str, "cache-dependency-path": str},
    "actions/cache/restore": {"path": str, "key": str, "restore-keys": str},
    "actions/cache/save": {"path": str, "key": str},
    "actions/upload-artifact": {"name": str, "path": str, "if-no-files-found": str, "retention-days": int},
}


class StrictLoader(yaml.SafeLoader):
    """YAML in which a key that stands twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"a key stands twice: {keys}"
        return super().construct_mapping(node, deep)


def read_workflow(text: str) -> dict[str, Any]:
    """A workflow, held against what GitHub's schema says of the keys that are used."""
    workflow = yaml.load(text, StrictLoader)
    workflow["on"] = workflow.pop(True)  # YAML 1.1 reads the key `on` as true
    assert set(workflow) == {"name", "on", "permissions", "concurrency", "jobs"}
    assert set(workflow["on"]) == {"schedule", "workflow_dispatch"}
    assert all(set(entry) == {"cron"} for entry in workflow["on"]["schedule"])
    assert set(workflow["permissions"].values()) <= {"read", "write", "none"}
    assert set(workflow["concurrency"]) == {"group", "cancel-in-progress"}
    assert isinstance(workflow["concurrency"]["cancel-in-progress"], bool)
    for name, job in workflow["jobs"].items():
        assert re.fullmatch(r"[A-Za-z_][\w-]*", name)
        assert set(job) == {"runs-on", "timeout-minutes", "steps"}
        assert 0 < job["timeout-minutes"] <= 360
        for step in job["steps"]:
            assert set(step) <= STEP_KEYS
            assert ("uses" in step) != ("run" in step)
            if "uses" in step:
                action, _, commit = step["uses"].partition("@")
                assert re.fullmatch(r"[0-9a-f]{40}", commit), f"{action} is not pinned by commit"
                assert set(step["with"]) <= set(INPUTS[action])
                for key, value in step["with"].items():
                    assert type(value) is INPUTS[action][key], (action, key, value)
            else:
                assert isinstance(step["run"], str)
    return workflow


GITHUB = Options("landed", "data", contact="https://harbour.example/bot")


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return workflow["jobs"]["run"]["steps"]


def test_a_workflow():
    text = write_github_actions(GITHUB)
    workflow = read_workflow(text)
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"] == {"group": "landed", "cancel-in-progress": False}
    assert workflow["on"]["schedule"] == [{"cron": "7 * * * *"}]
    runs = [step["run"] for step in steps(workflow) if "run" in step]
    assert shlex.split(runs[-1]) == ["landed", "--data", "data", "--contact", "https://harbour.example/bot", "run", "--due"]
    used = [step["uses"].partition("@")[0] for step in steps(workflow) if "uses" in step]
    assert used == ["actions/checkout", "actions/setup-python", "actions/cache/restore", "actions/cache/save", "actions/upload-artifact"]
    assert "secrets." not in re.sub(r"(?m)^\s*#.*$", "", text)
    # What a failed run has read is kept all the same; only the public database is handed out.
    restore, save, upload = (step for step in steps(workflow) if "path" in step.get("with", {}))
    assert "if" not in restore
    assert save["if"] == upload["if"] == "always()"
    assert restore["with"]["key"] == save["with"]["key"]
    assert restore["with"]["key"].startswith(restore["with"]["restore-keys"])
    assert upload["with"]["path"] == "data/facts.db"


def test_each_action_is_pinned_with_its_version_beside():
    for action, pin in ACTIONS.items():
        assert re.fullmatch(r"[0-9a-f]{40} # v\d+\.\d+\.\d+", pin), action
        assert f"uses: {action}@{pin}\n" in write_github_actions(GITHUB)


@pytest.mark.parametrize("every", [number for number in EVERY if number >= 10])
def test_the_workflows_interval_is_kept_and_avoids_the_full_hour(every):
    (entry,) = read_workflow(write_github_actions(Options("landed", "data", every=every)))["on"]["schedule"]
    minutes, hours = (read_field(field, 0, high) for field, high in zip(entry["cron"].split()[:2], (59, 23), strict=True))
    moments = sorted(60 * hour + minute for hour in hours for minute in minutes)
    assert {later - earlier for earlier, later in zip(moments, [*moments[1:], moments[0] + 1440], strict=True)} == {every}
    assert 0 not in minutes


@given(
    st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, blacklist_characters="\\$*?[]!~/", blacklist_categories=("Cc",)), min_size=1, max_size=20).filter(
        lambda path: path == path.strip() and not path.startswith("-") and path not in {".", ".."}),
    st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, blacklist_characters="\\", blacklist_categories=("Cc",)), max_size=30).filter(lambda text: "${{" not in text),
)
def test_any_option_reaches_the_workflow_whole(data, contact):
    workflow = read_workflow(write_github_actions(Options("landed", data, "my sources", contact)))
    run = [step["run"] for step in steps(workflow) if "run" in step][-1]
    assert shlex.split(run) == words(Options("landed", data, "my sources", contact))
    assert all(step["with"]["path"].startswith(data) for step in steps(workflow) if "path" in step.get("with", {}))


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(("kind", "changes", "says"), [
    (kind, changes, says)
    for kind in ("cron", "systemd")
    for changes, says in [
        ({"data": "data"}, "data is 'data': it must be an absolute path"),
        ({"landed": "landed"}, "landed is 'landed': it must be an absolute path"),
        ({"sources": "sources"}, "sources is 'sources': it must be an absolute path"),
        ({"data": ""}, "empty"), ({"landed": ""}, "empty"), ({"data": "/srv/data "}, "ends with a space"),
        ({"data": "/srv/a\nb"}, "line breaks"), ({"landed": "/srv/a\rb"}, "line breaks"), ({"sources": "/srv/\0"}, "line breaks"),
        ({"contact": "a\n* * * * * rm -rf /"}, "contact is"), ({"contact": "a\u2028b"}, "line breaks"), ({"contact": "a\x1b[0m"}, "control characters"), ({"contact": "\udcff"}, "control characters"),
        ({"data": "/srv/a\\b"}, "backslashes"), ({"contact": "a\\"}, "backslashes"),
        ({"every": 7}, "every is 7 minutes"), ({"every": 0}, "every is 0"), ({"every": -10}, "every is -10"), ({"every": 90}, "every is 90"), ({"every": 2880}, "every is 2880"),
        ({"user": "root; reboot"}, "user is"), ({"user": "a b"}, "user is"), ({"user": "%h"}, "user is"), ({"user": "landed\n"}, "user is"),
    ]
] + [
    ("cron", {"data": "/" + "x" * 1_000}, "cron reads 990"),
    ("systemd", {"landed": "/srv/it's/landed"}, "no quotes in the name of an executable"),
    ("systemd", {"landed": '/srv/"/landed'}, "no quotes in the name of an executable"),
    ("github-actions", {"data": "/var/lib/landed"}, "inside the checkout"), ("github-actions", {"data": "../data"}, "inside the checkout"), ("github-actions", {"data": "-x"}, "inside the checkout"),
    ("github-actions", {"data": "data\nx"}, "line breaks"), ("github-actions", {"data": "da*a"}, "pattern"), ("github-actions", {"data": "!data"}, "pattern"),
    ("github-actions", {"data": "data", "sources": "/etc"}, "inside the checkout"),
    ("github-actions", {"data": "data", "contact": "${{ secrets.GITHUB_TOKEN }}"}, "evaluate"),
    ("github-actions", {"data": "data", "every": 5}, "more often than every 10"), ("github-actions", {"data": "data", "every": 50}, "every is 50"),
])
def test_what_can_not_be_written_safely_is_refused_with_the_reason(kind, changes, says):
    given_options = {"landed": "/opt/landed/bin/landed", "data": "/var/lib/landed"} | changes
    with pytest.raises(ScheduleError) as refused:
        SCHEDULES[kind](Options(**given_options))
    assert says in str(refused.value)


def test_one_file_is_shown_as_it_is_and_several_under_their_names():
    assert show_files(SCHEDULES["cron"](PLAIN)) == write_cron(PLAIN)
    assert show_files(SCHEDULES["github-actions"](GITHUB)) == write_github_actions(GITHUB)
    shown = show_files(SCHEDULES["systemd"](PLAIN))
    for name, text in write_systemd(PLAIN).items():
        assert f"# ---------------- {name}\n{text}" in shown
    assert json.dumps(sorted(SCHEDULES)) == '["cron", "github-actions", "systemd"]'
