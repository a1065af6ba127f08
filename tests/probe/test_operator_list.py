"""What the operator has not signed for this build, this call and this time never changes anything."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hotline_probe.actions.registry import Actions
from hotline_probe.errors import ActionError
from hotline_probe.keyboard import Keyboard
from hotline_probe.machine import LocalMachine
from hotline_probe.operatorlist import OperatorLists
from hotline_probe.proposals import Proposals
from hotline_probe.status import HumanScreen
from hotline_probe.terminalface import TerminalFace
from hotline_probe.texts import LANGUAGES
from hotline_proto.catalogue import load_catalogue
from hotline_proto.operator_list import OperatorList, is_value, signed_part, write_document
from hotline_proto.v1 import probe_pb2 as pb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ACTION = "dns.use_operator"
DEAD, GOOD, OTHER = "192.0.2.1", "198.51.100.53", "203.0.113.9"
RESOLV_CONF = f"# mine\nnameserver {DEAD}\nsearch example.org\n"
KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
SALT = bytes(range(32))
HOST = "help.example.org"
SOON = int(time.time()) + 3600


def a_list(
    key: Ed25519PrivateKey = KEY,
    operator: str = HOST,
    expires: int = SOON,
    call: str = "",
    server: str = GOOD,
) -> bytes:
    document = write_document(OperatorList(operator, expires, call, {"resolver": (server,)}))
    return key.sign(signed_part(document)) + document


def proposal(
    signed: bytes, server: str = GOOD, resolver: str = DEAD, action: str = ACTION
) -> pb.ActionProposal:
    parameters = [
        pb.ActionParameter(name="resolver", entity_key=resolver),
        pb.ActionParameter(name="server", entity_key=server),
    ]
    return pb.ActionProposal(proposal_id="p", action=action, parameters=parameters, signed_list=signed)


class Desk:
    """A caller whose computer has one name server."""

    def __init__(self) -> None:
        self.reports: list[pb.ActionReport] = []

    def report(self, report: pb.ActionReport) -> int:
        self.reports.append(report)
        return len(self.reports)

    def is_heard(self, _number: int) -> bool:
        return True

    def local_key(self, kind: str, key: str) -> str | None:
        return key if (kind, key) == ("resolver", DEAD) else None

    def words_confirmed(self) -> bool:
        return True


@pytest.fixture
def propose(tmp_path: Path) -> Callable[..., tuple[str, str]]:
    """Propose something to a whole probe on a machine of its own; return how it ended and resolv.conf."""

    def run(what: pb.ActionProposal, lists: OperatorLists | None = None) -> tuple[str, str]:
        file = tmp_path / "etc" / "resolv.conf"
        file.parent.mkdir(exist_ok=True)
        file.write_text(RESOLV_CONF)
        actions = Actions(
            LocalMachine(str(tmp_path)),
            load_catalogue(),
            lambda kind: [DEAD] if kind == "resolver" else [],
            may_elevate=False,
        )
        desk, texts = Desk(), LANGUAGES["en"]
        known = lists or OperatorLists(PUBLIC, HOST, SALT)
        screen = HumanScreen(texts, False, io.StringIO())
        face = TerminalFace(screen, Keyboard(io.StringIO()), texts)
        # Whatever the caller allows, only the list decides which values count.
        proposals = Proposals(actions, desk, face, frozenset({what.action}), lists=known)
        asyncio.run(proposals.propose(what))
        last = desk.reports[-1] if desk.reports else pb.ActionReport()
        state = pb.ActionState.Name(last.state).removeprefix("ACTION_STATE_").lower()
        return f"{state} {last.code}".strip(), file.read_text()

    return run


def test_a_value_of_the_signed_list_is_used(propose: Callable[..., tuple[str, str]]) -> None:
    for call in ("", SALT.hex()):
        ended, content = propose(proposal(a_list(call=call)))
        assert ended == "done"
        assert f"nameserver {GOOD}" in content and DEAD not in content


BAD = {
    "no list": lambda: proposal(b""),
    "a signature only": lambda: proposal(a_list()[:64]),
    "forged": lambda: proposal(a_list(Ed25519PrivateKey.generate())),
    "of another operator": lambda: proposal(a_list(operator="evil.example")),
    "expired": lambda: proposal(a_list(expires=int(time.time()) - 1)),
    "for another call": lambda: proposal(a_list(call="00" * 32)),
    "a value that is not in it": lambda: proposal(a_list(), server=OTHER),
    "no value at all": lambda: proposal(a_list(), server=""),
    "a document of another purpose": lambda: proposal(KEY.sign(a_list()[64:]) + a_list()[64:]),
    "a name server that this computer has not": lambda: proposal(a_list(), resolver=OTHER),
    "something behind it": lambda: proposal(a_list() + b" "),
    "too long": lambda: proposal(a_list() + b" " * 20_000),
}


@pytest.mark.parametrize("case", BAD)
def test_any_other_list_changes_nothing(case: str, propose: Callable[..., tuple[str, str]]) -> None:
    ended, content = propose(BAD[case]())
    assert ended == "failed bad_parameter"
    assert content == RESOLV_CONF


@pytest.mark.parametrize(
    "lists", [OperatorLists(), OperatorLists(b"", HOST, SALT), OperatorLists(bytes(32), HOST)]
)
def test_a_build_without_the_operators_key_trusts_no_list(
    lists: OperatorLists, propose: Callable[..., tuple[str, str]]
) -> None:
    assert propose(proposal(a_list()), lists) == ("failed bad_parameter", RESOLV_CONF)


SIGNED = a_list()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bit=st.integers(0, 8 * len(SIGNED) - 1))
def test_one_flipped_bit_makes_it_worthless(bit: int, propose: Callable[..., tuple[str, str]]) -> None:
    flipped = bytearray(SIGNED)
    flipped[bit // 8] ^= 1 << bit % 8
    assert propose(proposal(bytes(flipped))) == ("failed bad_parameter", RESOLV_CONF)


texts = st.one_of(
    st.text(max_size=20), st.sampled_from([DEAD, GOOD, OTHER, "resolver", "server", "../x", "-rf"])
)
proposals = st.builds(
    pb.ActionProposal,
    proposal_id=texts,
    action=st.one_of(texts, st.just(ACTION)),
    parameters=st.lists(st.builds(pb.ActionParameter, name=texts, entity_key=texts), max_size=4),
    expires_in_s=st.integers(0, 2**32 - 1),
    signed_list=st.one_of(
        st.binary(max_size=300), st.just(SIGNED), st.binary(max_size=64).map(SIGNED.__add__)
    ),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(what=proposals)
def test_no_made_up_frame_changes_anything(
    what: pb.ActionProposal, propose: Callable[..., tuple[str, str]]
) -> None:
    ended, content = propose(what)
    named = {parameter.name: parameter.entity_key for parameter in what.parameters}
    if what.action == ACTION and named == {"resolver": DEAD, "server": GOOD} and what.signed_list == SIGNED:
        assert ended.startswith("done")
        return
    assert content == RESOLV_CONF
    assert not ended.startswith(("done", "running"))


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_a_signed_but_senseless_document_is_refused_in_words(document: bytes) -> None:
    raw = KEY.sign(signed_part(document)) + document
    with pytest.raises(ActionError):
        OperatorLists(PUBLIC, HOST, SALT).read(raw)


@pytest.mark.parametrize(
    "kind, value",
    [
        ("resolver", "192.0.2.53; rm -rf /"), ("resolver", "0.0.0.0"), ("resolver", "ff02::1"),
        ("resolver", "2001:DB8::1"), ("time_server", "-x.example"), ("time_server", "a b.example"),
        ("time_server", "x"), ("service", "-x"),
        ("service", "a/b"), ("service", "a\nb"), ("shell", "true"), ("resolver", 7),
        ("resolver", "fe80::1%a\nnameserver 192.0.2.66"), ("resolver", "fe80::1%eth0"),
    ],
)  # fmt: skip
def test_what_has_not_the_form_of_its_kind_is_no_value(kind: str, value: object) -> None:
    assert not is_value(kind, value)
