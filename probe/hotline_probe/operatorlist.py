"""Decides whether a list of allowed values is the operator's own, for this call, and still good."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hotline_proto.catalogue import ActionSpec
from hotline_proto.errors import OperatorListError
from hotline_proto.operator_list import OperatorList, read_document, signed_part, split_list

from hotline_probe.errors import ActionError


@dataclass(frozen=True, slots=True)
class OperatorLists:
    """What this build knows of its operator; without a key no list is ever good.

    `key` is the operator's public key (32 bytes), `operator` the host of the build, `salt` the call's.
    """

    key: bytes = b""
    operator: str = ""
    salt: bytes = b""
    now: Callable[[], float] = time.time

    def read(self, raw: bytes) -> OperatorList:
        """Return what a list says.

        Raises:
            ActionError: it is not signed by the operator of this build, is for somebody else, or has ended.
        """
        if not self.key:
            raise _refused("this program knows no operator whose list it could trust")
        # Only who gets a list pays for the arithmetic.
        from hotline_probe.local.signature import verify  # noqa: PLC0415

        try:
            signature, document = split_list(raw)
            if not verify(self.key, signature, signed_part(document)):
                raise _refused("the list of values is not signed by the operator of this program")
            listed = read_document(document)
        except OperatorListError as error:
            raise _refused(str(error)) from error
        if listed.operator != self.operator:
            raise _refused("the list of values is another operator's")
        if listed.call and listed.call != self.salt.hex():
            raise _refused("the list of values is for another call")
        if self.now() >= listed.expires:
            raise _refused("the list of values has ended")
        return listed

    def choose(self, spec: ActionSpec, given: Mapping[str, str], raw: bytes) -> dict[str, str]:
        """Return the values of an action that come from the list, each of which must stand in it.

        Raises:
            ActionError: the list is not good, or a value does not stand in it.
        """
        if not spec.operator:
            return {}
        listed = self.read(raw)
        for name, kind in spec.operator.items():
            if given.get(name) not in listed.values.get(kind, ()):
                raise _refused(f"the operator's list has no such {kind}")
        return {name: given[name] for name in spec.operator}


def _refused(message: str) -> ActionError:
    return ActionError("bad_parameter", message)
