"""How strongly a document speaks for a term: one number per posting, worked out when the document is written.

Title over summary over body is a matter of tiers: no body, however often it repeats a word, reaches the weight of a
summary, and no summary that of a title. A single number per posting also spares the search every length look-up.
"""

from __future__ import annotations

from collections import Counter

from matchhub.search.engine import MAX_BODY_CHARACTERS, SearchDoc
from matchhub.search.text import fold_document, grams, pieces, spine

_TITLE, _TITLE_SHORT = 120, 60
SUMMARY = 50
_BODY_LEAST, _BODY_MORE = 8, 32
_USUAL_BODY = 500  # characters


Parts = tuple[str, str, str, str]


def folded_parts(doc: SearchDoc) -> Parts:
    """Return title (with the reference number), summary, body and files, folded and cut to what is indexed."""
    title = f"{doc.title} {doc.ref}" if doc.ref else doc.title
    body, attached = doc.body[:MAX_BODY_CHARACTERS], doc.attached[:MAX_BODY_CHARACTERS]
    return fold_document(title), fold_document(doc.summary), fold_document(body), fold_document(attached)


def spine_of(parts: Parts) -> str:
    """Return the text in which quoted phrases are looked up; a phrase never reaches from one part into the next."""
    return "\n".join(spine(part) for part in parts)


def tiers(parts: Parts) -> tuple[int, int, int]:
    """Return what a term weighs in the title, in the summary and, said once or in a file, in the body of a document."""
    # A word is the more of a title the shorter the title is.
    title = _TITLE + round(_TITLE_SHORT / (1 + len(parts[0]) / 12))
    return title, SUMMARY, _in_body(1, parts[2])


def _in_body(count: int, body: str) -> int:
    damping = 1.5 * (0.5 + 0.5 * len(body) / _USUAL_BODY)
    return _BODY_LEAST + round(_BODY_MORE * count / (count + damping))


def term_weights(parts: Parts) -> dict[str, float]:
    """Return the weight of every term of a document."""
    title, summary, body, attached = (terms(part) for part in parts)
    in_title, in_summary, once = tiers(parts)
    found: dict[str, float] = dict.fromkeys(attached, once)
    found |= {term: _in_body(count, parts[2]) for term, count in body.items()}
    for term in summary:
        found[term] = found.get(term, 0) + in_summary
    for term in title:
        found[term] = found.get(term, 0) + in_title
    return found


def terms(folded: str) -> Counter[str]:
    """Return the terms under which a part is found, with how often each occurs."""
    return Counter(term for piece in pieces(folded) for term in grams(piece))
