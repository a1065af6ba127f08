"""Pseudonyms of one call: equal for equal things, without meaning to anybody who lacks the call's key."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from collections import OrderedDict

from hotline_probe.addressbook import Address, is_special

# Crockford's base 32: nothing in it is confused when read aloud.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 6
KINDS = ("host", "mac", "mail", "path", "person", "program", "value")
TOKEN = re.compile(rf"(?:{'|'.join(KINDS)})-[{_ALPHABET}]{{{_LENGTH}}}(?![a-z0-9])")
MAX_KNOWN = 20_000
_ONE_MAC_FOR_ALL = {"000000000000", "ffffffffffff"}

# Pseudonymous addresses lie in the ranges reserved for documentation (RFC 3849, RFC 9637): they cannot be
# mistaken for somebody's real address, and they pass a second time unchanged.
_V4_HOME = int(ipaddress.IPv6Address("2001:db8:4::"))
_V6_HOME = int(ipaddress.IPv6Address("3fff::"))


class Pseudonyms:
    """Makes pseudonyms with a key, and remembers what the latest 20,000 stand for."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._originals: OrderedDict[str, str | None] = OrderedDict()

    def token(self, kind: str, value: str) -> str:
        """Return a short word such as `person-7f3a9k`; letter case does not matter."""
        number = int.from_bytes(self._digest(kind, value.lower())[:8], "big")
        word = "".join(_ALPHABET[number >> (5 * place) & 31] for place in range(_LENGTH))
        token = f"{kind}-{word}"
        self.remember(token, value)
        return token

    def is_token(self, text: str) -> bool:
        """Tell whether a word is a pseudonym that was made here."""
        return text in self._originals and TOKEN.fullmatch(text) is not None

    def remember(self, pseudonym: str, original: str) -> None:
        """Keep what a pseudonym stands for; one that stands for two different things stands for neither."""
        known = self._originals.get(pseudonym, original)
        same = known is not None and known.lower() == original.lower()
        self._originals[pseudonym] = known if same else None
        self._originals.move_to_end(pseudonym)
        if len(self._originals) > MAX_KNOWN:
            self._originals.popitem(last=False)

    def reveal(self, pseudonym: str) -> str:
        """Return what a pseudonym stands for.

        Raises:
            LookupError: it was not made here, or too long ago, or stands for several things.
        """
        original = self._originals.get(pseudonym)
        if original is None:
            raise LookupError(f"{pseudonym} is not a pseudonym of this call")
        return original

    def mac(self, text: str) -> str:
        """Return the pseudonym of a hardware address; all spellings of one address have the same."""
        digits = re.sub(r"[^0-9a-f]", "", text.lower())
        return text if digits in _ONE_MAC_FOR_ALL else self.token("mac", digits)

    def address(self, address: Address) -> str:
        """Return the pseudonym of an IP address; special-purpose addresses are public and stay.

        Addresses with a common prefix get pseudonyms whose common prefix is as long (the construction of
        Xu, Fan, Ammar, Moon: "Prefix-Preserving IP Address Anonymization", 2002, with HMAC-SHA256 as the
        random function): IPv4 to the last bit, IPv6 up to the /64.
        """
        if is_special(address):
            return self._without_hardware(address)
        if address.version == 4:
            number = _V4_HOME | self._preserve(int(address), 32, 0)
        else:
            prefix = self._preserve(int(address) >> 64, 64, 3) & (1 << 61) - 1
            host = int.from_bytes(self._digest("host bits", str(address))[:6], "big") >> 1
            number = _V6_HOME | prefix << 47 | host
        pseudonym = str(ipaddress.IPv6Address(number))
        self.remember(pseudonym, str(address))
        return pseudonym

    def _without_hardware(self, address: Address) -> str:
        # A link-local or unique local address may contain the MAC (RFC 4291, appendix A).
        number = int(address)
        if address.version == 4 or address.is_multicast or (number >> 24) & 0xFFFF != 0xFFFE:
            return str(address)
        host = int.from_bytes(self._digest("interface id", str(address))[:8], "big")
        # The middle bytes must not read ff:fe again.
        host &= ~(0xFFFF << 24)
        pseudonym = str(ipaddress.IPv6Address(number >> 64 << 64 | host))
        self.remember(pseudonym, str(address))
        return pseudonym

    def _preserve(self, number: int, bits: int, first: int) -> int:
        result = number
        for place in range(first, bits):
            prefix = number >> (bits - place)
            flip = self._digest(f"prefix {bits} {place}", str(prefix))[0] & 1
            result ^= flip << (bits - 1 - place)
        return result

    def _digest(self, kind: str, value: str) -> bytes:
        message = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, message, hashlib.sha256)
