"""Lines of services and programs about logins, networks, disks and updates."""

from __future__ import annotations

from hotline_probe.sources.logtypes import program_pattern

_DHCP = "dhclient NetworkManager udhcpc"
_OPENVPN = "openvpn nm-openvpn ovpn-client"

PROGRAM_PATTERNS = (
    program_pattern(
        "log.auth.locked",
        ("account temporarily locked", " tally "),
        r"^pam_faillock\([^)]*\): Consecutive login failures for user .* account temporarily locked"
        r"|^pam_tally2?\([^)]*\): user \S+ .*tally \d+, deny \d+",
    ),
    program_pattern(
        "log.auth.sudo_denied", ("NOT in sudoers ; ",), r"^\S+ : user NOT in sudoers ; ", programs="sudo"
    ),
    program_pattern(
        "log.wifi.wrong_key",
        ("4-Way Handshake failed", "reason=WRONG_KEY"),
        programs="wpa_supplicant",
    ),
    program_pattern(
        "log.dhcp.no_answer",
        ("No DHCPOFFERS received", "dhcp4 (", "no lease, failing"),
        r"No DHCPOFFERS received|dhcp4 \(\S+\): (?:request timed out|state changed \S+ -> timeout)"
        r"|no lease, failing",
        _DHCP,
    ),
    program_pattern(
        "log.dns.dnssec_failed",
        ("DNSSEC validation failed for question ",),
        programs="systemd-resolved",
    ),
    program_pattern(
        "log.time.no_answer",
        ("Timed out waiting for reply from ", "no selectable sources"),
        programs="systemd-timesyncd chronyd",
    ),
    program_pattern(
        "log.vpn.no_answer",
        ("TLS key negotiation failed to occur",),
        programs=_OPENVPN,
    ),
    program_pattern(
        "log.vpn.no_answer",
        ("giving up after ",),
        r"giving up after \d+ retransmits",
        "charon charon-systemd charon-nm ipsec",
    ),
    program_pattern("log.vpn.refused", ("AUTH_FAILED",), r"control message: '?AUTH_FAILED", _OPENVPN),
    program_pattern(
        "log.vpn.refused",
        ("received AUTHENTICATION_FAILED notify",),
        programs="charon charon-systemd charon-nm ipsec",
    ),
    program_pattern(
        "log.tls.refused",
        ("certificate verify failed", "certificate signed by unknown authority", "certificate has expired"),
    ),
    # smartd says it at each look, by default every half hour.
    program_pattern(
        "log.disk.smart",
        (
            "Currently unreadable (pending) sectors",
            "Offline uncorrectable sectors",
            "FAILED SMART",
            "SMART Failure",
        ),
        r"^Device: \S+(?: \[[^]]*\])?, (?:\d+ (?:Currently unreadable|Offline uncorrectable)"
        r"|FAILED SMART|SMART Failure)",
        "smartd",
    ),
    program_pattern("log.fs.mount_failed", ("Failed to mount ",), r"^Failed to mount [^:]+\.$", "systemd"),
    program_pattern("log.fs.quota", ("Disk quota exceeded",)),
    program_pattern(
        "log.boot.unclean",
        ("corrupted or uncleanly shut down",),
        r"/system\.journal corrupted or uncleanly shut down",
        "systemd-journald",
    ),
    program_pattern(
        "log.flood",
        ("Suppressed ",),
        r"^Suppressed \d+ messages from ",
        "systemd-journald",
    ),
    program_pattern(
        "log.ups.on_battery",
        ("on battery", "Power failure."),
        r"^UPS \S+ on battery$|^Power failure\.$",
        "upsmon nut-monitor apcupsd",
    ),
    program_pattern(
        "log.ups.online",
        ("on line power", "Power is back."),
        r"^UPS \S+ on line power$|^Power is back\.",
        "upsmon nut-monitor apcupsd",
    ),
    program_pattern(
        "log.ups.battery_worn",
        ("needs to be replaced", "UPS battery must be replaced"),
        r"^UPS \S+ battery needs to be replaced$|UPS battery must be replaced",
        "upsmon nut-monitor apcupsd",
    ),
)
