"""What the components hand on to each other beside the Doc: plain data in doc._.landed, read back as objects."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from spacy.tokens import Doc

from extract.document import Block
from extract.tokens import Tokens

if TYPE_CHECKING:
    from extract.document import Document

if not Doc.has_extension("landed"):
    Doc.set_extension("landed", default=None)


@dataclass(frozen=True, slots=True)
class Shelf:
    """The plain data of a Doc as objects."""

    text: str
    published: str | None
    blocks: tuple[Block, ...]
    tokens: Tokens
    dates: list[dict[str, Any]]
    quantities: list[dict[str, Any]]


def fill_shelf(doc: Doc, document: Document) -> None:
    """Put what is known of a document from outside on its Doc."""
    doc._.landed = {"text": document.text, "published": document.published, "url": document.url, "blocks": [asdict(block) for block in document.blocks]}


def read_shelf(doc: Doc) -> Shelf:
    """Read the data back; a Doc that came without a document has only its text."""
    if doc._.landed is None:
        doc._.landed = {"text": doc.text, "published": None, "url": None, "blocks": []}
    data = doc._.landed
    text = data["text"]  # doc.text would be put together from the tokens at every call
    tokens = Tokens(text, *data["tokens"]) if "tokens" in data else Tokens(text)
    return Shelf(
        text, data["published"], tuple(Block(**block | {"cells": tuple(map(tuple, block["cells"]))}) for block in data["blocks"]),
        tokens, data.get("dates", []), data.get("quantities", []),
    )
