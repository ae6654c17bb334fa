"""Words, numbers and signs with their places, found in one linear pass.

spaCy's English tokenizer keeps "Engineers21300" and "21231/21232" as single tokens, and strips brackets one by one from
the ends of a token, which is quadratic on hostile text. This tokenizer parts letters from digits, so every code and
every figure is a token of its own, and reads a text of any shape once.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from spacy.tokens import Doc
from spacy.util import registry

if TYPE_CHECKING:
    from collections.abc import Callable

    from spacy.language import Language
    from spacy.vocab import Vocab

TOKEN = re.compile(
    r"(?<![\d.,])\d{1,3}(?:,\d{3})++(?!\d)(?:\.\d++)?"  # 10,000 or 1,085.50
    r"|(?<![\d.])\d++\.\d++(?!\.?\d)"  # 1.45, but 11.17.15 falls apart
    r"|\d++"
    r"|[^\W\d_]+?(?<=[a-z])(?=[A-Z]{2})"  # "OccupationNOC": lost markup glued two words
    r"|[^\W\d_]++"
    r"|['\u2019](?:s|S|t|T)\b"
    r"|[^\w\s]"
    r"|_++"
)
LONGEST_WORD = 60  # a longer run of letters is no word: it is kept, but its lower-case form is cut


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a text as parallel lists: lower-case form, start, end (code points, end excluded)."""

    text: str
    lower: list[str] = field(default_factory=list)
    start: list[int] = field(default_factory=list)
    end: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        """The number of tokens."""
        return len(self.lower)

    def range(self, start: int, end: int) -> tuple[int, int]:
        """Indices (first, one past the last) of the tokens that lie within the offsets."""
        return bisect_left(self.start, start), bisect_right(self.end, end)

    def glued(self, index: int) -> bool:
        """True where no white space stands between the token and the one before it."""
        return index > 0 and self.end[index - 1] == self.start[index]


def split_tokens(text: str) -> Tokens:
    """Tokens of a text; curly apostrophes become straight ones in the lower-case form."""
    lower: list[str] = []
    start: list[int] = []
    end: list[int] = []
    for match in TOKEN.finditer(text):
        word = match.group()
        lower.append(word[:LONGEST_WORD].lower().replace("\u2019", "'"))
        start.append(match.start())
        end.append(match.end())
    return Tokens(text, lower, start, end)


class LandedTokenizer:
    """spaCy's face of `split_tokens`: one Doc token per token, white space between words as tokens of its own."""

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        """Make a Doc of a text."""
        words: list[str] = []
        spaces: list[bool] = []
        at = 0
        for match in TOKEN.finditer(text):
            start = match.start()
            if start > at:
                if words and text[at] == " ":
                    spaces[-1] = True
                    at += 1
                if start > at:
                    words.append(text[at:start])
                    spaces.append(False)
            words.append(match.group())
            spaces.append(False)
            at = match.end()
        if at < len(text):
            if words and text[at] == " ":
                spaces[-1] = True
                at += 1
            if at < len(text):
                words.append(text[at:])
                spaces.append(False)
        return Doc(self.vocab, words=words, spaces=spaces)

    def to_bytes(self, **_: object) -> bytes:
        """Nothing is learnt, so nothing is stored."""
        return b""

    def from_bytes(self, _data: bytes, **__: object) -> LandedTokenizer:
        """Nothing is stored, so nothing is read."""
        return self

    def to_disk(self, _path: object, **__: object) -> None:
        """Nothing is learnt, so nothing is written."""

    def from_disk(self, _path: object, **__: object) -> LandedTokenizer:
        """Nothing is written, so nothing is read."""
        return self


@registry.tokenizers("landed_tokenizer.v1")  # type: ignore[untyped-decorator]
def create_tokenizer() -> Callable[[Language], LandedTokenizer]:
    """What spaCy's configuration calls to make the tokenizer."""

    def make(nlp: Language) -> LandedTokenizer:
        return LandedTokenizer(nlp.vocab)

    return make
