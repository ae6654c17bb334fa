"""The demo site: its servers answer as real hosts do, and its pages, feeds, sources and story fit together."""

from __future__ import annotations

import json
import re
import socket
import tomllib
from http.client import HTTPConnection, HTTPResponse
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import feedparser
import pytest
from bs4 import BeautifulSoup

from crawlers.demo.server import SITE, DemoSite, Request, read_manifest
from crawlers.demo.story import SOURCES, Story, read_story

if TYPE_CHECKING:
    from collections.abc import Iterator

MANIFEST = read_manifest(SITE / "manifest.toml")
ROUNDS = "/content/dam/ircc/documents/json/ee_rounds_123_en.json"
FEEDS = {"newsroom": "/io-server/gc/news/en/v2", "courier": "/feed/", "herald": "/feed/"}
CORRECTED = "/2026/08/french-round-follows-cec-draw/"
PROVINCE = "/immigration/worker-draws-2026"
HTML_PATHS = [(host, path) for host, pages in MANIFEST.items() for path, page in pages.items() if page.content_type.startswith("text/html")]
KEYS = [
    *("drawNumber", "drawNumberURL", "drawDate", "drawDateFull", "drawName", "drawSize", "drawCRS", "mitext", "DrawText1"),
    *("drawText2", "drawDateTime", "drawCutOff", "drawDistributionAsOn"),
    *(f"dd{number}" for number in range(1, 19)),
]


@pytest.fixture(scope="module")
def running() -> Iterator[DemoSite]:
    with DemoSite() as site:
        yield site


@pytest.fixture
def site(running: DemoSite) -> DemoSite:
    """The site in phase 1, with no request recorded."""
    running.phase = 1
    running.requests.clear()
    return running


@pytest.fixture
def story(site: DemoSite) -> Story:
    return read_story(site.addresses)


