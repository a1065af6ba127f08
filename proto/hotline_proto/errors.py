"""Errors of the contract.

ContractError
├── CatalogueError   a catalogue file is wrong
├── WireError        a frame breaks the protocol
├── RecordError      a record is damaged, truncated or too new
├── JoinCodeError    a join code or link is mistyped
├── SealingUnavailable  a record cannot be encrypted or opened here
├── SpokenError      a result that was read out is mistyped
├── SshAddressError  what was typed is no address of a device
└── OperatorListError  a list of an operator's values is damaged
"""


class ContractError(Exception):
    """Something breaks the contract between probe and collector."""


class CatalogueError(ContractError):
    """A catalogue file is wrong."""


class WireError(ContractError):
    """A frame breaks the protocol."""


class RecordError(ContractError):
    """A record is damaged, truncated or written by a newer version."""


class SealingUnavailable(ContractError):
    """A record cannot be encrypted or opened, because the library for it is not installed."""


class JoinCodeError(ContractError):
    """A join code or join link is mistyped."""


class SpokenError(ContractError):
    """A result that was read out over the phone is mistyped."""


class SshAddressError(ContractError):
    """What was typed is no address of a device; the message says what one looks like, and no password."""


class OperatorListError(ContractError):
    """A list of values that an operator allows is damaged."""
