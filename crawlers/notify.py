"""Notification: tell the operator when a source's verdict changed, in one message a run, by webhook or command.

What was told last is kept in a file beside the databases and moves on only when a message got through, so that a
webhook that is down delays news but loses none. Nothing here stops a run: what fails is returned as a sentence.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import tempfile
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from http.client import HTTPException, InvalidURL
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from crawlers.identity import SOFTWARE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

GOOD: Final = frozenset({"ok", "quiet"})
"""Verdicts that need nobody. A source goes to and fro between them with each article, so that is no change."""
LISTED: Final = 20
"""Sources that one message lists at most; the rest are counted."""
TIMEOUT: Final = 10.0
"""Seconds for the webhook to answer and for the command to end."""
_LONGEST_REASON: Final = 200

_UNSAFE: Final = str.maketrans({"<": "\u2039", ">": "\u203a", "@": "(at)", "`": "'"})
"""Characters that chat services take for links, formatting and calls to all members; reasons may quote a page."""


@dataclass(frozen=True)
class Change:
    """A source whose verdict is another than the one told last.

    Attributes:
        source: The source's id.
        name: Its name for people.
        before: The verdict told last, None where there was none.
        after: The verdict now.
        reason: Why, in words.
        since: When the crawl that it was drawn from began.
    """

    source: str
    name: str
    before: str | None
    after: str
    reason: str
    since: str

    @property
    def bad(self) -> bool:
        """Whether it needs a person."""
        return self.after not in GOOD


def changes(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> list[Change]:
    """The changes from one state to a later one: what became bad first, then what recovered, each by id.

    Args:
        before: Rows with `source_id` and `verdict` as told last; what `read_told` gives.
        after: Rows of `Archive.last_crawls()`. Those without a verdict (never crawled) are left out, as are disabled
            sources (`enabled` 0): nobody waits for them.
    """
    told = {row["source_id"]: row["verdict"] for row in before}
    found = []
    for row in after:
        old, new = told.get(row["source_id"]), row["verdict"]
        if new is None or not row.get("enabled", 1) or _state(old) == _state(new):
            continue
        found.append(Change(row["source_id"], row.get("name") or row["source_id"], old, new, row.get("reason") or "", row.get("started_at") or ""))
    return sorted(found, key=lambda change: (not change.bad, change.source))


def _state(verdict: str | None) -> str:
    """A verdict, with those that need nobody, and none yet, as one."""
    return "good" if verdict is None or verdict in GOOD else verdict


def compose(found: Sequence[Change], label: str = "") -> dict[str, Any]:
    """The message about some changes: a `text` for people, as chat webhooks show it, and the same as data.

    Args:
        found: At least one change.
        label: What the operator calls this installation, where there are several.
    """
    listed, more = found[:LISTED], len(found) - len(found[:LISTED])
    bad = sum(change.bad for change in found)
    counts = [f"{bad} {'needs' if bad == 1 else 'need'} attention"] * bool(bad) + [f"{len(found) - bad} recovered"] * (bad < len(found))
    sources = "1 source" if len(found) == 1 else f"{len(found)} sources"
    lines = [_plain(f"Landed{f' ({label})' if label else ''}: {sources} changed: {', '.join(counts)}")]
    lines += [_plain(f"{change.source}: {change.before or 'new'} to {change.after}" + (f": {_cut(change.reason)}" if change.bad and change.reason else "")) for change in listed]
    if more:
        lines.append(f"and {more} more; see landed status")
    return {
        "text": "\n".join(lines), "software": SOFTWARE, "label": label, "changed": len(found), "need_attention": bad,
        "changes": [asdict(change) for change in listed], "more": more,
    }


def _plain(line: str) -> str:
    """One line without control characters and without what chat services would act on."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", line).translate(_UNSAFE)


def _cut(reason: str) -> str:
    return reason if len(reason) <= _LONGEST_REASON else reason[: _LONGEST_REASON - 1] + "\u2026"


