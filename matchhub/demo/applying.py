"""Applications of the story beyond the plain ones: joint ones, copies of earlier ones, and texts handed in anew."""

from __future__ import annotations

from matchhub.core import money
from matchhub.demo.stage import Line, NotYet, Stage, deed
from matchhub.domain import application_form as form
from matchhub.features.applications import copying, joining, submitting
from matchhub.features.applications import service as applications


@deed("share_work")
def share_work(stage: Stage, line: Line) -> None:
    """Add a partner to the division of work and ask it: `partner` is a key, or `outside` a name from elsewhere."""
    actor, application, details = stage.user(line.actor), stage.application(line.subject), line.details
    partner = details.get("partner")
    row = {"name": stage.organisation(partner).name if partner else details["outside"], "work": details["work"],
           "share": int(details["share"]), "amount_fen": money.parse_yuan(details["amount"])}  # fmt: skip
    part = form.part_of(application.body.document, "organisation")
    gone = {one.name for one in form.shares(application, application.body.document) if one.stand == "declined"}
    kept = [one for one in part["joint"] if one["name"] not in gone]
    applications.save_part(actor, application, "organisation", part | {"joint": [*kept, row]})
    if partner:
        joining.ask_partners(actor, application)


@deed("confirm_share")
def confirm_share(stage: Stage, line: Line) -> None:
    actor, application = stage.user(line.actor), stage.application(line.subject)
    share = joining.share_of(application, actor.organisation)
    if share is None:
        raise NotYet("not asked yet")
    joining.confirm(actor, application, share.terms_sha256)


@deed("decline_share")
def decline_share(stage: Stage, line: Line) -> None:
    joining.decline(stage.user(line.actor), stage.application(line.subject), line.details.get("note", ""))


@deed("copy_application")
def copy_application(stage: Stage, line: Line) -> None:
    """Take parts of an earlier application, `from` need/organisation; `parts` are parted by +."""
    source = stage.application(line.details["from"])
    copying.copy(stage.user(line.actor), stage.application(line.subject), source, line.details["parts"].split("+"))


@deed("rewrite")
def rewrite(stage: Stage, line: Line) -> None:
    """Replace words in some answers: `part.field=old>new`, and hand the text in anew."""
    actor, application = stage.user(line.actor), stage.application(line.subject)
    for place, words in line.details.items():
        part, field = place.split(".")
        old, new = words.split(">")
        values = form.part_of(application.body.document, part)
        assert old in values[field], (place, old)
        applications.save_part(actor, application, part, values | {field: values[field].replace(old, new)})
    submitting.submit(actor, application)
