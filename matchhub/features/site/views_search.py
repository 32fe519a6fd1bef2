"""Search over everything that the asker may know, as a plain GET form; script only replaces the results."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request

from matchhub.core.access import PUBLIC, access
from matchhub.core.kept import forgo, kept
from matchhub.core.web import PAGE_SIZE, page_number, page_of, viewer
from matchhub.features.site import finding, typed
from matchhub.features.site.views import bp
from matchhub.search import site


@bp.get("/search")
@access(PUBLIC)
@kept
def search() -> Any:
    """Kept like a list: whatever brings a change into the index says so in the database afterwards."""
    wanted = finding.filters(request.args, viewer())
    conditions = typed.read(wanted, viewer())
    if conditions.chosen:
        return redirect(typed.address(request.args, conditions))
    query = wanted.query
    sort: Any = finding.sort_of(request.args, query)
    chosen = finding.chosen_in(wanted)
    answer = site.search(viewer(), query, wanted["kind"], chosen, sort, page_number(), PAGE_SIZE)
    if answer.degraded:
        forgo()
    return render_template(
        "site/search.html",
        answer=answer,
        query=query,
        heading=finding.heading(answer, query),
        ignored=[*answer.ignored, *filter(None, [finding.left_over(request.args)])],
        facets=[]
        if answer.degraded
        else finding.facets(finding.with_organisations(wanted, answer.organisations), answer.facets),
        unknown_conditions=conditions.unknown,
        count=wanted.count - bool(query),
        chips=wanted.chips(),
        clear_url=finding.PATH,
        sorts=finding.sorts(request.args, sort, query),
        sort=sort,
        page=page_of(answer.results, answer.total),
        kinds=finding.KIND_WORDS,
        state=finding.state(wanted),
        what=finding.in_words(wanted),
        corrected_url=finding.link(request.args, q=answer.corrected) if answer.corrected else "",
        without_filters=f"{finding.PATH}?q={query}" if query and chosen else "",
    )
