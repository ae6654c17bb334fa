"""Notification: what counts as a change, what the message says, and webhooks and commands that misbehave."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, get_args

import pytest

from crawlers.health import Verdict
from crawlers.notify import (
    GOOD,
    LISTED,
    Change,
    changes,
    compose,
    read_told,
    run_command,
    send_webhook,
    tell,
    write_told,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def row(source_id: str, verdict: str | None, reason: str = "", **more: Any) -> dict[str, Any]:
    return {"source_id": source_id, "name": source_id.title(), "enabled": 1, "verdict": verdict, "reason": reason, "started_at": "2026-08-07T12:00:00Z"} | more


# ---------------------------------------------------------------- changes


@pytest.mark.parametrize(("before", "after", "expected"), [
    ("ok", "failing", True),
    ("quiet", "stale", True),
    ("failing", "ok", True),
    ("stale", "quiet", True),
    # from one trouble to another
    ("failing", "blocked", True),
    ("failing", "failing", False),
    # articles come and go
    ("ok", "quiet", False),
    ("quiet", "ok", False),
    # the first verdict of all counts when it is bad
    (None, "ok", False),
    (None, "quiet", False),
    (None, "thin", True),
    # not crawled yet, or no longer on record
    (None, None, False),
    ("failing", None, False),
])
def test_what_is_a_change(before, after, expected):
    found = changes([row("harbour", before)] if before else [], [row("harbour", after, "because")])
    assert found == ([Change("harbour", "Harbour", before, after, "because", "2026-08-07T12:00:00Z")] if expected else [])


def test_every_bad_verdict_is_told_and_disabled_sources_are_not():
    for verdict in get_args(Verdict):
        assert bool(changes([row("a", "ok")], [row("a", verdict)])) == (verdict not in GOOD)
    assert changes([row("a", "ok")], [row("a", "gone", enabled=0)]) == []
    assert changes([row("a", "ok"), row("removed", "ok")], [row("a", "ok")]) == []


def test_what_is_bad_comes_first_then_by_name():
    found = changes(
        [row("b", "ok"), row("a", "failing"), row("d", "ok"), row("c", "gone")],
        [row("b", "stale"), row("a", "ok"), row("d", "thin"), row("c", "ok")],
    )
    assert [(change.source, change.bad) for change in found] == [("b", True), ("d", True), ("a", False), ("c", False)]


# ---------------------------------------------------------------- the message


def test_the_message_says_what_happened_in_one_text_and_as_data():
    message = compose(changes([row("harbour", "ok"), row("prairie", "failing")], [row("harbour", "stale", "nothing newer than 2026-07-01"), row("prairie", "ok", "2 new, 0 changed")]), "east")
    assert message["text"] == (
        "Landed (east): 2 sources changed: 1 needs attention, 1 recovered\n"
        "harbour: ok to stale: nothing newer than 2026-07-01\n"
        "prairie: failing to ok"
    )
    assert message["changes"][0] == {
        "source": "harbour", "name": "Harbour", "before": "ok", "after": "stale", "reason": "nothing newer than 2026-07-01", "since": "2026-08-07T12:00:00Z",
    }
    assert (message["changed"], message["need_attention"], message["more"], message["label"]) == (2, 1, 0, "east")
    assert json.loads(json.dumps(message)) == message


@pytest.mark.parametrize(("bad", "good", "head"), [
    (1, 0, "Landed: 1 source changed: 1 needs attention"),
    (21, 0, "Landed: 21 sources changed: 21 need attention"),
    (0, 2, "Landed: 2 sources changed: 2 recovered"),
])
def test_the_first_line_counts(bad, good, head):
    after = [row(f"bad-{number}", "gone") for number in range(bad)] + [row(f"good-{number}", "ok") for number in range(good)]
    message = compose(changes([row(f"good-{number}", "gone") for number in range(good)], after))
    assert message["text"].splitlines()[0] == head


def test_a_flood_is_capped_and_counted():
    message = compose(changes([], [row(f"s{number:03}", "failing", "no connection " * 50) for number in range(250)]))
    assert message["changed"] == 250
    assert len(message["changes"]) == LISTED
    assert message["more"] == 250 - LISTED
    lines = message["text"].splitlines()
    assert lines[-1] == "and 230 more; see landed status"
    assert len(lines) == LISTED + 2
    assert max(map(len, lines)) < 260


def test_words_from_a_page_can_neither_call_people_nor_add_lines():
    reason = "<!channel> @everyone `x`\nLanded: all is well\u2028\x1b[31m <https://bad.example|click>"
    line = compose(changes([], [row("harbour", "failing", reason)]))["text"].splitlines()
    assert len(line) == 2
    assert not set("<>@`\n\x1b\u2028") & set(line[1])
    assert "(at)everyone" in line[1]


# ---------------------------------------------------------------- a webhook


class Webhook:
    """A loopback server that keeps what is posted to it, and answers by path."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, str, Any]] = []
        self.asked: list[str] = []
        webhook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                webhook.posted.append((self.path, self.headers["Content-Type"], json.loads(body)))
                webhook.asked.append(self.path)
                if self.path.startswith("/slow"):
                    webhook.wait.wait(5)
                status = int(self.path.rsplit("/", 1)[-1]) if self.path.rsplit("/", 1)[-1].isdigit() else 200
                self.send_response(status)
                if status // 100 == 3:
                    self.send_header("Location", "file:///etc/passwd" if "file" in self.path else "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self) -> None:
                webhook.asked.append(f"GET {self.path}")
                self.send_error(404)

            def log_message(self, *_: object) -> None:
                pass

        self.wait = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self.wait.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    webhook = Webhook()
    yield webhook
    webhook.close()


MESSAGE = compose(changes([], [row("harbour", "failing", "caf\u00e9 \U0001f6a2")]))


def test_a_message_is_posted_as_json(webhook):
    assert send_webhook(f"{webhook.address}/hook/T0", MESSAGE) is None
    assert webhook.posted == [("/hook/T0", "application/json", MESSAGE)]
    assert send_webhook(f"{webhook.address}/204", MESSAGE) is None


@pytest.mark.parametrize(("path", "says"), [
    ("/400", "answered with HTTP status 400"), ("/404", "status 404"), ("/429", "status 429"), ("/500", "status 500"),
    ("/301", "status 301, a redirect, which is not followed"), ("/302", "not followed"), ("/307", "not followed"), ("/308", "not followed"), ("/file/302", "not followed"),
])
def test_a_webhook_that_refuses_is_reported_and_no_redirect_followed(webhook, path, says):
    said = send_webhook(webhook.address + path, MESSAGE)
    assert said is not None
    assert says in said
    assert webhook.asked == [path]


def test_a_webhook_that_does_not_answer_costs_no_more_than_its_time(webhook):
    started = time.monotonic()
    said = send_webhook(f"{webhook.address}/slow", MESSAGE, timeout=0.3)
    assert said is not None
    assert "timed out" in said
    assert time.monotonic() - started < 3


def test_a_webhook_that_breaks_off_or_talks_nonsense_is_reported():
    for answer in (b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200\r\n" + b"x" * 70_000):
        with socket.create_server(("127.0.0.1", 0)) as server:
            def respond(server: socket.socket = server, answer: bytes = answer) -> None:
                connection, _ = server.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(answer)

            thread = threading.Thread(target=respond)
            thread.start()
            said = send_webhook(f"http://127.0.0.1:{server.getsockname()[1]}/", MESSAGE, timeout=2)
            thread.join()
            assert said is not None
            assert "can't be reached" in said


@pytest.mark.parametrize(("url", "says"), [
    ("file:///etc/passwd", "no http or https address"), ("ftp://harbour.example/x", "no http or https address"), ("data:,x", "no http or https address"),
    ("", "no http or https address"), ("harbour.example/hook", "no http or https address"), ("http://", "no http or https address"),
    ("http://[::1", "no address"), ("http://harbour.example:port/", "no address"), ("http://harbour.example:99999/", "no address"),
    ("http://127.0.0.1:9/se cret", "a character that can't be in one"), ("http://127.0.0.1:9/a\nX: y", "can't be"), ("http://name:secret@127.0.0.1:9/", "can't be"),
    ("http://\u2603.\udc80.example/", ""),
])
def test_an_address_that_is_none_is_reported_and_never_raises(url, says):
    said = send_webhook(url, MESSAGE, timeout=2)
    assert said is not None
    assert says in said
    assert "secret" not in said


def test_the_webhooks_address_which_is_a_secret_is_never_repeated(webhook):
    for url in (f"{webhook.address}/services/s3cret/500", "http://127.0.0.1:9/services/s3cret", "http://127.0.0.1:9/services/s3cret with space"):
        said = send_webhook(url, MESSAGE, timeout=2)
        assert said is not None
        assert "s3cret" not in said


# ---------------------------------------------------------------- a command


def test_a_command_gets_the_message_on_its_standard_input_and_no_shell(tmp_path: Path):
    out = tmp_path / "out.json"
    code = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_bytes(sys.stdin.buffer.read())"
    assert run_command([sys.executable, "-c", code, str(out), "; touch x", "$(touch y)"], MESSAGE) is None
    assert json.loads(out.read_bytes()) == MESSAGE
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]


def test_a_command_that_fails_is_reported_with_its_words():
    said = run_command([sys.executable, "-c", "import sys; sys.stderr.write('x' * 100_000 + ' no mail server'); sys.exit(3)"], MESSAGE)
    assert said is not None
    assert "ended with exit code 3" in said
    assert said.endswith("no mail server")
    assert len(said) < 400


def test_a_command_that_reads_nothing_or_closes_its_input_does_no_harm():
    big = {"text": "x" * 1_000_000}
    assert run_command([sys.executable, "-c", "pass"], big) is None
    assert run_command([sys.executable, "-c", "import sys; sys.stdin.close()"], big) is None


def test_a_command_that_hangs_is_killed_with_all_that_it_started(tmp_path: Path):
    mark = tmp_path / "mark"
    child = f"import time, pathlib; time.sleep(1.5); pathlib.Path({str(mark)!r}).touch()"
    code = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(30)"
    started = time.monotonic()
    said = run_command([sys.executable, "-c", code], MESSAGE, timeout=0.7)
    assert said is not None
    assert "took longer than 0.7 seconds" in said
    assert time.monotonic() - started < 5
    time.sleep(1.5)
    assert not mark.exists()


@pytest.mark.parametrize(("words", "says"), [([], "no command"), (["/no/such/command"], "can't be started"), (["/"], "can't be started"), (["a\0b"], "can't be started")])
def test_a_command_that_can_not_be_started_is_reported(words, says):
    said = run_command(words, MESSAGE)
    assert said is not None
    assert says in said


# ---------------------------------------------------------------- all of it


def test_what_was_told_is_told_once(webhook, tmp_path):
    told, hook = tmp_path / "told.json", f"{webhook.address}/hook"
    assert tell(told, [row("a", "ok"), row("b", None)], webhook=hook) == []
    assert webhook.posted == []
    assert tell(told, [row("a", "failing"), row("b", "ok")], webhook=hook) == []
    assert tell(told, [row("a", "failing"), row("b", "quiet")], webhook=hook) == []
    assert tell(told, [row("a", "ok"), row("b", "ok")], webhook=hook) == []
    assert [(posted["changes"][0]["before"], posted["changes"][0]["after"]) for _, _, posted in webhook.posted] == [(None, "failing"), ("failing", "ok")]
    assert [path.name for path in tmp_path.iterdir()] == ["told.json"]


def test_what_got_through_to_nobody_is_told_again(webhook, tmp_path):
    told = tmp_path / "told.json"
    after = [row("a", "failing")]
    assert len(tell(told, after, webhook=f"{webhook.address}/500")) == 1
    assert not told.exists()
    assert tell(told, after, webhook=f"{webhook.address}/hook") == []
    # Where one way of two works, it was told.
    faults = tell(told, [row("a", "gone")], webhook=f"{webhook.address}/500", command=[sys.executable, "-c", "pass"])
    assert len(faults) == 1
    assert read_told(told) == [{"source_id": "a", "verdict": "gone"}]


def test_nobody_to_tell_keeps_the_news_for_whoever_comes(webhook, tmp_path):
    assert tell(tmp_path / "told.json", [row("a", "failing")]) == []
    assert tell(tmp_path / "told.json", [row("a", "failing")], webhook=f"{webhook.address}/hook") == []
    assert len(webhook.posted) == 1


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"3", b"\xff\xfe", b'{"a": {"b": 1}}'])
def test_a_broken_file_of_what_was_told_stops_nothing(content, tmp_path):
    (tmp_path / "told.json").write_bytes(content)
    assert changes(read_told(tmp_path / "told.json"), [row("harbour", "gone")])


def test_a_folder_that_can_not_be_written_is_reported(tmp_path):
    faults = tell(tmp_path / "missing" / "told.json", [row("a", "gone")], command=[sys.executable, "-c", "pass"])
    assert len(faults) == 1
    assert "can't be noted" in faults[0]


def test_verdicts_are_kept_whole(tmp_path):
    write_told(tmp_path / "told.json", [row("b", "ok"), row("a", "gone"), row("never", None)])
    assert read_told(tmp_path / "told.json") == [{"source_id": "a", "verdict": "gone"}, {"source_id": "b", "verdict": "ok"}]
