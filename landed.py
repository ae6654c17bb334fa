"""Landed's command line: each command calls the three packages (crawlers, extract, db) and reports what came of it.

Exit codes: 0 done, 1 something failed (what did is named), 2 wrong usage.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from crawlers.due import HISTORY, TOLERANCE, order_due, select_due
from crawlers.health import HARMLESS
from crawlers.notify import tell
from crawlers.schedule import SCHEDULES, Options, ScheduleError, show_files
from crawlers.shards import ShardError, read_shard, select
from crawlers.source import Source, SourceError, load_sources
from db.archive import Archive
from db.migrate import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from crawlers.context import CrawlContext
    from db.publish import Publication, Registry

_HALF_PAIR = re.compile("[\ud800-\udfff]")
"""Half a surrogate pair, which JSON can write, but which is no character and which neither UTF-8 nor spaCy can hold."""

SOURCES = Path(__file__).parent / "crawlers" / "sources"
screen = Console(stderr=True, highlight=False)


@dataclass
class Workplace:
    """Where a command works: the data folder, the sources, and what the operator said of them."""

    data: Path
    sources: Path
    addresses: dict[str, str] = field(default_factory=dict)
    contact: str = ""

    @property
    def archive(self) -> Path:
        """The private database."""
        return self.data / "archive.db"

    @property
    def facts(self) -> Path:
        """The public database."""
        return self.data / "facts.db"

    @property
    def warc(self) -> Path:
        """Folder of the WARC files."""
        return self.data / "warc"

    def open_archive(self) -> Archive:
        """Open the archive database; a fault ends the command with its reason."""
        from crawlers.warc import Capture

        try:
            return Archive(self.archive, Capture)
        except (SchemaError, sqlite3.Error, OSError) as error:
            fail(f"{self.archive}: {error}")

    def load(self) -> tuple[list[Source], int]:
        """The sources, and how many files can't be used; those are named on standard error."""
        from extract.vocabulary import load_jurisdictions

        try:
            sources, errors = load_sources(self.sources, self.addresses)
        except SourceError as error:
            raise click.UsageError(str(error)) from error
        known = load_jurisdictions()
        for source in [source for source in sources if source.jurisdiction not in known]:
            errors.append(SourceError(f"{self.sources / source.id}.toml: jurisdiction is {source.jurisdiction!r}, which extract/vocabulary/jurisdictions.csv doesn't have."))
            sources.remove(source)
        for broken in errors:
            screen.print(f"[red]source left out:[/] {broken}", soft_wrap=True)
        return sources, len(errors)

    @contextlib.contextmanager
    def locked(self, *, due: bool = False) -> Iterator[None]:
        """Hold the data folder, so that two runs never write it at once.

        Where another run holds it, the command fails; one that was started for what is due just ends, since the other
        sees to that, and the next start is minutes away.
        """
        self.data.mkdir(parents=True, exist_ok=True)
        with (self.data / "landed.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if due:
                    screen.print(f"{self.data}: another run is at work here, so this one ends.", soft_wrap=True)
                    raise SystemExit(0) from None
                fail(f"{self.data}: another run is at work here. Wait for it to end, or name another folder with --data.")
            yield


def need_archive(place: Workplace) -> None:
    """End the command where nothing was crawled yet: an empty database would look like one that lost everything."""
    if not place.archive.exists():
        fail(f"{place.archive}: there is no archive database yet. Run `landed crawl` first, or name its folder with --data.")


def fail(message: str) -> NoReturn:
    """End the command with exit code 1 and a message on standard error."""
    screen.print(f"[red]landed:[/] {message}", soft_wrap=True)
    raise SystemExit(1)


def now() -> str:
    """The present time, UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def progress_bar() -> Progress:
    """A progress bar on standard error, silent where that is no terminal."""
    return Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=screen, disable=not screen.is_terminal)


def _read_addresses(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    addresses = {}
    for pair in given:
        name, _, address = pair.partition("=")
        if not name or not address:
            raise click.BadParameter(f"{pair!r} is not NAME=ADDRESS")
        addresses[name] = address.rstrip("/")
    return addresses


def _read_shard(_context: click.Context, _parameter: click.Parameter, given: str | None) -> str | None:
    try:
        return given and "{}/{}".format(*read_shard(given))
    except ShardError as error:
        raise click.BadParameter(str(error)) from error


def _read_command(_context: click.Context, _parameter: click.Parameter, given: str) -> str:
    try:
        shlex.split(given)
    except ValueError as error:
        raise click.BadParameter(f"{error}: {given}") from error
    return given


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="landed")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), default=Path("data"), envvar="LANDED_DATA", show_default=True, help="Folder of the databases and WARC files.")
@click.option("--sources", type=click.Path(path_type=Path, file_okay=False, exists=True), default=SOURCES, envvar="LANDED_SOURCES", help="Folder of source files (TOML).  [default: those that come with Landed]")
@click.option("--address", "addresses", multiple=True, callback=_read_addresses, metavar="NAME=ADDRESS", help="What @NAME@ stands for in source files.")
@click.option("--contact", default="", envvar="LANDED_CONTACT", help="Address or e-mail that the crawler names as its operator's.")
@click.pass_context
def main(context: click.Context, data: Path, sources: Path, addresses: dict[str, str], contact: str) -> None:
    """Landed turns immigration news and policy pages into facts that can be queried, cited and checked.

    Example: landed demo
    """
    context.obj = Workplace(data, sources, addresses, contact)


# ---------------------------------------------------------------- collect


@main.command()
@click.argument("names", nargs=-1, metavar="[SOURCE...]")
@click.option("--due", is_flag=True, help="Only sources whose next crawl is due.")
@click.option("--shard", callback=_read_shard, metavar="I/N", help="Only the I-th of N parts of the sources, one for each of N machines; a host's sources stay together.")
@click.option("--limit", type=click.IntRange(min=1), help="At most this many articles of each listing.")
@click.option("--dry-run", is_flag=True, help="Fetch only the listings, and print what would be fetched; nothing is kept.")
@click.option("--replay", is_flag=True, help="Read WARC files again, which are named instead of sources; no network is used.")
@click.pass_obj
def crawl(place: Workplace, names: tuple[str, ...], due: bool, shard: str | None, limit: int | None, dry_run: bool, replay: bool) -> None:
    """Fetch sources, archive every exchange, and keep articles and official rounds.

    Example: landed crawl ircc-newsroom --limit 3

    Example: landed crawl --replay data/warc/*.warc.gz
    """
    if replay and not names:
        raise click.UsageError("--replay needs the WARC files: landed crawl --replay data/warc/*.warc.gz")
    if dry_run:
        with tempfile.TemporaryDirectory() as folder:
            raise SystemExit(0 if collect(replace(place, data=Path(folder)), names, shard=shard, limit=limit, dry_run=True) else 1)
    with place.locked(due=due):
        ok = replay_files(place, [Path(name) for name in names]) if replay else collect(place, names, due=due, shard=shard, limit=limit)
    raise SystemExit(0 if ok else 1)


def collect(place: Workplace, source_ids: Sequence[str] = (), *, due: bool = False, shard: str | None = None, limit: int | None = None, dry_run: bool = False) -> bool:
    """Crawl the named sources, or all that are enabled; whether all went well."""
    from crawlers.crawl import crawl_sources
    from crawlers.warc import mend_unfinished

    sources, broken = place.load()
    chosen = choose(place, sources, source_ids)
    if shard:
        part = {source.id for source in select(sources, shard)}
        chosen = [source for source in chosen if source.id in part]
    logging.basicConfig(filename=place.data / "crawl.log", level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for mended in mend_unfinished(place.warc):
        screen.print(f"mended {mended.name}: an earlier run was killed while it wrote this file")
    with place.open_archive() as archive, progress_bar() as bar:
        archive.keep_sources(sources)
        if due:
            chosen = due_sources(archive, chosen)
        task = bar.add_task("crawling", total=len(chosen))
        done = crawl_sources(chosen, archive, place.warc, limit=limit, contact=place.contact, dry_run=dry_run, on_done=lambda _: bar.advance(task))
    for context in done:
        report_crawl(context)
        for link in context.wanted:
            click.echo(f"{link.url}\t{link.published or ''}\t{link.title}")
    if dry_run:
        return not broken and not any(failure.listing for context in done for failure in context.tally.failures)
    return not broken and len(done) == len(chosen) and not any(needs_operator(context) for context in done)


def read_idle(place: Workplace, shard: str | None) -> str:
    """When the next crawl is due, in words, where none is now and all that was crawled is published; else ""."""
    if not (place.archive.exists() and place.facts.exists()):
        return ""
    sources, broken = place.load()
    if broken:  # something failed, and a run that says nothing of it would hide it
        return ""
    chosen = choose(place, select(sources, shard) if shard else sources, ())
    present = datetime.now(UTC)
    with place.open_archive() as archive:
        dues = order_due(chosen, past_crawls(archive, present), present)
        crawled = archive.last_finished()
    if not dues or dues[0][0] <= present or not is_published(place.facts, crawled):
        return ""
    return f"nothing is due; next is {dues[0][1].id} at {dues[0][0]:%Y-%m-%d %H:%M} UTC"


def is_published(facts: Path, crawled: str | None) -> bool:
    """Whether the public database was built after the last crawl ended, and in the present schema; a killed run leaves it behind."""
    from db.schema import SCHEMA_VERSION

    try:
        with contextlib.closing(sqlite3.connect(f"{facts.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            [(published, version)] = connection.execute("SELECT published_at, schema_version FROM publication")
    except (sqlite3.Error, ValueError):
        return False
    return bool(version == SCHEMA_VERSION and published >= (crawled or ""))


def past_crawls(archive: Archive, present: datetime) -> list[dict[str, Any]]:
    """The last crawls of each source, as `crawlers.due` takes them."""
    return archive.recent_crawls((present + TOLERANCE).strftime("%Y-%m-%dT%H:%M:%SZ"), HISTORY)


def due_sources(archive: Archive, sources: Iterable[Source]) -> list[Source]:
    """The sources whose next crawl is due, the longest overdue first; those never crawled are."""
    present = datetime.now(UTC)
    return select_due(sources, past_crawls(archive, present), present)


def notify(place: Workplace, webhook: str, command: str, label: str) -> bool:
    """Tell which sources' verdicts changed since it was told last; whether all that was to be told got through."""
    with place.open_archive() as archive:
        faults = tell(place.data / "told.json", archive.last_crawls(), webhook=webhook, command=shlex.split(command), label=label)
    for fault in faults:
        screen.print(f"notification: {fault}", style="yellow", markup=False, soft_wrap=True)
    return not faults


def replay_files(place: Workplace, files: Iterable[Path]) -> bool:
    """Read WARC files again; whether all went well."""
    from crawlers.replay import replay as read_again
    from crawlers.warc import ArchiveError

    sources, broken = place.load()
    done = []
    with place.open_archive() as archive, progress_bar() as bar:
        archive.keep_sources(sources)
        files = list(files)
        task = bar.add_task("replaying", total=len(files))
        try:
            for context in read_again(files, {source.id: source for source in sources}, archive):
                done.append(context)
                bar.advance(task)
        except ArchiveError as error:
            fail(str(error))
    for context in done:
        report_crawl(context)
    return not broken and not any(failure.kind == "archive" for context in done for failure in context.tally.failures)


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_obj
def replay(place: Workplace, files: tuple[Path, ...]) -> None:
    """Read WARC files again as if their answers came now, without the network: the same as `landed crawl --replay`.

    Example: landed replay data/warc/*.warc.gz
    """
    with place.locked():
        ok = replay_files(place, files)
    raise SystemExit(0 if ok else 1)


@main.command()
@click.argument("names", nargs=-1, metavar="[SOURCE...]")
@click.pass_obj
def reparse(place: Workplace, names: tuple[str, ...]) -> None:
    """Read archived pages again with the present templates; a text that comes out differently is a new version.

    Example: landed reparse cic-news
    """
    from crawlers.reparse import reparse as read_again

    sources, broken = place.load()
    wanted = {source.id: source for source in choose(place, sources, names)}
    changed = failed = 0
    with place.locked(), place.open_archive() as archive, progress_bar() as bar:
        captures = [capture for capture in archive.article_captures() if capture.source_id in wanted]
        task = bar.add_task("reading again", total=len(captures))
        for result in read_again(captures, wanted, archive, place.warc):
            changed += result.changed
            if result.problem:
                failed += 1
                screen.print(f"  {result.capture.url}: {result.problem}", style="yellow", markup=False, soft_wrap=True)
            bar.advance(task)
    screen.print(f"read {len(captures)} pages again: {changed} articles read differently now, {failed} pages can't be read")
    raise SystemExit(1 if failed or broken else 0)


@main.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_obj
def import_files(place: Workplace, files: tuple[Path, ...]) -> None:
    """Take over WARC files: Landed's own from another machine, or foreign ones, of which known sources' pages and pages that name a pathway are kept.

    Example: landed import CC-NEWS-20260807101500-00042.warc.gz
    """
    from crawlers.takeover import copy_own, is_own
    from crawlers.warc import ArchiveError

    own: list[Path] = []
    ok = True
    with place.locked():
        for path in files:
            try:
                if is_own(path):
                    own.append(copy_own(path, place.warc))
                else:
                    import_foreign(place, path)
            except ArchiveError as error:
                ok = False
                screen.print(f"[red]landed:[/] {error}", soft_wrap=True)
        ok = (replay_files(place, own) if own else True) and ok
    raise SystemExit(0 if ok else 1)


def import_foreign(place: Workplace, path: Path) -> None:
    """Take over a foreign WARC file and say what came of its pages."""
    from crawlers.crawl import stamp
    from crawlers.identity import SOFTWARE
    from crawlers.takeover import take_over
    from crawlers.warc import WarcSeries
    from extract.pathways import find_pathways

    sources, _ = place.load()
    name = f"{stamp(datetime.now(UTC))}-import"
    series = WarcSeries(place.warc, name, SOFTWARE)
    outcomes: Counter[str] = Counter()
    with place.open_archive() as archive, contextlib.closing(series):
        archive.keep_sources(sources)
        for page in take_over(path, sources, archive, series, name, lambda text: bool(find_pathways(text))):
            outcomes[page.outcome] += 1
    screen.print(f"{path.name}: " + (", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items())) or "no pages"))


def choose(place: Workplace, sources: Sequence[Source], names: Sequence[str]) -> list[Source]:
    """The named sources, or all that are enabled; an unknown name is wrong usage."""
    known = {source.id: source for source in sources}
    if unknown := [name for name in names if name not in known]:
        raise click.UsageError(f"no source {unknown[0]!r} in {place.sources}; there are: {', '.join(known)}")
    return [known[name] for name in names] or [source for source in sources if source.enabled]


def needs_operator(context: CrawlContext) -> bool:
    """Whether something went wrong that a person should look at."""
    return context.verdict not in {"ok", "quiet"} or any(failure.kind not in HARMLESS for failure in context.tally.failures)


def report_crawl(context: CrawlContext) -> None:
    """One line on a crawl, and one on each of its failures."""
    tally = context.tally
    screen.print(f"{context.source.id}: {tally.pages} pages, {tally.new} new, {tally.changed} changed, {tally.unchanged} unchanged ({tally.not_modified} answered 304), {len(tally.failures)} faults", soft_wrap=True)
    for failure in tally.failures:
        screen.print(f"  {failure.kind}: {failure.url}: {failure.detail}", style="dim" if failure.kind in HARMLESS else "yellow", markup=False, soft_wrap=True)


@main.group()
def source() -> None:
    """Work on source files.

    Example: landed source new https://example.org/news/
    """


@source.command("new")
@click.argument("url")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write.  [default: ID.toml in the present folder]")
@click.option("--loopback", is_flag=True, help="The address is on this machine.")
@click.pass_obj
def new_source(place: Workplace, url: str, output: Path | None, loopback: bool) -> None:
    """Look at a page or feed, and write a draft of its source file: the feed found, WordPress or canada.ca recognised.

    Example: landed source new https://example.org/news/
    """
    from crawlers.crawl import probe
    from crawlers.probe import ProbeError, draft_source, write_source

    with tempfile.TemporaryDirectory() as folder, Archive(Path(folder) / "archive.db") as nowhere:
        try:
            seen = probe(url, nowhere, Path(folder), "loopback" if loopback else "internet", place.contact)
        except ProbeError as error:
            fail(str(error))
    draft = draft_source(seen, network="loopback" if loopback else "internet")
    target = output or Path(f"{draft.id}.toml")
    if target.exists():
        fail(f"{target}: this file exists. Name another one with --output.")
    target.write_text(write_source(draft), encoding="utf-8")
    click.echo(f"{target}: {draft.note}")


# ---------------------------------------------------------------- extract


@main.command()
@click.pass_obj
def extract(place: Workplace) -> None:
    """Find pathways, dates, quantities, occupations and facts in all texts that the present pipeline hasn't read.

    Example: landed extract
    """
    with place.locked():
        ok = understand(place)
    raise SystemExit(0 if ok else 1)


def understand(place: Workplace) -> bool:
    """Read all pending versions; whether none failed."""
    from db.extraction import keep_extraction, pending_versions, read_versions
    from extract.pipeline import PIPELINE_VERSION

    need_archive(place)
    new = failed = 0
    with place.open_archive() as archive, progress_bar() as bar:
        pending = pending_versions(archive, PIPELINE_VERSION)
        task = bar.add_task("extracting", total=len(pending))
        for version, blocks in read_versions(archive, pending):
            record = annotate_version(version, blocks)
            try:
                new += keep_extraction(archive, version, record, PIPELINE_VERSION, now())
            except sqlite3.IntegrityError as error:
                record = {"error": f"what was found can't be kept: {error}"}
                keep_extraction(archive, version, record, PIPELINE_VERSION, now())
            if record.get("error"):
                failed += 1
                screen.print(f"  {version['url']}: {record['error']}", style="yellow", markup=False, soft_wrap=True)
            bar.advance(task)
        settle(archive)
    screen.print(f"extracted {len(pending)} versions: {new} new facts" + (f", {failed} versions failed" if failed else ""))
    return not failed


def settle(archive: Archive) -> None:
    """Draw the conclusions from what was extracted: which facts are current, what people decided on them, what happened, what was corrected."""
    from db.changes import settle_changes
    from db.corrections import settle_corrections
    from db.events import settle_events
    from db.extraction import settle_facts
    from db.record_rows import keep_record
    from db.reviews import replay_reviews
    from db.stories import settle_stories
    from extract.pathways.rounds import pathway_of_round
    from extract.vocabulary import load_pathways

    at = now()
    settle_changes(archive)
    settle_facts(archive, at)
    replay_reviews(archive, at)
    settle_stories(archive, at)
    keep_record(archive, at)
    settle_events(archive, {pathway.id: pathway.parent_id for pathway in load_pathways().values()}, at, pathway_of_round)
    settle_corrections(archive, at)


def annotate_version(version: dict[str, Any], blocks: list[dict[str, Any]]) -> dict[str, Any]:
    """The record of an article version as the archive holds it; `error` says why there is none."""
    from extract.document import Block, Document
    from extract.pipeline import annotate as annotate_document

    document = Document(
        id=version["version_id"], text=version["text"], title=version["title"], published=version["published"], url=version["url"], language=version["language"],
        blocks=tuple(
            Block(row["kind"], row["start_char"], row["end_char"], row["level"], row["table_no"], row["row_no"], bool(row["header"]), tuple((start, end) for start, end in json.loads(row["cells"])))
            for row in blocks
        ),
    )
    try:
        return annotate_document(document)
    except Exception as error:  # noqa: BLE001 - one text that trips the pipeline must not stop the others; it is counted and named
        return {"id": document.id, "error": f"{type(error).__name__}: {error}"}


@main.command()
@click.argument("file", type=click.File("rb"), default="-")
def annotate(file: Any) -> None:
    """Annotate texts: JSON Lines in (id, text or html; title, published, url), one record per line out.

    Example: landed annotate < articles.jsonl > facts.jsonl
    """
    ok = True
    for number, line in enumerate(file, 1):
        if line.strip():
            record = annotate_line(line, number)
            ok = ok and "error" not in record
            click.echo(json.dumps(record, ensure_ascii=False))
    raise SystemExit(0 if ok else 1)


@main.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--published", default=None, help='Date of publication, ISO, which words such as "today" are read by.')
@click.option("--facts-only", is_flag=True, help="Leave the marked text out.")
def explain(file: Path, published: str | None, facts_only: bool) -> None:
    """Show what is found in a text or page and why: the text with marks, and for each fact its words, rule, cue and pathway.

    FILE is plain text that begins with its title, a page (.html), or JSON Lines as for `landed annotate` (.jsonl).

    Example: landed explain story.txt --published 2024-05-03
    """
    content = file.read_bytes()
    if file.suffix == ".jsonl":
        lines = [line for line in content.splitlines() if line.strip()]
    else:
        text = content.decode("utf-8", "replace")
        lines = [json.dumps({"id": file.name, "html" if file.suffix in {".html", ".htm"} else "text": text, "published": published}).encode()]
    ok = True
    for number, line in enumerate(lines, 1):
        where = f"{file}: line {number}" if file.suffix == ".jsonl" else str(file)
        ok = show_explanation(line, number, where, facts_only=facts_only) and ok
    raise SystemExit(0 if ok else 1)


def show_explanation(line: bytes, number: int, where: str, *, facts_only: bool) -> bool:
    """Print one document of `landed explain`; whether it could be read."""
    from extract.explain import explain_fact, mark_text
    from extract.pipeline import annotate as annotate_document

    try:
        document = read_document(json.loads(line, object_hook=_replace_half_pairs), number)
        record = annotate_document(document)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one document is told, and the next one is read
        screen.print(f"{where}: {type(error).__name__}: {error}", style="red", markup=False, soft_wrap=True)
        return False
    paper = Console(highlight=False, soft_wrap=True)
    styles = {"pathway": "green", "novel_pathway": "green italic", "noc": "magenta", "date": "cyan", "quantity": "yellow"}
    if not facts_only:
        marked = Text()
        for stretch in mark_text(record, document.text):
            marked.append(make_printable(stretch.text), style=styles.get(stretch.kind, ""))
            if stretch.kind:
                marked.append(f"[{stretch.label}{''.join(f' #{fact}' for fact in stretch.facts)}]", style="dim")
        paper.print(marked)
    paper.print(f"\n{make_printable(document.id)}: {len(record['facts'])} facts", style="bold", markup=False)
    for place, fact in enumerate(record["facts"], 1):
        for name, words in explain_fact(fact, document.text):
            paper.print(Text(f"{f'#{place}' if name == 'fact' else '':4}{name:9} ", style="dim").append(make_printable(words).replace("\n", " / "), style="bold" if name == "fact" else "not dim"))
    return True


@main.command()
@click.argument("gold", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--texts", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Folder of ID.json files with `text`, `title` and `published`, where the records have none.")
@click.option("--part", help="Only records whose `part` is this, such as aside.")
@click.option("--errors", type=click.IntRange(min=0), default=0, help="Also list the first so many misses and false alarms; never those of a part called exam.")
@click.option("--save", type=click.Path(path_type=Path, dir_okay=False), help="Write the scores to this file, as JSON.")
@click.option("--against", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Show gains and losses against scores saved earlier.")
def evaluate(gold: Path, texts: Path | None, part: str | None, errors: int, save: Path | None, against: Path | None) -> None:
    """Annotate documents and compare the result with annotations made by people: precision, recall and F1.

    Example: landed evaluate tests/gold/articles.jsonl --save before.json
    """
    from extract.evaluation import evaluate as compare

    try:
        records = [json.loads(line) for line in gold.read_text(encoding="utf-8").splitlines() if line.strip()]
        records = [record for record in records if part is None or record.get("part") == part]
        documents = [record | (json.loads((texts / f"{record['id']}.json").read_text(encoding="utf-8")) if texts else {}) for record in records]
        predicted = [annotate_line(json.dumps({name: document.get(name) for name in ("id", "text", "title", "published", "url")}).encode(), number) for number, document in enumerate(documents, 1)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        fail(f"{gold}: not a file of annotated documents: {type(error).__name__}: {error}")
    report = compare(records, [record for record in predicted if "error" not in record], {document["id"]: document["text"] for document in documents})
    scores = {name: score for part in ("layers", "groups", "attributes") for name, score in report[part].items()}
    earlier = json.loads(against.read_text(encoding="utf-8")) if against else {}
    table = Table("", "precision", "recall", "F1", "gold", "found", *(["change of F1"] if against else []), box=None, header_style="bold", pad_edge=False)
    for name, score in scores.items():
        change = [f"{score['f1'] - earlier[name]['f1']:+.3f}" if name in earlier else "new"] if against else []
        table.add_row(name, f"{score['precision']:.3f}", f"{score['recall']:.3f}", f"{score['f1']:.3f}", str(score["gold"]), str(score["predicted"]), *change)
    Console(highlight=False, width=None if sys.stdout.isatty() else 120).print(table)
    for name, share in report["matched"].items():
        click.echo(f"{name}: {share:.3f} of matched facts")
    click.echo(f"mean F1 of groups: {report['mean_f1_of_groups'] or 0:.3f}")
    click.echo(f"false facts per document without facts: {report['false_facts_per_negative_document'] or 0:.3f}")
    blind = {record["id"] for record in records if str(record.get("part")).startswith("exam")}  # who writes rules must not see what they get wrong there
    for document, layer, kind, key in [error for error in report["errors"] if error[0] not in blind][:errors]:
        click.echo(f"{document}\t{layer}\t{kind}\t{key}")
    if save:
        save.write_text(json.dumps(scores, indent=1), encoding="utf-8")
    raise SystemExit(1 if any("error" in record for record in predicted) else 0)


def annotate_line(line: bytes, number: int) -> dict[str, Any]:
    """The record for one line of input; a line that can't be read gets a record with `error`."""
    from extract.pipeline import annotate as annotate_document

    given: Any = None
    try:
        given = json.loads(line, object_hook=_replace_half_pairs)
        return annotate_document(read_document(given, number))
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one line is told in its record, and the next one is read
        return {"id": given.get("id") if isinstance(given, dict) else None, "line": number, "error": f"line {number}: {type(error).__name__}: {error}"}


def _replace_half_pairs(given: dict[str, Any]) -> dict[str, Any]:
    return {name: _HALF_PAIR.sub("\ufffd", value) if isinstance(value, str) else value for name, value in given.items()}


def read_document(given: Any, number: int) -> Any:
    """The document of an input record; ValueError says what is wrong with it."""
    from extract.document import Block, Document

    if not isinstance(given, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - the caller reports one kind of error
    for name in ("id", "text", "html", "title", "published", "url", "language"):
        if given.get(name) is not None and not isinstance(given[name], str):
            raise ValueError(f"{name!r} must be a string")
    if (given.get("text") is None) == (given.get("html") is None):
        raise ValueError("needs either 'text' or 'html'")
    document_id = given.get("id") or f"line-{number}"
    if given.get("text") is not None:
        return Document(id=document_id, text=given["text"], title=given.get("title"), published=given.get("published"), url=given.get("url"), language=given.get("language"))
    from crawlers.article import Page
    from crawlers.templates import parse_page

    page = Page(given.get("url") or "https://unknown.invalid/", given["html"].encode("utf-8", "replace"), "text/html; charset=utf-8", datetime.now(UTC))
    article = parse_page(page, "generic")
    blocks = tuple(Block(block.kind, block.start, block.end, block.level, block.table, block.row, block.header, block.cells) for block in article.blocks)
    return Document(id=document_id, text=article.text, title=article.title, published=given.get("published") or article.published, url=given.get("url"), language=given.get("language") or article.language, blocks=blocks)


# ---------------------------------------------------------------- publish


def _read_day(_context: click.Context, _parameter: click.Parameter, given: str | None) -> str | None:
    from db.as_of import end_of_day

    try:
        return given and end_of_day(given)
    except ValueError as error:
        raise click.BadParameter(f"{given!r} is no date as 2026-01-31") from error


@main.command()
@click.option("--as-of", callback=_read_day, metavar="DATE", help="What was on record at the end of that day (UTC), into facts-DATE.db; facts.db stays.")
@click.option("--into", type=click.Path(path_type=Path, dir_okay=False), help="With --as-of: the file to write.")
@click.pass_obj
def publish(place: Workplace, as_of: str | None, into: Path | None) -> None:
    """Build facts.db from the archive beside the old one, check it, and swap it in.

    Example: landed publish

    Example: landed publish --as-of 2026-07-31
    """
    if into and not as_of:
        raise click.UsageError("--into needs --as-of")
    with place.locked():
        build(place, (into or place.data / f"facts-{as_of[:10]}.db") if as_of else None, as_of)


def build(place: Workplace, target: Path | None = None, as_of: str | None = None) -> Publication:
    """Publish; a fault ends the command, and the old database stays."""
    from db.publish import PublishError
    from db.publish import publish as build_public

    need_archive(place)
    place.open_archive().close()  # brings an older archive up to the present schema
    try:
        publication = build_public(place.archive, target or place.facts, make_registry(), now(), as_of)
    except (PublishError, sqlite3.Error, OSError) as error:
        fail(str(error))
    screen.print(f"published {target or place.facts}: {publication.rows['facts']} facts, {publication.rows['articles']} articles, {publication.rows['draws']} draws")
    return publication


@main.command()
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), help="Folder of the releases.  [default: releases in the data folder]")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Date of the release.  [default: today]")
@click.pass_obj
def release(place: Workplace, into: Path | None, day: datetime | None) -> None:
    """Write a dated folder of facts.db as SQLite, CSV and Parquet, with its codebook, changes, citation and checksums.

    Example: landed release --into /srv/landed/releases
    """
    from db.releases import ReleaseError, list_parts
    from db.releases import release as write_release

    need_archive(place)
    with place.locked(), place.open_archive() as archive, progress_bar() as bar:
        task = bar.add_task("releasing", total=len(list_parts()))
        try:
            done = write_release(archive, place.facts, into or place.data / "releases", now(), (day or datetime.now(UTC)).strftime("%Y-%m-%d"), lambda _: bar.advance(task))
        except (ReleaseError, sqlite3.Error, OSError) as error:
            fail(str(error))
    screen.print(f"released {done.folder}: {done.rows['facts']} facts, {done.rows['changes']} changes since the last release", soft_wrap=True)


@main.command()
@click.option("--reviewer", default=lambda: os.environ.get("USER", "reviewer"), show_default="your user name", help="How you want to be called; it is published.")
@click.option("--limit", type=click.IntRange(min=1), help="Stop after so many.")
@click.option("--sample", type=click.IntRange(min=1), metavar="N", help="Judge N articles at random instead, to measure precision and recall.")
@click.option("--seed", type=int, default=1, show_default=True, help="Which random sample.")
@click.option("--export", "target", type=click.File("w", encoding="utf-8", lazy=True), metavar="FILE", help="Write all decisions as JSON Lines, and end.")
@click.option("--import", "given", type=click.File(encoding="utf-8"), metavar="FILE", help="Take in decisions from JSON Lines, apply them, and end.")
@click.pass_obj
def review(place: Workplace, reviewer: str, limit: int | None, sample: int | None, seed: int, target: Any, given: Any) -> None:
    """Step through conflicts, doubtful facts, ambiguous checks and new names: accept, correct, reject, skip or quit.

    Example: landed review --limit 20

    Example: landed review --sample 50 --seed 7
    """
    from db.review_session import Session
    from db.reviews import ReviewError, export_reviews, import_reviews

    need_archive(place)
    if target:
        with place.open_archive() as archive:
            for line in export_reviews(archive):
                target.write(line + "\n")
        return
    with place.locked(), place.open_archive() as archive:
        if given:
            try:
                new = import_reviews(archive, given, now())
            except (ReviewError, UnicodeDecodeError) as error:
                fail(f"{given.name}: {error}")
            settle(archive)
            screen.print(f"took in {new} decisions; run `landed publish` to show them")
            return
        session = Session(archive, Prompt(), reviewer, now)
        counts = session.review_sample(sample, seed) if sample else session.review_queue(place.facts, limit)
        settle(archive)
    screen.print(", ".join(f"{count} {answer}" for answer, count in sorted(counts.items())) or "no decisions")


def make_printable(text: str) -> str:
    """Text without signs that would steer a terminal: a page must not."""
    return "".join(letter if letter.isprintable() or letter in "\n\t" else "\ufffd" for letter in text)


class Prompt:
    """The terminal of a review: text on standard output, answers from standard input."""

    def show(self, text: str, style: str = "") -> None:
        """Print text; `style` is "", "dim" or "strong"."""
        click.secho(make_printable(text), dim=style == "dim", bold=style == "strong")

    def ask(self, question: str) -> str:
        """The answer to a question; EOFError at the end of the input."""
        click.echo(f"{question}: ", nl=False)
        return input()


def make_registry() -> Registry:
    """The extractor's vocabulary as rows of the public database."""
    from db.publish import Registry
    from extract.pathways.rounds import pathway_of_round
    from extract.pipeline import PIPELINE_VERSION
    from extract.vocabulary.rows import vocabulary_rows

    return Registry(**vocabulary_rows(), pathway_of_round=pathway_of_round, pipeline_version=PIPELINE_VERSION)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="Port to listen at; 0 for any that is free.")
@click.option("--metadata", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Datasette metadata instead of the generated one.")
@click.option("--public-url", default="", envvar="LANDED_PUBLIC_URL", help="Address at which readers find the site, as https://facts.example.org; feeds, the sitemap and citations name it.")
@click.option("--report-to", default="", envvar="LANDED_REPORT_TO", help="Where readers report an error: mailto:someone@example.org, or an https: form that takes a title and a body.")
@click.pass_obj
def serve(place: Workplace, host: str, port: int, metadata: Path | None, public_url: str, report_to: str) -> None:
    """Serve facts.db in Datasette; a newly published one is picked up without a restart.

    Example: landed serve --port 8001 --public-url https://facts.example.org
    """
    serve_facts(place, host, port, metadata, public_url, report_to)


def serve_facts(place: Workplace, host: str, port: int, metadata: Path | None = None, public_url: str = "", report_to: str = "") -> None:
    """Serve until interrupted; a fault ends the command with its reason."""
    from db.serve import ServeError
    from db.serve import serve as serve_database

    try:
        serve_database(place.facts, metadata, host, port, public_url=public_url, report_to=report_to)
    except ServeError as error:
        fail(str(error))


# ---------------------------------------------------------------- operate


@main.command()
@click.option("--due", is_flag=True, help="Only crawl sources whose next crawl is due.")
@click.option("--shard", callback=_read_shard, metavar="I/N", help="Only the I-th of N parts of the sources, as in `landed crawl`.")
@click.option("--limit", type=click.IntRange(min=1), help="At most this many articles of each listing.")
@click.option("--webhook", default="", envvar="LANDED_WEBHOOK", help="Address that a change of a source's verdict is posted to, as JSON with a text.")
@click.option("--notify-command", default="", envvar="LANDED_NOTIFY_COMMAND", callback=_read_command, help="Command that gets the same on its standard input.")
@click.option("--label", default="", envvar="LANDED_LABEL", help="What the message calls this installation.")
@click.pass_obj
def run(place: Workplace, due: bool, shard: str | None, limit: int | None, webhook: str, notify_command: str, label: str) -> None:
    """The scheduled job: crawl, tell whose verdict changed, extract, publish. A source that fails stops none of the rest.

    Example: landed run --due
    """
    with place.locked(due=due):
        if due and (idle := read_idle(place, shard)):
            screen.print(idle, soft_wrap=True)
            raise SystemExit(0 if notify(place, webhook, notify_command, label) else 1)
        crawled = collect(place, due=due, shard=shard, limit=limit)
        told = notify(place, webhook, notify_command, label)
        understood = understand(place)
        build(place)
    raise SystemExit(0 if crawled and told and understood else 1)


@main.command()
@click.argument("kind", type=click.Choice(list(SCHEDULES)))
@click.option("--every", type=int, help="Minutes from one start to the next.  [default: 10; github-actions: 60]")
@click.option("--user", default="", help="Whom the job runs as.  [default: cron: yourself; systemd: landed]")
@click.option("--executable", help="Path of the landed that is started.  [default: this one]")
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), help="Folder that the files are written to, instead of being shown.")
@click.pass_obj
def schedule(place: Workplace, kind: str, every: int | None, user: str, executable: str | None, into: Path | None) -> None:
    """A working unit that starts `landed run --due` again and again: a crontab, a systemd service and timer, or a workflow.

    Example: landed schedule systemd --into /etc/systemd/system
    """
    remote = kind == "github-actions"
    given = str(place.sources if remote else place.sources.absolute()) if place.sources != SOURCES else ""
    options = Options(executable or find_executable(), str(place.data if remote else place.data.absolute()), given, place.contact, every, user)
    try:
        files = SCHEDULES[kind](options)
    except ScheduleError as error:
        raise click.UsageError(str(error)) from error
    give_files(files, into)


@main.command()
@click.argument("kind", type=click.Choice(["docker", "systemd", "nginx", "caddy"]))
@click.option("--public-url", required=True, envvar="LANDED_PUBLIC_URL", help="Address at which readers find the site, as https://facts.example.org.")
@click.option("--port", type=click.IntRange(1, 65535), default=8001, show_default=True, help="Port on loopback, between the proxy and the site.")
@click.option("--user", default="landed", show_default=True, help="Whom the site runs as.")
@click.option("--executable", help="Path of the landed that is started.  [default: this one]")
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), help="Folder that the files are written to, instead of being shown.")
@click.pass_obj
def deploy(place: Workplace, kind: str, public_url: str, port: int, user: str, executable: str | None, into: Path | None) -> None:
    """Files that put the site on a server: a Dockerfile, a systemd unit, or the configuration of nginx or Caddy before it.

    Example: landed deploy nginx --public-url https://facts.example.org
    """
    from db.deployment import DeployError, Site, write_files

    try:
        files = write_files(kind, Site(executable or find_executable(), str(place.data.absolute()), public_url, port, user))
    except DeployError as error:
        raise click.UsageError(str(error)) from error
    give_files(files, into)


def find_executable() -> str:
    """Path of this `landed`."""
    own = Path(sys.executable).with_name("landed")
    return str(own if own.exists() else shutil.which("landed") or own)


def give_files(files: Mapping[str, str], into: Path | None) -> None:
    """Show files, or write them to a folder."""
    if into is None:
        click.echo(show_files(files), nl=False)
        return
    into.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (into / name).write_text(text, encoding="utf-8")
        screen.print(f"wrote {into / name}", soft_wrap=True)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output instead of a table.")
@click.pass_obj
def status(place: Workplace, as_json: bool) -> None:
    """Each source with its last crawl, verdict, counts, faults by kind, newest article and next crawl.

    Example: landed status
    """
    sources, _ = place.load()
    need_archive(place)
    with place.open_archive() as archive:
        crawls = {row["source_id"]: row for row in archive.last_crawls()}
        failures = archive.failures_of(row["crawl_id"] for row in crawls.values() if row["crawl_id"])
    blank = dict.fromkeys(next(iter(crawls.values()), {}))
    rows = [crawls.get(source.id, blank | {"source_id": source.id, "name": source.name, "enabled": int(source.enabled)}) for source in sources]
    rows += [row for source_id, row in crawls.items() if source_id not in {source.id for source in sources}]
    if as_json:
        for row in rows:
            row["errors_by_kind"] = json.loads(row.get("errors_by_kind") or "{}")
            row["failures"] = [{key: failure[key] for key in ("url", "kind", "detail", "at")} for failure in failures if failure["source_id"] == row["source_id"]]
        click.echo(json.dumps(rows, indent=2))
        return
    show_status(rows, failures)


def show_status(rows: Sequence[dict[str, Any]], failures: Sequence[dict[str, Any]]) -> None:
    """Print a table of sources, and below it each fault of their last crawls."""
    columns = ("source", "last run", "verdict", "pages", "new", "changed", "unchanged", "errors by kind", "newest article", "next due")
    table = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        kinds = ", ".join(f"{kind} {count}" for kind, count in json.loads(row.get("errors_by_kind") or "{}").items())
        verdict = row.get("verdict") or ("disabled" if row.get("enabled") == 0 else "never crawled")
        counts = [str(row[name]) if row.get(name) is not None else "" for name in ("pages", "new", "changed", "unchanged")]
        table.add_row(row["source_id"], _short(row.get("started_at")), verdict, *counts, kinds, (row.get("newest_published") or "")[:10], _short(row.get("due_at")))
    wide = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 200)
    wide.print(table)
    for row in rows:
        if row.get("reason") and row.get("verdict") not in {"ok", "quiet"}:
            wide.print(f"{row['source_id']}: {row['verdict']}: {row['reason']}", soft_wrap=True)
    for failure in failures:
        wide.print(f"{failure['source_id']}: {failure['kind']}: {failure['url']}: {failure['detail']}", soft_wrap=True)


def _short(stamp: str | None) -> str:
    return (stamp or "").replace("T", " ")[:16]


@main.command()
@click.argument("database", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
@click.pass_obj
def digest(place: Workplace, database: Path | None) -> None:
    """A digest per table of facts.db: equal digests mean equal knowledge, whenever it was fetched.

    Example: landed digest data/facts.db
    """
    from db.digest import digest_all, digest_tables

    path = database or place.facts
    try:
        with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            digests = digest_tables(connection)
    except sqlite3.Error as error:
        fail(f"{path}: not a database that `landed publish` built ({error}).")
    for name, value in digests.items():
        click.echo(f"{value}  {name}")
    click.echo(f"{digest_all(digests)}  (all)")


# ---------------------------------------------------------------- demo


@main.command()
@click.option("--no-serve", is_flag=True, help="Exit when the story is told, instead of serving its result.")
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="Port of Datasette.")
@click.option("--site-only", is_flag=True, help="Only serve the demo site, and print how to crawl it.")
@click.option("--phase", type=click.IntRange(1, 2), default=1, show_default=True, help="With --site-only: before (1) or after (2) an outlet's correction.")
@click.pass_context
def demo(context: click.Context, no_serve: bool, port: int, site_only: bool, phase: int) -> None:
    """Crawl a small site that comes with Landed, extract, check, publish, and serve the result.

    The pages were written for the demo and report real facts. Without --data, its folder is demo-data, made anew.

    Example: landed demo
    """
    from crawlers.demo.server import DemoSite
    from crawlers.demo.story import SOURCES as DEMO_SOURCES

    place: Workplace = context.obj
    given = context.parent is not None and context.parent.get_parameter_source("data") is not click.core.ParameterSource.DEFAULT
    place = Workplace(place.data if given else Path("demo-data"), DEMO_SOURCES, contact=place.contact)
    with DemoSite(phase=phase if site_only else 1) as site:
        place.addresses = site.addresses
        if site_only:
            serve_site(place)
            return
        clear_demo(place.data)
        told = tell_story(place, site)
        if no_serve:
            raise SystemExit(0 if told else 1)
        screen.print(f"\nThe demo site's pages stay open for the links. Look around at http://127.0.0.1:{port}/")
        serve_facts(place, "127.0.0.1", port)


def serve_site(place: Workplace) -> None:
    """Serve the demo site until interrupted, and say how to crawl it."""
    addresses = " ".join(f"--address {name}={address}" for name, address in place.addresses.items())
    click.echo(f"landed --data demo-data --sources {place.sources} {addresses} run")
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            time.sleep(3600)


def clear_demo(folder: Path) -> None:
    """Empty the demo's folder; one that no demo made is left alone."""
    mark = folder / "made-by-landed-demo"
    if folder.exists() and any(folder.iterdir()) and not mark.exists():
        fail(f"{folder}: this folder holds something that no demo made, so it is left alone. Name another one with --data.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    mark.touch()


def tell_story(place: Workplace, site: Any) -> bool:
    """Crawl the site three times (new, unchanged, one page corrected) and report; whether all went as the story has it."""
    from crawlers.demo.findings import check_story
    from crawlers.demo.story import read_story

    story = read_story(site.addresses)
    seconds: dict[str, float] = defaultdict(float)
    digests: list[str] = []
    for title, phase in (("first crawl", 1), ("the same site again", 1), ("an outlet corrects a figure", 2)):
        screen.print(f"\n[bold]{title}[/]")
        site.phase = phase
        for stage, work in (("crawl", lambda: crawl_apart(place)), ("extract", lambda: understand(place)), ("publish", lambda: digests.append(build(place).digest))):
            started = time.monotonic()
            work()
            seconds[stage] += time.monotonic() - started
    with contextlib.closing(sqlite3.connect(place.facts)) as connection, place.open_archive() as archive:
        show_summary(connection, seconds)
        findings = check_story(story, connection, archive.failures_of(row["crawl_id"] for row in archive.last_crawls()))
    findings["crawling the unchanged site again left the published facts as they were"] = digests[0] == digests[1]
    findings["the corrected article changed them"] = digests[1] != digests[2]
    screen.print()
    for finding, so in findings.items():
        screen.print(f"{'[green]as expected[/]' if so else '[red]NOT as expected[/]'}: {finding}", soft_wrap=True)
    return all(findings.values())


def crawl_apart(place: Workplace) -> None:
    """Crawl in a process of its own, as a scheduled job does; faults are part of the story, so its exit code is not."""
    options = ["--data", str(place.data), "--sources", str(place.sources), *(f"--address={name}={address}" for name, address in place.addresses.items())]
    subprocess.run([sys.executable, "-m", "landed", *options, "crawl"], check=False, env=os.environ | {"LANDED_CONTACT": place.contact})  # noqa: S603 - our own program


def show_summary(connection: sqlite3.Connection, seconds: Mapping[str, float]) -> None:
    """Print what the public database holds and how long each stage took."""
    from db.summary import summarise

    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in summarise(connection):
        table.add_row(name, value)
    table.add_row("seconds", ", ".join(f"{stage} {spent:.1f}" for stage, spent in seconds.items()))
    screen.print("\n[bold]What facts.db holds[/]")
    screen.print(table)


if __name__ == "__main__":
    main()
