"""Names of programs that the layout or the punctuation shows: in quotes, behind a label, as items under a lead.

Each is found by its place alone; whether the words make a name is for `novel` to say.
"""

from __future__ import annotations

import re

HEADS = r"(?:[Ss]treams?|[Pp]athways?|[Cc]ategory|[Cc]ategories|[Pp]rograms?|[Pp]rogrammes?|[Pp]ilots?|[Vv]olets?|[Ss]ub-?categor(?:y|ies))"
TITLED = r"[A-Z\u00c0-\u00dd][\w'\u2019.&-]*(?: (?:(?:and|of|for|in|to|the|with|de|des|du|et|la|le)|[A-Z\u00c0-\u00dd][\w'\u2019.&-]*)){1,6}"
SIGN = r"(?:[-*\u2022\u2013] ?|\d{1,2}[.)] )?"
# "the old 'post-study work route'": what stands in quotes and ends in a head noun, in whatever letters.
QUOTED = re.compile(
    r"[\"\u201c\u2018]((?:[\w'-]+ ){1,6}(?:stream|category|pathway|pilot|route|visa|permit|program|programme|scheme))[\"\u201d\u2019]", re.IGNORECASE,
)
# "volet \u00ab Talents \u00bb", the French way round.
GUILLEMETS = re.compile(r"\b(?:volet|fili\u00e8re|programme|programme pilote|cat\u00e9gorie|stream|pathway) \u00ab\s?([^\u00ab\u00bb\n]{4,70}?)\s?\u00bb")
# A line "Pathway | Coastal Experience" or "Stream: Coastal Experience".
LABELLED = re.compile(rf"^{SIGN}{HEADS} ?[|:] ({TITLED})(?= \(|\s*$| \||,|;)", re.MULTILINE)
# A line that is a name of its own with a sign or letter behind: "Hautes comp\u00e9tences (Volet 1)".
NUMBERED = re.compile(
    rf"^{SIGN}([A-Z\u00c0-\u00dd][^\n|:;,.()]{{5,80}}) \((?:Stream|Category|Pathway|Volet|Cat\u00e9gorie|Fili\u00e8re) (?:[A-Z]|\d{{1,2}})\)", re.MULTILINE,
)
# A line that begins with a name in small letters before a colon, a bracket, or its end: "Gaining strength category: 20".
LINE = re.compile(rf"^{SIGN}([A-Z][\w'-]+(?: [\w'-]+){{1,6}} (?:stream|category|pathway))(?=:| \(|\s*$| \|)", re.MULTILINE)
# "K-1 visa", "U visas", "subclass 400 visa", "PALM scheme": a code or an abbreviation before its head.
CODED = re.compile(
    r"(?<![\w-])((?:[A-Z]{1,2}-\d[A-Z]?|[F-Z]|[A-Z]{3,6})(?: nonimmigrant)? (?:visas?|scheme|pathway)|[Ss]ubclass \d{3}(?: visa)?)(?![\w-])",
)
# "Coastal Worker (Short Stay) visa": a bracket inside the name.
BRACKETED = re.compile(r"(?<![\w-])([A-Z][a-z]+(?: [A-Z][a-z]+){0,4} \([A-Z][A-Za-z ]{0,40}\) (?:visa|route|stream|pathway|scheme))(?!\w)")
NO_NAME = re.compile(
    r"\b(?:a|an|the|this|that|your|our|my|their|its|is|are|was|were|be|how|what|which|who|why|when|where|new|each|every|any|no|other|one|only|another|under|by|at|"
    r"can|may|will|get|apply|applying|choose|choosing|closed?|opens?|reopens?|about|per|from|than|or|as|on|not|more|who|belong|closes|launch\w*|announc\w*|through|same|second|first)\b",
    re.IGNORECASE,
)
# Items under a lead that calls them streams: "There are three streams:".
LEAD = re.compile(rf"^[^\n]{{0,200}}?\b{HEADS}[^\n:.]{{0,40}}:[ ]*\n+", re.MULTILINE)
ITEM = re.compile(rf"(?:[-*\u2022\u2013] |\d{{1,2}}[.)] )({TITLED})(?=\s*$|[;.,]| \(|:|;? and$)", re.MULTILINE)
LINES = 12  # of a list


def find_shown(text: str) -> list[tuple[int, int]]:
    """Stretches that may be names of programs, in no order."""
    found = [match.span(1) for pattern in (QUOTED, GUILLEMETS, LABELLED, CODED, BRACKETED) for match in pattern.finditer(text)]
    found += [match.span(1) for pattern in (LINE, NUMBERED) for match in pattern.finditer(text) if not NO_NAME.search(match.group(1))]
    for match in LEAD.finditer(text):
        at = match.end()
        for _ in range(LINES):
            item = ITEM.match(text, at)
            if item is None:
                break
            found.append(item.span(1))
            line = text.find("\n", at)
            if line < 0:
                break
            at = line + 1
            while text[at:at + 1] == "\n":
                at += 1
    return found
