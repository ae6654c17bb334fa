"""What Scrapyd starts for each job: `landed crawl`, on a group of sources, in a data folder of the group's own.

Scrapyd (https://scrapyd.readthedocs.io/en/stable/config.html#runner) starts this module as it would start `scrapy`:
`list` names the spiders, `crawl` runs one. There is one, `sources`; its arguments say what to crawl:

    curl http://127.0.0.1:6800/schedule.json -d project=landed -d spider=sources -d source=ircc-newsroom,ircc-notices -d group=ircc
    curl http://127.0.0.1:6800/schedule.json -d project=landed -d spider=sources -d shard=1/2 -d due=1

The command line does the work, so that a job holds the folder's lock, mends what a killed one left and says by its exit
code what came of it. Whoever can reach Scrapyd's port can start crawls, and nothing else: settings (robots.txt among
them) and uploaded code are refused.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from crawlers.shards import ShardError, read_shard

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SPIDER: Final = "sources"
ARGUMENTS: Final[Mapping[str, str]] = {
    "source": "ids of sources, with commas between",
    "shard": "I/N: the I-th of N parts of all sources",
    "group": "name of the group's folder; needed for several sources, else the source's id or the shard",
    "due": "1: only what is due",
    "limit": "at most so many articles of each listing",
}
"""What a job may say, and what it means. `_job`, which Scrapyd adds, needs no answer."""

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,79}", re.ASCII)


class JobError(ValueError):
    """A job can't be understood; the message says what it may be."""


@dataclass(frozen=True)
class Job:
    """What a job asks for.

    Attributes:
        group: Name of its data folder.
        words: What comes after `landed --data FOLDER`.
        log: File for what the command writes, as Scrapyd names it; empty for standard error.
    """

    group: str
    words: tuple[str, ...]
    log: str = ""


def main(given: Sequence[str], environment: Mapping[str, str]) -> None:
    """Do what Scrapyd asks for.

    Raises:
        SystemExit: 2, where it can't be understood; why stands on standard error, which Scrapyd logs.
    """
    if given[:1] == ["list"]:
        print(SPIDER)
        return
    try:
        job = read_job(given)
    except JobError as error:
        print(f"landed: {error}", file=sys.stderr)
        raise SystemExit(2) from error
    start_job(job, environment)


def start_job(job: Job, environment: Mapping[str, str]) -> NoReturn:
    """Become the command that does the job, so that Scrapyd's signals and the exit code are the job's own."""
    if job.log:
        sys.stdout.flush()
        sys.stderr.flush()
        log = os.open(job.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
        os.dup2(log, 1)
        os.dup2(log, 2)
    folder = Path(environment.get("LANDED_DATA") or "data") / "groups" / job.group
    command = [sys.executable, "-m", "landed", "--data", str(folder), *job.words]
    os.execve(sys.executable, command, {name: value for name, value in environment.items() if not name.startswith("SCRAPY")})  # noqa: S606 - our own program, without a shell


def read_job(given: Sequence[str]) -> Job:
    """What the arguments that Scrapyd gives for a job ask for.

    Raises:
        JobError: They name another spider, a setting, or an argument that there is not.
    """
    if given[:2] != ["crawl", SPIDER]:
        raise JobError(f"the only spider is {SPIDER!r}, and the only commands are `list` and `crawl`")
    log, asked = "", dict.fromkeys(ARGUMENTS, "")
    for option, name, value in _pairs(given[2:]):
        if option == "-s" and name == "LOG_FILE":
            log = value
        elif option == "-a" and name in ARGUMENTS:
            asked[name] = value.strip()
        elif option == "-s":
            raise JobError(f"setting {name!r}: a job can't change settings")
        elif name != "_job":
            raise JobError(f"there is no argument {name!r}; there are: {', '.join(ARGUMENTS)}")
    chosen, group = _choose(asked["source"], asked["shard"])
    group = asked["group"] or group
    if not group:
        raise JobError("several sources need a name for their folder, such as group=newsrooms")
    if not _NAME.fullmatch(group):
        raise JobError(f"group is {group!r}: a-z, 0-9 and - only")
    if asked["due"] not in {"", "0", "1"}:
        raise JobError(f"due is {asked['due']!r}: 1 or 0")
    if not re.fullmatch(r"([1-9][0-9]{0,6})?", asked["limit"], re.ASCII):
        raise JobError(f"limit is {asked['limit']!r}: a number from 1")
    due = ["--due"] if asked["due"] == "1" else []
    limit = ["--limit", asked["limit"]] if asked["limit"] else []
    return Job(group, ("crawl", *due, *limit, *chosen), log)


def _choose(source: str, shard: str) -> tuple[list[str], str]:
    """The words that choose the sources, and the group's name where it follows from them."""
    if bool(source) == bool(shard):
        raise JobError("name either source=ID,ID or shard=I/N")
    if shard:
        try:
            number, count = read_shard(shard)
        except ShardError as error:
            raise JobError(str(error)) from error
        return ["--shard", f"{number}/{count}"], f"shard-{number}-of-{count}"
    ids = [name.strip() for name in source.split(",")]
    if wrong := [name for name in ids if not _NAME.fullmatch(name)]:
        raise JobError(f"source {wrong[0]!r} is no id of a source")
    return ids, ids[0] if len(ids) == 1 else ""


def _pairs(given: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Option, name and value of each `-s NAME=VALUE` or `-a NAME=VALUE`."""
    if len(given) % 2:
        raise JobError("the arguments of a job come in pairs")
    for option, pair in zip(given[::2], given[1::2], strict=True):
        name, equals, value = pair.partition("=")
        if option not in {"-s", "-a"} or not equals:
            raise JobError(f"{option} {pair}: neither -a NAME=VALUE nor -s NAME=VALUE")
        yield option, name, value


if __name__ == "__main__":
    main(sys.argv[1:], os.environ)
