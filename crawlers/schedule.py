"""Schedules: the text of a working unit that starts `landed run --due` again and again, for cron, systemd or GitHub Actions.

Starting it every ten minutes is safe: it holds a lock, and crawls only what is due. Each writer is a pure function
from options to files. What can't be written safely in a format is refused with the reason, never written half.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DAY: Final = 24 * 60
"""Minutes of a day."""
_LONGEST_COMMAND: Final = 990
"""Characters of a crontab's command; Vixie's cron and cronie read 1,000."""
_USER: Final = re.compile(r"[a-z_][a-z0-9_-]{0,31}", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SECRETS: Final = "/etc/landed/environment"

ACTIONS: Final[Mapping[str, str]] = {
    "actions/checkout": "3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
    "actions/setup-python": "5fda3b95a4ea91299a34e894583c3862153e4b97 # v7.0.0",
    "actions/cache/restore": "55cc8345863c7cc4c66a329aec7e433d2d1c52a9 # v6.1.0",
    "actions/cache/save": "55cc8345863c7cc4c66a329aec7e433d2d1c52a9 # v6.1.0",
    "actions/upload-artifact": "043fb46d1a93c77aae656e7c1c64a875d1fc6a0a # v7.0.1",
}
"""Pinned by commit, since a tag can be moved to other code."""


class ScheduleError(ValueError):
    """An option can't be written in the format; the message names the option and what it may be."""


@dataclass(frozen=True)
class Options:
    """What a schedule starts, and how often.

    Attributes:
        landed: Path of the `landed` executable; GitHub's workflow doesn't need it, since it installs its own.
        data: Folder of the databases; absolute, but for GitHub relative to the checkout.
        sources: Folder of source files, likewise; empty for those that come with Landed.
        contact: Address or e-mail that the crawler names as its operator's.
        every: Minutes from one start to the next; None for what suits the format.
        user: Whom the job runs as: for cron, empty means a crontab of one's own; for systemd, empty means `landed`.
    """

    landed: str
    data: str
    sources: str = ""
    contact: str = ""
    every: int | None = None
    user: str = ""


def write_cron(options: Options) -> str:
    """A crontab: one's own (`crontab FILE`), or, where a user is named, a file for /etc/cron.d.

    Raises:
        ScheduleError: An option can't be written.
    """
    words = _words(options, absolute=True)
    command = shlex.join(words).replace("%", r"\%")  # an unescaped % ends the command, and the rest goes to its standard input
    if len(command) > _LONGEST_COMMAND:
        raise ScheduleError(f"the command has {len(command)} characters, and cron reads {_LONGEST_COMMAND}: name shorter paths")
    place = "Put this file into /etc/cron.d." if options.user else "Install it with: crontab FILE"
    return "\n".join((
        f"# Landed: crawl what is due, extract, publish. {place}",
        "SHELL=/bin/sh",
        "PATH=/usr/local/bin:/usr/bin:/bin",
        "# Name an address, and cron mails what each run writes. Left empty, it mails nothing: `landed status` and DATA/crawl.log tell.",
        'MAILTO=""',
        f"{_cron_times(10 if options.every is None else options.every)} {f'{_user(options)} ' if options.user else ''}{command}",
        "",
    ))


