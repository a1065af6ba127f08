"""What operations take, with the bounds of the call layer; what is not named here is refused."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from hotline_collector.calls import bounds, closing, proposing
from hotline_collector.calls.reports.texts import MAX_SUMMARY, MAX_TICKET

_MAX_ID = 100
_MAX_DIGITS = 400
_MAX_CREDENTIAL = 256
_MAX_INDEX = 99


def _value(value: object) -> object:
    """Return a JSON value as the text that the call layer reads by the type of the fact."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return value


def kept(limit: int, *, least: int = 0) -> StringConstraints:
    """Return the bounds of a text that is kept without blanks around it."""
    return StringConstraints(strip_whitespace=True, min_length=least, max_length=limit)


Name = Annotated[str, kept(_MAX_ID, least=1)]
Value = Annotated[
    str,
    kept(bounds.MAX_VALUE),
    BeforeValidator(
        _value,
        json_schema_input_type=Annotated[str, Field(max_length=bounds.MAX_VALUE)] | float | bool,
    ),
]


class Body(BaseModel):
    """A JSON object with nothing in it that has no meaning."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Credentials(Body):
    """Name and password of a local account."""

    user: Annotated[str, Field(max_length=_MAX_CREDENTIAL, examples=["mia"])]
    password: Annotated[str, Field(max_length=_MAX_CREDENTIAL, examples=["correct horse battery"])]


class NewCall(Body):
    """What a caller rings about."""

    complaint: Annotated[
        str, kept(bounds.MAX_COMPLAINT), Field(description="In the caller's words.", examples=["no internet"])
    ] = ""
    customer_reference: Annotated[
        str, kept(bounds.MAX_REFERENCE), Field(description="The operator's own number.", examples=["K-4711"])
    ] = ""
    first_check: Annotated[
        str,
        kept(bounds.MAX_CHECK),
        Field(
            description="host:port or a URL that must work in the end; else what the complaint names.",
            examples=["mail.example.org:993"],
        ),
    ] = ""


class Close(Body):
    """How a call ends."""

    outcome: Annotated[
        Name,
        Field(
            description="Solved needs the caller's word and a first check that passes.",
            json_schema_extra={"enum": list(closing.OUTCOMES)},
            examples=["technician"],
        ),
    ]
    note: Annotated[str, kept(bounds.MAX_NOTE), Field(description="Noted down before the call closes.")] = ""
    caller_confirmed: Annotated[bool, Field(description="The caller says that it works again.")] = False
    ticket: Annotated[str, kept(MAX_TICKET), Field(description="Empty for the system's text.")] = ""
    summary: Annotated[str, kept(MAX_SUMMARY), Field(description="Empty for the system's text.")] = ""
    language: Annotated[
        Name, Field(description="Of the ticket.", json_schema_extra={"enum": ["en", "de"]})
    ] = "en"


class Reason(Body):
    """Why something is done; it stays in the audit trail, so name nobody in it."""

    reason: Annotated[str, kept(bounds.MAX_WHY, least=1), Field(examples=["the caller asked for it"])]


class Transfer(Body):
    """Whom a call waits for next."""

    to_agent: Annotated[str, kept(_MAX_ID), Field(description="Empty for anyone.", examples=["mia"])] = ""
    note: Annotated[str, kept(bounds.MAX_NOTE), Field(description="For whoever takes it.")] = ""


class Outage(Body):
    """What is said about an outage."""

    state: Annotated[
        Name, Field(json_schema_extra={"enum": ["announced", "dismissed"]}, examples=["announced"])
    ]


class Texts(Body):
    """The texts that a call is closed with; an empty one is written by the system."""

    ticket: Annotated[str, kept(MAX_TICKET), Field(description="For the ticket system.")] = ""
    summary: Annotated[str, kept(MAX_SUMMARY), Field(description="For the caller.")] = ""


class Complaint(Body):
    """What the caller really says is wrong."""

    complaint: Annotated[str, kept(bounds.MAX_COMPLAINT, least=1), Field(examples=["no mail since today"])]


class Source(Body):
    """A source of the caller's computer."""

    source: Annotated[Name, Field(examples=["ping"])]


