"""A review at a terminal: one case after the other is shown, and each answer is kept and applied at once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Protocol

from db.corrections import describe_fact
from db.decisions import split_link
from db.review_queue import list_cases, list_sample
from db.reviews import CORRECTABLE, Review, ReviewError, correct_fact, keep_reviews, replay_reviews

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from typing import Any

    from db.archive import Archive
    from db.review_queue import Case, Sampled

ANSWERS = {"a": "accept", "c": "correct", "r": "reject", "s": "skip", "q": "quit"}


class Terminal(Protocol):
    """Where the session takes place."""

    def show(self, text: str, style: str = "") -> None:
        """Print text; `style` is "", "dim" or "strong"."""

    def ask(self, question: str) -> str:
        """The answer to a question, "" where there is none; EOFError at the end of the input."""


class _QuitError(Exception):
    """The reviewer has had enough."""


class Session:
    """One sitting of a reviewer.

    Args:
        archive: The archive database.
        terminal: Where to show and ask.
        reviewer: How the reviewer wants to be called; it is published.
        now: The present time, UTC.
    """

    def __init__(self, archive: Archive, terminal: Terminal, reviewer: str, now: Callable[[], str]) -> None:
        self.archive, self.terminal, self.reviewer, self.now = archive, terminal, reviewer, now
        self.counts: Counter[str] = Counter()

    def review_queue(self, public: Path | None, limit: int | None = None) -> Counter[str]:
        """Step through what `list_cases` gives, `limit` cases at most; gives the count of each answer."""
        return self._sit(lambda: self._step(list_cases(self.archive, public), limit))

    def review_sample(self, size: int, seed: int) -> Counter[str]:
        """Step through the articles of a random sample: judge each fact, and count those that were missed."""
        sample = f"sample-{seed}-{size}"

        def judge() -> None:
            for article in list_sample(self.archive, size, seed, sample):
                self._judge_article(article, sample)

        return self._sit(judge)

    def _sit(self, work: Callable[[], None]) -> Counter[str]:
        try:
            work()
        except (_QuitError, EOFError):
            self.terminal.show("Stopped. What was decided is kept; the rest comes again next time.", "dim")
        else:
            self.terminal.show("Nothing is left to review.", "dim")
        return self.counts

    def _step(self, cases: Iterable[Case], limit: int | None) -> None:
        for number, case in enumerate(cases):
            if limit is not None and number >= limit:
                raise _QuitError
            self._show(case, number + 1)
            self._decide(case)

    def _judge_article(self, article: Sampled, sample: str) -> None:
        self.terminal.show(f"\n{article.title}\n{article.url}", "strong")
        self.terminal.show(article.text)
        for number, case in enumerate(article.facts, 1):
            self._show(case, number)
            self._decide(case, sample)
        missed = self._ask_missed()
        self._keep(Review("article", article.article_id, self.reviewer, self.now(), "judged",
                          {"missed": missed, "facts": [*article.judged, *(case.target_id for case in article.facts)], "pipeline": article.pipeline}, sample=sample))

    def _show(self, case: Case, number: int) -> None:
        self.terminal.show(f"\n{number}. {case.summary}", "strong")
        self.terminal.show(f"{case.why}; {case.url}", "dim")
        self.terminal.show(f"{case.before}[{case.evidence}]{case.after}")

    def _decide(self, case: Case, sample: str | None = None) -> None:
        """Ask until there is an answer that can be kept; facts of a sample can't be skipped, or it were no sample."""
        allowed = [letter for letter, answer in ANSWERS.items() if not (sample and answer == "skip")]
        question = ", ".join(f"{letter} {ANSWERS[letter]}" for letter in allowed)
        while True:
            letter = self.terminal.ask(question).strip().lower()[:1]
            if letter not in allowed:
                continue
            verdict = ANSWERS[letter]
            if verdict == "quit":
                raise _QuitError
            if verdict == "skip":
                self.counts["skip"] += 1
                return
            try:
                corrected = self._ask_correction(case) if verdict == "correct" else None
                note = self.terminal.ask("note (may be empty)").strip() or None
                review = Review(case.target_type, case.target_id, self.reviewer, self.now(), verdict, corrected, note, sample)
            except ReviewError as error:
                self.terminal.show(str(error), "strong")
                continue
            self._keep(review)
            self.counts[verdict] += 1
            return

    def _keep(self, review: Review) -> None:
        keep_reviews(self.archive, [review], review.reviewed_at)
        if review.target_type == "fact":
            replay_reviews(self.archive, review.reviewed_at)

    def _ask_correction(self, case: Case) -> dict[str, Any]:
        if case.target_type == "candidate":
            return {"pathway_id": self.terminal.ask("id of the known pathway").strip()}
        if case.target_type == "link" and split_link(case.target_id):
            return {"event_id": self.terminal.ask("id of the event that it tells of, as ev-0123456789abcdef; or new").strip()}
        if case.target_type == "link":
            return {"draw_id": self.terminal.ask("id of the draw, as ca-ee-434").strip()}
        assert case.fact is not None
        given = describe_fact(case.fact)
        corrected = {}
        for name in CORRECTABLE:
            present = str(given.get(name, ""))
            answer = self.terminal.ask(f"{name} [{present or 'none'}] (empty: as it is; - for none)").strip()
            if answer and answer != present:
                corrected[name] = None if answer == "-" else answer
        if correct_fact(case.fact, corrected)["fact_id"] == case.target_id:
            raise ReviewError("nothing was changed")
        return corrected

    def _ask_missed(self) -> dict[str, int]:
        """Facts that the article states and that weren't shown, by attribute."""
        while True:
            answer = self.terminal.ask("missed facts, as: cap 1, fee 2 (empty: none)").strip()
            missed = {}
            for part in filter(None, (part.strip() for part in answer.split(","))):
                name, _, count = part.partition(" ")
                if not count.strip().isdecimal():
                    break
                missed[name] = int(count)
            else:
                return missed