def write_systemd(options: Options) -> dict[str, str]:
    """A service and its timer, by file name.

    Raises:
        ScheduleError: An option can't be written.
    """
    executable, *arguments = _words(options, absolute=True)
    if set(executable) & set("'\""):
        raise ScheduleError(f"landed is {executable!r}: systemd takes no quotes in the name of an executable")
    every = 10 if options.every is None else options.every
    user = _user(options) or "landed"
    # The executable's own name is not searched for variables, so its $ stays single.
    command = " ".join((_unit_word(executable), *(_unit_word(word).replace("$", "$$") for word in arguments)))
    temporary = any(PurePosixPath(path).is_relative_to(folder) for path in (options.landed, options.data, options.sources) for folder in ("/tmp", "/var/tmp"))  # noqa: S108 - looked for, not written to
    service = f"""\
# Landed: crawl what is due, extract, publish. Exit code 1 (something failed) shows as a failed unit.
# The folder must be there before the first start: install -d -o {user} DATA
[Unit]
Description=Landed: crawl what is due, extract, publish
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
User={user}
ExecStart={command}
# Settings that are nobody else's business, such as LANDED_WEBHOOK=... (A command that mails by a set-gid sendmail is
# kept from doing so by NoNewPrivileges: use the webhook.)
EnvironmentFile=-{_SECRETS}
# A run that is stopped loses nothing: the next one mends its archive and goes on.
TimeoutStartSec=6h
TimeoutStopSec=2min
Nice=10
UMask=0027
ReadWritePaths={_unit_word(options.data)}
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp={"no" if temporary else "yes"}
PrivateDevices=yes
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
# AF_NETLINK tells the resolver whether this machine has IPv6.
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
"""
    timer = f"""\
# Install both files in /etc/systemd/system, then: systemctl daemon-reload && systemctl enable --now landed.timer
[Unit]
Description=Start Landed every {every} minutes

[Timer]
OnCalendar={_calendar(every)}
RandomizedDelaySec={min(every * 6, 300)}
Persistent=true

[Install]
WantedBy=timers.target
"""
    return {"landed.service": service, "landed.timer": timer}


def write_github_actions(options: Options) -> str:
    """A workflow for `.github/workflows` of a checkout of Landed; it needs no secrets.

    The data folder goes from run to run by the cache, under a new key each time, since a cache entry never changes.

    Raises:
        ScheduleError: An option can't be written.
    """
    every = 60 if options.every is None else options.every
    if every < 10:
        raise ScheduleError(f"every is {every}: GitHub's hosts need minutes to set up, so a workflow can't be started more often than every 10")
    command = shlex.join(["landed", *_words(options, absolute=False)[1:]])
    data = str(PurePosixPath(options.data))
    if data.startswith(("!", "~")) or set(data) & set("*?[]"):
        raise ScheduleError(f"data is {options.data!r}: GitHub would take one of its characters for a pattern")
    if "${{" in command:
        raise ScheduleError("an option holds ${{, which GitHub would evaluate")
    # A JSON string is a YAML string, whatever characters it holds.
    return f"""\
# Landed: crawl what is due, extract, publish. Put this file into .github/workflows of a checkout of Landed.
# Keep the repository private: the cache holds whole articles. Only facts.db, which is made to be published, is an artifact.
name: landed
on:
  schedule:
    - cron: {json.dumps(_cron_times(every, minute=7))}
  workflow_dispatch:
permissions:
  contents: read
concurrency:
  group: landed
  cancel-in-progress: false
jobs:
  run:
    runs-on: ubuntu-latest
    timeout-minutes: 300
    steps:
      - uses: {_pinned("actions/checkout")}
        with:
          persist-credentials: false
      - uses: {_pinned("actions/setup-python")}
        with:
          python-version: "3.12"
          cache: pip
          cache-dependency-path: requirements.lock
      - name: Install
        run: |
          python -m pip install --require-hashes -r requirements.lock
          python -m pip install --no-deps --no-build-isolation --editable .
      - name: Fetch what the last run left
        uses: {_pinned("actions/cache/restore")}
        with:
          path: {json.dumps(data)}
          key: landed-data-${{{{ github.run_id }}}}-${{{{ github.run_attempt }}}}
          restore-keys: landed-data-
      - name: Run
        run: {json.dumps(command)}
        # env:
        #   LANDED_WEBHOOK: ${{{{ secrets.LANDED_WEBHOOK }}}}
      - name: Keep it for the next run
        if: always()
        uses: {_pinned("actions/cache/save")}
        with:
          path: {json.dumps(data)}
          key: landed-data-${{{{ github.run_id }}}}-${{{{ github.run_attempt }}}}
      - name: Hand out the facts
        if: always()
        uses: {_pinned("actions/upload-artifact")}
        with:
          name: facts
          path: {json.dumps(f"{data}/facts.db")}
          if-no-files-found: warn
          retention-days: 30
"""