def fetch(site: DemoSite, host: str, path: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection(urlsplit(site.addresses[host]).netloc, timeout=5)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def page_text(body: bytes) -> str:
    return BeautifulSoup(body, "lxml").get_text(" ", strip=True)


def feed_links(site: DemoSite, host: str) -> list[str]:
    return [entry.link for entry in feedparser.parse(fetch(site, host, FEEDS[host])[1]).entries]


# ---- the servers


@pytest.mark.parametrize(("host", "path"), [(host, path) for host, pages in MANIFEST.items() for path in pages])
def test_every_path_of_the_manifest_is_served(site, host, path):
    response, body = fetch(site, host, path)
    assert response.status == 200
    assert response.headers["Content-Type"] == MANIFEST[host][path].content_type
    assert int(response.headers["Content-Length"]) == len(body) > 50
    assert site.requests == [Request(host, "GET", path, 200)]


def test_the_manifest_and_the_files_are_the_same_set():
    served = {f"{host}/{page.file}" for host, pages in MANIFEST.items() for page in pages.values()}
    files = {file.relative_to(SITE).as_posix() for file in SITE.rglob("*") if file.is_file() and file.name != "manifest.toml"}
    changed = {name for name in files if "/phase2/" in name}
    assert files - changed == served
    assert {name.replace("/phase2/", "/") for name in changed} <= served
    second = {f"{host}/phase2/{page.file}" for host, pages in MANIFEST.items() for page in pages.values() if page.modified2}
    assert changed == second


def test_the_demo_has_between_16_and_20_pages():
    assert 16 <= len(HTML_PATHS) <= 20


@pytest.mark.parametrize("path", ["/2024/02/draw-tracker-archive/", "/../server.py", "/%2e%2e/server.py", "/phase2/feed.xml", "/feed.xml", "/"])
def test_what_the_manifest_does_not_list_is_not_found(site, path):
    response, body = fetch(site, "courier", path)
    assert response.status == 404
    assert b"Page not found" in body


def test_head_answers_like_get_without_a_body(site):
    got, body = fetch(site, "newsroom", ROUNDS)
    head, nothing = fetch(site, "newsroom", ROUNDS, "HEAD")
    assert nothing == b""
    assert head.status == 200
    assert int(head.headers["Content-Length"]) == len(body)
    assert head.headers["ETag"] == got.headers["ETag"]
    assert [request.method for request in site.requests] == ["GET", "HEAD"]


def test_a_query_is_recorded_and_does_not_change_the_page(site):
    response, _ = fetch(site, "newsroom", FEEDS["newsroom"] + "?pick=50&format=atom")
    assert response.status == 200
    assert site.requests == [Request("newsroom", "GET", FEEDS["newsroom"] + "?pick=50&format=atom", 200)]


def test_a_current_etag_gets_304_with_its_validators_and_no_body(site):
    first, _ = fetch(site, "courier", CORRECTED)
    again, body = fetch(site, "courier", CORRECTED, If_None_Match=f'"other", W/{first.headers["ETag"]}')
    assert (again.status, body) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Last-Modified"] == first.headers["Last-Modified"]


def test_an_etag_that_differs_wins_over_a_current_date(site):
    first, _ = fetch(site, "courier", CORRECTED)
    again, body = fetch(site, "courier", CORRECTED, If_None_Match='"other"', If_Modified_Since=first.headers["Last-Modified"])
    assert again.status == 200
    assert body


@pytest.mark.parametrize(
    ("since", "status"),
    [
        ("Fri, 20 Feb 2026 15:40:00 GMT", 304),  # the very moment of the last change
        ("Sat, 21 Feb 2026 00:00:00 GMT", 304),
        ("Fri, 20 Feb 2026 15:39:59 GMT", 200),
        ("yesterday", 200),
        ("Sat, 21 Feb 2026 00:00:00", 200),  # no zone: not an HTTP date
    ],
)
def test_a_host_without_etags_goes_by_the_date(site, since, status):
    response, _ = fetch(site, "herald", "/2026/02/doctors-draw/", If_Modified_Since=since)
    assert response.status == status
    assert "ETag" not in response.headers


def test_last_modified_comes_from_the_manifest(site):
    response, _ = fetch(site, "newsroom", ROUNDS)
    assert response.headers["Last-Modified"] == "Fri, 07 Aug 2026 14:30:00 GMT"


def test_the_provincial_page_has_no_validators_and_differs_in_each_answer_but_not_in_its_text(site):
    (first, before), (_, after) = fetch(site, "province", PROVINCE), fetch(site, "province", PROVINCE)
    assert "ETag" not in first.headers
    assert "Last-Modified" not in first.headers
    assert before != after
    assert page_text(before) == page_text(after)
    unconditional, _ = fetch(site, "province", PROVINCE, If_Modified_Since="Sun, 22 Nov 2026 00:00:00 GMT")
    assert unconditional.status == 200


def test_the_offline_host_refuses_connections_and_keeps_its_port(site):
    address = urlsplit(site.addresses["offline"])
    for _ in range(2):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((address.hostname, address.port), timeout=5)
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind((address.hostname, address.port))


def test_given_ports_are_used_and_freed():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for _ in range(2):
        with DemoSite({"herald": port}) as site:
            assert site.addresses["herald"] == f"http://127.0.0.1:{port}"
            assert fetch(site, "herald", "/robots.txt")[0].status == 200
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_a_taken_port_raises_and_leaves_nothing_open(site):
    taken = urlsplit(site.addresses["herald"]).port
    other = DemoSite({"province": taken})
    with pytest.raises(OSError, match="in use"):
        other.__enter__()
    with pytest.raises(ConnectionRefusedError):
        fetch(other, "newsroom", "/robots.txt")


def test_unknown_hosts_and_phases_are_named():
    with pytest.raises(ValueError, match="no host 'gazette'"):
        DemoSite({"gazette": 1})
    with pytest.raises(ValueError, match="phase is 3"):
        DemoSite(phase=3)


def test_placeholders_are_replaced_and_other_signs_stay(site):
    for host, path in HTML_PATHS + list(FEEDS.items()):
        body = fetch(site, host, path)[1].decode("cp1252", errors="replace")
        assert not re.search(r"@(newsroom|courier|herald|province|offline|nonce)@", body), path
    assert site.fill(b"a@courier@/x me@nobody@ b@newsroom.example") == f"a{site.addresses['courier']}/x me@nobody@ b@newsroom.example".encode()
    assert f'rel="canonical" href="{site.addresses["courier"]}{CORRECTED}"'.encode() in fetch(site, "courier", CORRECTED)[1]


# ---- the two phases


def test_phase_2_changes_one_article_and_its_feed_and_nothing_else(site):
    def snapshot() -> dict[tuple[str, str], bytes]:
        bodies = {(host, path): fetch(site, host, path)[1] for host, pages in MANIFEST.items() for path in pages}
        bodies["province", PROVINCE] = re.sub(rb'"csrf-token" content="[0-9a-f]{8}"', b"", bodies["province", PROVINCE])
        return bodies

    before = snapshot()
    site.phase = 2
    after = snapshot()
    assert {key for key in before if before[key] != after[key]} == {("courier", CORRECTED), ("courier", "/feed/")}


@pytest.mark.parametrize("path", [CORRECTED, "/feed/"])
def test_validators_of_phase_1_no_longer_hold_for_what_changed(site, path):
    first, _ = fetch(site, "courier", path)
    site.phase = 2
    by_tag, _ = fetch(site, "courier", path, If_None_Match=first.headers["ETag"])
    by_date, _ = fetch(site, "courier", path, If_Modified_Since=first.headers["Last-Modified"])
    assert (by_tag.status, by_date.status) == (200, 200)
    assert by_tag.headers["Last-Modified"] == "Sat, 08 Aug 2026 13:05:00 GMT"


def test_validators_of_phase_1_still_hold_elsewhere(site):
    first, _ = fetch(site, "courier", "/2026/02/first-round-for-physicians/")
    site.phase = 2
    again, _ = fetch(site, "courier", "/2026/02/first-round-for-physicians/", If_None_Match=first.headers["ETag"])
    assert again.status == 304


def test_the_feed_entry_of_the_corrected_article_alone_is_updated(site, story):
    def updated() -> dict[str, str]:
        return {entry.link: entry.updated for entry in feedparser.parse(fetch(site, "courier", "/feed/")[1]).entries}

    before = updated()
    site.phase = 2
    after = updated()
    assert list(before) == list(after)
    assert {link for link in before if before[link] != after[link]} == {story.correction.url}
    assert after[story.correction.url] == "2026-08-08T13:05:00Z"


def test_the_correction_replaces_the_figure_and_says_so(site, story):
    def article() -> tuple[str, BeautifulSoup]:
        soup = BeautifulSoup(fetch(site, "courier", CORRECTED)[1], "lxml")
        return soup.select_one(".entry-content").get_text(), soup

    wrong, right = f"{story.correction.before:,}", f"{story.correction.after:,}"
    text, soup = article()
    assert f"invited {wrong} candidates" in text
    assert not soup.select(".correction")
    site.phase = 2
    text, soup = article()
    assert f"invited {right} candidates" in text
    assert wrong in soup.select_one(".correction").extract().get_text()
    assert wrong not in soup.select_one(".entry-content").get_text()
    assert json.loads(soup.select_one('script[type="application/ld+json"]').string)["dateModified"] == "2026-08-08T09:05:00-04:00"


# ---- robots


@pytest.mark.parametrize("host", list(MANIFEST))
def test_robots_lets_crawlers_at_all_pages_but_the_declared_one(site, story, host):
    robots = RobotFileParser()
    robots.parse(fetch(site, host, "/robots.txt")[1].decode().splitlines())
    closed = {site.addresses[host] + path for path in site.paths(host) if not robots.can_fetch("landed", site.addresses[host] + path)}
    assert closed == {fault.url for fault in story.faults if fault.kind == "robots" and fault.url.startswith(site.addresses[host])}
    assert "Disallow: /" in fetch(site, host, "/robots.txt")[1].decode()


def test_one_host_asks_for_a_crawl_delay(site):
    asked = {host: re.findall(r"(?m)^Crawl-delay: (.+)$", fetch(site, host, "/robots.txt")[1].decode()) for host in MANIFEST}
    assert asked == {"newsroom": [], "courier": [], "herald": ["0.2"], "province": []}


# ---- the official record


@pytest.fixture
def rounds(site) -> dict[str, dict[str, str]]:
    feed = json.loads(fetch(site, "newsroom", ROUNDS)[1])
    assert feed["classes"] == "wb-tables"
    return {entry["drawNumber"]: entry for entry in feed["rounds"]}


def test_rounds_have_the_form_of_the_official_feed(rounds):
    assert len(rounds) == 108
    for entry in rounds.values():
        assert list(entry) == KEYS
        assert all(isinstance(value, str) for value in entry.values())
        assert re.fullmatch(r"<a href='/(content/canadasite/)?en/[^']+'>\w+</a>", entry["drawNumberURL"])
        assert re.fullmatch(r"\d{1,3}(,\d{3})*", entry["drawSize"])
    dates = [entry["drawDate"] for entry in rounds.values()]
    assert dates == sorted(dates, reverse=True)


def test_the_rounds_of_2026_are_complete(rounds):
    sizes = [int(entry["drawSize"].replace(",", "")) for entry in rounds.values() if entry["drawDate"].startswith("2026")]
    assert (len(sizes), sum(sizes)) == (46, 113_423)


@pytest.mark.parametrize(
    ("number", "field", "value"),
    [
        ("91a", "drawName", "Federal Skilled Trades"),  # two rounds share a number and a day
        ("91b", "drawDate", "2018-05-30"),
        ("432", "drawCutOff", "July 3rd 2026 at 21:35:13 UTC"),  # an ordinal, no comma
        ("422", "drawCutOff", "May 21, 2026 at  12:14:09 UTC"),  # two spaces
        ("254", "drawCutOff", "November 23, 2022 00:01:29 UTC"),  # no "at"
        ("383", "drawCutOff", "March 05, 2025 at 05:10:48"),  # no zone
        ("322", "drawCutOff", "March 02. 2024 at 01:58:34 UTC"),  # a full stop for the comma
        ("270", "drawCutOff", "September 30, 2023 at 04:22:17 AM UTC"),
        ("210", "drawCutOff", "June 22, 2021 at 20:19:59 PM UTC"),
        ("208", "drawCutOff", "October 7 at 16:38:21 UTC"),  # no year
        ("82", "drawCutOff", " January 17, 2018 at 12:33:00 UTC"),  # a leading space
        ("1", "drawCutOff", ""),
        ("227", "dd18", "0"),  # pool figures that were zeroed later
        ("430", "drawSize", "4"),
    ],
)
def test_the_irregular_rounds_stand_as_the_feed_writes_them(rounds, number, field, value):
    assert rounds[number][field] == value


@pytest.mark.shared
def test_rounds_are_those_of_the_official_feed(rounds):
    feed = SITE.parents[3] / "shared" / "samples" / "express_entry" / "ee_rounds_123_en.2026-08-07.json"
    if not feed.is_file():
        pytest.skip("the shared reference material is not beside this checkout")
    official = {entry["drawNumber"]: entry for entry in json.loads(feed.read_text(encoding="utf-8"))["rounds"]}
    assert all(official[number] == entry for number, entry in rounds.items())


# ---- pages, feeds and sources fit together


@pytest.mark.parametrize("host", list(FEEDS))
def test_every_feed_entry_is_a_due_page_or_a_declared_fault(site, story, host):
    source = {"newsroom": "demo-newsroom", "courier": "demo-courier", "herald": "demo-herald"}[host]
    links = feed_links(site, host)
    assert sorted(links) == sorted([*story.pages[source], *(fault.url for fault in story.faults if fault.source == source)])
    for url in links:
        status = fetch(site, host, urlsplit(url).path)[0].status
        assert (status == 404) == (url in {fault.url for fault in story.faults if fault.kind == "gone"})


@pytest.mark.parametrize("host", ["courier", "herald"])
def test_outlet_feeds_have_the_fields_of_wordpress(site, host):
    feed = feedparser.parse(fetch(site, host, "/feed/")[1])
    assert not feed.bozo
    for entry in feed.entries:
        assert entry.id
        assert entry.author
        assert entry.published_parsed
        assert entry.content[0].value.startswith("<p")


def test_the_newsroom_lists_its_newest_page_first(site):
    feed = feedparser.parse(fetch(site, "newsroom", FEEDS["newsroom"])[1])
    assert not feed.bozo
    dates = [entry.updated for entry in feed.entries]
    assert dates == sorted(dates, reverse=True)
    assert {entry.tags[0].term for entry in feed.entries} == {"news releases", "notices"}


def test_each_source_starts_at_something_that_is_served_or_a_declared_fault(site, story):
    faults = {fault.url for fault in story.faults}
    ids = set()
    for file in SOURCES.glob("*.toml"):
        given = tomllib.loads(site.fill(file.read_bytes()).decode())
        ids.add(given["id"])
        assert given["id"] == file.stem
        assert (given["network"], given["delay"]) == ("loopback", 0)
        assert given["text_policy"] == ("full" if given["official"] else "metadata" if file.stem == "demo-offline" else "excerpt")
        for url in [*given["start"], given["home"]]:
            host = next(name for name, address in site.addresses.items() if url.startswith(address + "/"))
            assert url in faults or site.resource(host, url.removeprefix(site.addresses[host])), url
        due = len(story.pages.get(file.stem, ()))
        assert given["minimum"] == max(due, 1)
    assert ids == {*story.pages, "demo-rounds", "demo-offline"}


@pytest.mark.parametrize(("host", "path"), HTML_PATHS)
def test_pages_link_to_nothing_outside_and_to_nothing_missing(site, host, path):
    body = fetch(site, host, path)[1]
    soup = BeautifulSoup(body, "lxml")
    assert not soup.find_all(["img", "iframe", "object", "embed", "video", "audio", "base"])
    assert not soup.select("script[src], link[rel=stylesheet], [srcset], [style]")
    assert not re.search(rb"@import|url\(", body)
    for element in soup.find_all(attrs={"href": True}) + soup.find_all(attrs={"action": True}):
        link = element.get("href") or element.get("action")
        if link == "data:,":  # the empty icon, so that browsers don't ask for /favicon.ico
            continue
        target = urlsplit(urljoin(site.addresses[host] + path, link))
        name = {urlsplit(address).netloc: name for name, address in site.addresses.items()}.get(target.netloc)
        assert name is not None, link
        assert site.resource(name, target.path), link


@pytest.mark.parametrize(("host", "path"), HTML_PATHS)
def test_every_page_says_that_it_is_a_sample(site, host, path):
    soup = BeautifulSoup(fetch(site, host, path)[1], "lxml")
    note = soup.select_one(".demo-note")
    assert note.get_text().startswith("Sample page of the Landed demo, written for this project.")
    assert note.find_parent(["article", "main"]) is None


def test_every_page_of_the_newsroom_has_the_template_and_both_date_forms_occur(site, story):
    forms = set()
    for url in story.pages["demo-newsroom"] + story.pages["demo-occupations"]:
        soup = BeautifulSoup(fetch(site, "newsroom", urlsplit(url).path)[1], "lxml")
        assert soup.select_one("main h1#wb-cont[property~=name]")
        assert soup.select_one("link[rel=canonical]")["href"] == url
        stated = soup.select_one("section.pagedetails gcds-date-modified") or soup.select_one("dl#wb-dtmd time[property=dateModified]")
        forms.add(stated.name)
        assert stated.get_text(strip=True) == soup.select_one('meta[name="dcterms.modified"]')["content"]
    assert forms == {"gcds-date-modified", "time"}


def test_the_occupation_tables_hold_the_lists_of_2026(site, story):
    soup = BeautifulSoup(fetch(site, "newsroom", urlsplit(story.pages["demo-occupations"][0]).path)[1], "lxml")
    sizes = {table.find_parent("section")["id"]: len(table.select("tbody tr")) for table in soup.select("table")}
    assert sizes == {
        "physicians": 3, "healthcare": 37, "stem": 11, "trades": 25, "education": 5, "transport": 4,
        "researchers": 2, "senior-managers": 4, "skilled-military": 3,
    }  # fmt: skip
    for row in soup.select("tbody tr"):
        code, teer = (cell.get_text(strip=True) for cell in row.find_all("td")[1:])
        assert re.fullmatch(r"\d{5}", code)
        assert code[1] == teer


def test_the_provincial_table_spans_rows_and_hides_small_counts(site):
    soup = BeautifulSoup(fetch(site, "province", PROVINCE)[1], "lxml")
    assert [cell.get_text() for cell in soup.select("thead th")] == ["Date", "ITA type", "Selection factors", "Minimum score", "Invitations"]
    covered = 0
    for row in soup.select("tbody tr"):
        cells = row.find_all("td")
        assert len(cells) == (4 if covered else 5)
        covered = covered - 1 if covered else int(cells[1].get("rowspan", 1)) - 1
    assert covered == 0
    assert {int(cell["rowspan"]) for cell in soup.select("td[rowspan]")} == {2, 3}
    assert soup.find("td", string="Less than 10")
    assert soup.select_one('meta[property="article:modified_time"]')["content"] == "2026-06-16T09:30:00-06:00"


# ---- the stories


def test_the_corrected_and_the_disputed_figures_are_checked_by_official_rounds(rounds, story):
    for draw, field, value in [
        (story.correction.draw, story.correction.field, story.correction.after),
        (story.disagreement.draw, story.disagreement.field, story.disagreement.official),
    ]:
        assert int(rounds[draw][field].replace(",", "")) == value
    assert rounds[story.correction.draw]["drawDate"] == story.correction.period
    assert rounds[story.disagreement.draw]["drawDate"] == story.disagreement.period
    assert story.disagreement.right.value == story.disagreement.official != story.disagreement.wrong.value
    assert story.correction.before != story.correction.after


def test_the_two_reports_of_the_disputed_draw_print_what_the_story_says(site, story):
    for host, report, other in [
        ("courier", story.disagreement.right, story.disagreement.wrong),
        ("herald", story.disagreement.wrong, story.disagreement.right),
    ]:
        text = BeautifulSoup(fetch(site, host, urlsplit(report.url).path)[1], "lxml").select_one(".entry-content").get_text()
        assert re.search(rf"\b{report.value}\b", text)
        assert not re.search(rf"\b{other.value}\b", text)


def test_the_syndicated_copy_differs_by_its_credit_alone(site, story):
    original, copied = (
        BeautifulSoup(fetch(site, host, urlsplit(url).path)[1], "lxml").select_one(".entry-content")
        for host, url in [("courier", story.syndicated.original), ("herald", story.syndicated.copy)]
    )
    credit = copied.select_one(".syndication-credit").extract()
    assert "Lantern Bay Courier" in credit.get_text()
    for furniture in original.select(".newsletter") + copied.select(".related-posts, .sharedaddy"):
        furniture.extract()
    assert original.get_text(" ", strip=True) == copied.get_text(" ", strip=True)


def test_the_broken_page_names_an_encoding_that_its_bytes_refuse(site, story):
    response, body = fetch(site, "herald", urlsplit(story.broken.url).path)
    assert response.headers["Content-Type"] == "text/html; charset=UTF-8"
    assert b'<meta charset="UTF-8">' in body
    with pytest.raises(UnicodeDecodeError):
        body.decode(story.broken.says)
    text = body.decode(story.broken.really)
    assert all(word in text for word in ("l’expérience québécoise", "“I did everything", "Lefèvre", "pâtissière", "little else – where"))
    assert text.count("<li>") > text.count("</li>")
    assert "<h3>The figures</h4>" in text


def test_the_challenge_page_is_served_as_if_all_were_well(site, story):
    fault = next(fault for fault in story.faults if fault.kind == "challenge")
    response, body = fetch(site, "herald", urlsplit(fault.url).path)
    assert response.status == 200
    assert "Last-Modified" not in response.headers
    assert {"Checking your browser", "I am not a robot"} <= set(BeautifulSoup(body, "lxml").stripped_strings)


def test_the_faults_are_one_of_each_kind_and_belong_to_known_sources(story):
    assert sorted(fault.kind for fault in story.faults) == ["challenge", "connect", "gone", "robots"]
    assert {fault.source for fault in story.faults} <= {file.stem for file in SOURCES.glob("*.toml")}