def tell(path: Path, after: Sequence[Mapping[str, Any]], *, webhook: str = "", command: Sequence[str] = (), label: str = "") -> list[str]:
    """Tell what changed since it was told last, if anything did, by all the ways that are named.

    Args:
        path: File that keeps what was told.
        after: Rows of `Archive.last_crawls()`.
        webhook: Address to post to, if any.
        command: Command to run, if any.
        label: What the operator calls this installation.

    Returns:
        What went wrong, a sentence each. Where nothing got through, the next call tells it again.
    """
    found = changes(read_told(path), after)
    if not found or not (webhook or command):
        return []
    message = compose(found, label)
    answers = [send_webhook(webhook, message)] if webhook else []
    if command:
        answers.append(run_command(command, message))
    faults = [answer for answer in answers if answer is not None]
    if None in answers:
        try:
            write_told(path, after)
        except OSError as error:
            faults.append(f"what was told can't be noted, so it will be told again: {error}")
    return faults


# ---------------------------------------------------------------- what was told


def read_told(path: Path) -> list[dict[str, Any]]:
    """What was told last, as `changes` takes it; nothing where the file is missing or unreadable.

    An unreadable file costs one repeated message, and that is better than silence.
    """
    try:
        verdicts = json.loads(path.read_text(encoding="utf-8"))
        return [{"source_id": str(source_id), "verdict": str(verdict)} for source_id, verdict in verdicts.items()]
    except (OSError, ValueError, AttributeError):
        return []


def write_told(path: Path, after: Iterable[Mapping[str, Any]]) -> None:
    """Note that the verdicts of `after` were told; whole or not at all.

    Raises:
        OSError: The folder can't be written.
    """
    verdicts = {row["source_id"]: row["verdict"] for row in after if row["verdict"] is not None}
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(json.dumps(verdicts, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    fresh.replace(path)


# ---------------------------------------------------------------- delivery


def send_webhook(url: str, message: Mapping[str, Any], timeout: float = TIMEOUT) -> str | None:
    """Post a message as JSON.

    Redirects are not followed: a POST that becomes a GET elsewhere delivers nothing.

    Args:
        url: http or https address. It is never repeated in what is returned: whoever knows it can post.
        message: What `compose` gives.
        timeout: Seconds that the server may take for each step of the exchange.

    Returns:
        None where it was accepted (2xx), else why not.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "the webhook is no address"
    if parts.scheme not in {"http", "https"} or not host:
        return "the webhook is no http or https address"
    opener = urllib.request.OpenerDirector()  # build_opener's would read file:, ftp: and data: addresses too
    for handler in (
        urllib.request.ProxyHandler(), urllib.request.HTTPHandler(), urllib.request.HTTPSHandler(),
        urllib.request.HTTPErrorProcessor(), urllib.request.HTTPDefaultErrorHandler(),
    ):
        opener.add_handler(handler)
    try:
        request = urllib.request.Request(  # noqa: S310 - the scheme was looked at above
            url, json.dumps(message).encode("ascii"), {"Content-Type": "application/json", "User-Agent": SOFTWARE}, method="POST",
        )
        with opener.open(request, timeout=timeout):
            return None
    except urllib.error.HTTPError as error:
        error.close()
        return f"the webhook at {host} answered with HTTP status {error.code}" + (", a redirect, which is not followed" if 300 <= error.code < 400 else "")
    except InvalidURL:  # its message quotes the address
        return f"the webhook at {host} has an address with a character that can't be in one"
    except OSError as error:
        return f"the webhook at {host} can't be reached: {getattr(error, 'reason', None) or error}"
    except (HTTPException, ValueError) as error:
        return f"the webhook at {host} can't be reached: {type(error).__name__}"


def run_command(words: Sequence[str], message: Mapping[str, Any], timeout: float = TIMEOUT) -> str | None:
    """Run a command, without a shell, with a message as JSON on its standard input.

    Args:
        words: The command and its arguments.
        message: What `compose` gives.
        timeout: Seconds after which it is killed, with all that it started.

    Returns:
        None where it ended with exit code 0, else why not, with the end of what it wrote to standard error.
    """
    if not words:
        return "no command was named"
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(  # noqa: S603 - the operator's own command
                words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True,
            )
        except (OSError, ValueError) as error:
            return f"the command {words[0]!r} can't be started: {error}"
        try:
            process.communicate(json.dumps(message).encode("ascii"), timeout=timeout)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return f"the command {words[0]!r} took longer than {timeout:g} seconds and was killed"
        if process.returncode == 0:
            return None
        said.seek(0, os.SEEK_END)
        said.seek(max(0, said.tell() - _LONGEST_REASON))
        words_said = " ".join(said.read().decode("utf-8", "replace").split())
    return f"the command {words[0]!r} ended with exit code {process.returncode}" + (f": {words_said}" if words_said else "")