def _one_file(name: str, write: Callable[[Options], str]) -> Callable[[Options], dict[str, str]]:
    return lambda options: {name: write(options)}


SCHEDULES: Final[Mapping[str, Callable[[Options], dict[str, str]]]] = {
    "cron": _one_file("landed.cron", write_cron),
    "systemd": write_systemd,
    "github-actions": _one_file("landed.yml", write_github_actions),
}
"""Format to its writer: the files of a unit, by name."""


def show_files(files: Mapping[str, str]) -> str:
    """Files as one text; where there are several, each below a line with its name."""
    if len(files) == 1:
        return next(iter(files.values()))
    return "\n".join(f"# ---------------- {name}\n{text}" for name, text in files.items())


def _words(options: Options, *, absolute: bool) -> list[str]:
    """The command line, each word checked."""
    _check("data", options.data, absolute=absolute)
    if absolute:
        _check("landed", options.landed, absolute=True)
    words = [options.landed, "--data", options.data]
    if options.sources:
        _check("sources", options.sources, absolute=absolute)
        words += ["--sources", options.sources]
    if options.contact:
        _refuse_control("contact", options.contact)
        words += ["--contact", options.contact]
    return [*words, "run", "--due"]


def _check(name: str, path: str, *, absolute: bool) -> None:
    _refuse_control(name, path)
    if not path.strip() or path != path.strip():
        raise ScheduleError(f"{name} is {path!r}: a path that is empty or begins or ends with a space")
    pure = PurePosixPath(path)
    if absolute and not pure.is_absolute():
        raise ScheduleError(f"{name} is {path!r}: it must be an absolute path, since the job starts in a folder of its own")
    if not absolute and (pure.is_absolute() or ".." in pure.parts or path.startswith("-")):
        raise ScheduleError(f"{name} is {path!r}: it must be a path inside the checkout, such as data")


def _refuse_control(name: str, value: str) -> None:
    """Refuse what no format can hold on one line, and the backslash, which each reads in its own way."""
    if _CONTROL.search(value):
        raise ScheduleError(f"{name} is {value!r}: line breaks and control characters can't be written into a schedule")
    if "\\" in value:
        raise ScheduleError(f"{name} is {value!r}: backslashes can't be written into a schedule")


def _user(options: Options) -> str:
    if options.user and not _USER.fullmatch(options.user):
        raise ScheduleError(f"user is {options.user!r}: no name of a user (a-z, 0-9, _ and -)")
    return options.user


def _unit_word(word: str) -> str:
    """A word of a unit file: quoted, its own quotes escaped, its % doubled, since % begins a specifier."""
    return '"' + word.replace('"', '\\"').replace("%", "%%") + '"'


def _parts(every: int) -> tuple[int, int]:
    """The interval as minutes or hours: one of the two is 0.

    Raises:
        ScheduleError: The clock's hours or days can't be divided so.
    """
    if 1 <= every < 60 and 60 % every == 0:
        return every, 0
    if 60 <= every <= DAY and DAY % every == 0 and every % 60 == 0:
        return 0, every // 60
    raise ScheduleError(f"every is {every} minutes: it must divide an hour (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30) or be hours that divide a day (60, 120, 180, 240, 360, 480, 720, 1440)")


def _cron_times(every: int, minute: int = 0) -> str:
    """The five fields; `minute` of the hour is where counting begins, as far as the interval lets it."""
    minutes, hours = _parts(every)
    if minutes:
        begin = minute % minutes
        return ("*" if minutes == 1 else f"{begin}-59/{minutes}" if begin else f"*/{minutes}") + " * * * *"
    return f"{minute} {'*' if hours == 1 else '0' if hours == 24 else f'*/{hours}'} * * *"


def _calendar(every: int) -> str:
    minutes, hours = _parts(every)
    if minutes:
        return f"*:0/{minutes}"
    return "*-*-* 00:00:00" if hours == 24 else f"*-*-* 0/{hours}:00:00"


def _pinned(action: str) -> str:
    return f"{action}@{ACTIONS[action]}"