class NewTarget(Body):
    """A device to read: for the caller's computer, or for the collector itself."""

    address: Annotated[
        str,
        kept(bounds.MAX_ADDRESS, least=1),
        Field(
            description="ssh://user@host:port, never with a password.", examples=["ssh://root@192.168.1.1"]
        ),
    ]
    from_collector: Annotated[
        bool,
        Field(description="The collector reads it; only a device that the operator has listed."),
    ] = False
    fingerprint: Annotated[
        str,
        kept(bounds.MAX_FINGERPRINT),
        Field(description="What its host key must be, SHA256:… as ssh-keygen shows it; empty if not known."),
    ] = ""


class NewCheck(Body):
    """Something for the probe to check, layer by layer."""

    check: Annotated[
        str,
        kept(bounds.MAX_CHECK, least=1),
        Field(description="host:port or a URL.", examples=["mail.example.org:993"]),
    ]


class Answer(Body):
    """An answer of the caller."""

    question: Annotated[Name, Field(examples=["ask.scope.other_devices"])]
    value: Annotated[
        Value, Field(description="One of the question's values; empty means: don't know.", examples=["works"])
    ] = ""


class OneFact(Body):
    """What one of the operator's own systems knows."""

    fact: Annotated[
        Name,
        Field(
            description="A name from the fact catalogue that may be entered: contract.*, line.*, operator.*.",
            examples=["contract.rate_down"],
        ),
    ]
    value: Annotated[
        Value,
        Field(
            description="As the fact's type reads it; a quantity is a text with its unit.",
            examples=["100 Mbit/s", True],
        ),
    ]
    age_s: Annotated[
        float, Field(description="How old it is, in seconds.", ge=0, le=bounds.MAX_AGE_S, examples=[3600])
    ] = 0.0
    origin: Annotated[
        str, kept(bounds.MAX_ORIGIN), Field(description="Which system says so.", examples=["billing"])
    ] = ""


class Facts(Body):
    """Several facts of the operator's own systems; all of them are entered, or none."""

    facts: Annotated[list[OneFact], Field(min_length=1, max_length=bounds.MAX_FACTS)]


class Spoken(Body):
    """A result that the caller reads out."""

    digits: Annotated[
        str, kept(_MAX_DIGITS, least=1), Field(description="Blanks and punctuation do not matter.")
    ]


class Plan(Body):
    """Which installation plan is followed."""

    plan: Annotated[str, kept(_MAX_ID), Field(description="Empty for none.", examples=["plan.home_network"])]


class Note(Body):
    """Something to be noted down."""

    text: Annotated[str, kept(bounds.MAX_NOTE, least=1), Field(examples=["rang from the neighbour's phone"])]


class Words(Body):
    """The two words that the caller reads out."""

    words: Annotated[str, kept(_MAX_ID, least=1), Field(examples=["amber falcon"])]


class Disagreement(Body):
    """A finding that is not the cause."""

    finding_id: Name
    cause: Annotated[
        str,
        kept(bounds.MAX_CAUSE, least=1),
        Field(description="The id of a rule, or free text.", examples=["cable chewed by a dog"]),
    ]
    reason: Annotated[str, kept(bounds.MAX_REASON)] = ""


class NewFix(Body):
    """A fix of a finding, proposed to the caller."""

    finding_id: Name
    fix_index: Annotated[int, Field(description="As in the finding's fixes.", ge=0, le=_MAX_INDEX)] = 0
    owner_agreed: Annotated[
        bool, Field(description="The owner of a device that the collector reads agrees to the action.")
    ] = False


class FixEvent(Body):
    """What a human says about a fix."""

    event: Annotated[
        Name,
        Field(
            description="Of an action only undo; the caller's own screen reports the rest.",
            json_schema_extra={"enum": list(proposing.HUMAN_EVENTS)},
            examples=["done"],
        ),
    ]
