"""Settings of mail programs: which servers they use, and nothing else of what their files tell."""

from __future__ import annotations

import pytest
from hotline_probe.errors import Unsupported
from hotline_probe.sources.mailprograms import MailPrograms, parse_prefs, parse_source
from hotline_proto.catalogue import load_catalogue
from hypothesis import given
from hypothesis import strategies as st

HOME = "/home/mueller"
SECRETS = ("mueller", "geheim", "Frau")
# As Thunderbird 115 writes it, shortened; the form is that of Mozilla's preferences files.
PREFS = """// Mozilla User Preferences
user_pref("mail.account.account1.server", "server1");
user_pref("mail.identity.id1.fullName", "Frau Mueller");
user_pref("mail.identity.id1.useremail", "mueller@example.org");
user_pref("mail.server.server1.hostname", "Local Folders");
user_pref("mail.server.server1.type", "none");
user_pref("mail.server.server2.hostname", "imap.example.org");
user_pref("mail.server.server2.name", "mueller@example.org");
user_pref("mail.server.server2.port", 993);
user_pref("mail.server.server2.socketType", 2);
user_pref("mail.server.server2.type", "imap");
user_pref("mail.server.server2.userName", "mueller");
user_pref("mail.server.server3.hostname", "pop.example.org");
user_pref("mail.server.server3.type", "pop3");
user_pref("mail.smtpserver.smtp1.hostname", "smtp.example.org");
user_pref("mail.smtpserver.smtp1.port", 465);
user_pref("mail.smtpserver.smtp1.try_ssl", 3);
user_pref("mail.smtpserver.smtp1.username", "mueller:geheim");
"""
# The key files of Evolution's data server (e-source-*.c).
SOURCE = """[Data Source]
DisplayName=Frau Mueller

[Mail Account]
BackendName=imapx

[Authentication]
Host=2001:db8::25
Port=143
User=mueller

[Security]
Method=starttls-on-standard-port
"""


def test_the_servers_of_both_programs(read, captured) -> None:
    captured.put(
        {
            "/proc/self/environ": f"LANG=C\0HOME={HOME}\0",
            f"{HOME}/.thunderbird/profiles.ini": "[Profile0]\n",
            f"{HOME}/.thunderbird/abc.default/prefs.js": PREFS,
            f"{HOME}/.config/evolution/sources/1.source": SOURCE,
            f"{HOME}/.config/evolution/sources/2.source": "[Calendar]\nBackendName=local\n",
            f"{HOME}/.config/evolution/sources/notes.txt": SOURCE.replace("imapx", "smtp"),
        }
    )
    told = read(MailPrograms())
    assert told["mail.program.server_count"] == 4
    checks = [told[f"mail.server.check[{key}]"] for key in "1234"]
    assert checks == [
        "imap://imap.example.org:993",
        "pop3://pop.example.org:110",
        "smtps://smtp.example.org:465",
        "imap://[2001:db8::25]:143",
    ]
    assert [told[f"mail.server.fits[{key}]"] for key in "1234"] == [False, True, True, True]
    assert [told[f"mail.server.encryption[{key}]"] for key in "1234"] == [
        "starttls",
        "none",
        "tls",
        "starttls",
    ]
    assert told["mail.server.program[4]"] == "evolution" and told["mail.server.kind[3]"] == "smtp"
    assert not any(secret in str(told) for secret in SECRETS)


def test_without_a_mail_program(read, captured) -> None:
    captured.put({"/proc/self/environ": f"HOME={HOME}\0"})
    assert read(MailPrograms()) == {"mail.program.server_count": 0}


def test_without_a_home(read) -> None:
    with pytest.raises(Unsupported):
        read(MailPrograms())


def test_names_of_servers_are_personal() -> None:
    facts = load_catalogue().facts_of_source["mailprograms"]
    personal = {fact.name for fact in facts if fact.sensitivity == "personal"}
    assert personal == {"mail.server.host", "mail.server.check"}


KEYS = st.sampled_from(["type", "hostname", "port", "socketType", "userName"])
LINES = st.builds('user_pref("mail.server.server2.{}", {});'.format, KEYS, st.text(max_size=40))


@given(st.lists(st.text(max_size=60) | LINES, max_size=8))
def test_any_settings_may_be_there(lines: list[str]) -> None:
    text = "\n".join(lines)
    found = [*parse_prefs(text + PREFS), parse_source(SOURCE + text)]
    for server in found:
        if server is not None:
            assert 0 < server.port < 65536 and server.host.isascii() and server.check.count("://") == 1
