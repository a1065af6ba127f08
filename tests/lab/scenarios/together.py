"""Two faults at once: both must be named first, and nothing else."""

from __future__ import annotations

from tests.lab import faults
from tests.lab.certificates import EXPIRED, GOOD
from tests.lab.lab import SHOP, Lab
from tests.lab.router import LAN
from tests.lab.scenario import Cause, Scenario, Step

_PAGE = f"https://{SHOP}"
_LOSS = "table inet fault { chain in { type filter hook prerouting priority -300; %s drop; }; }"


def both(*steps: Step) -> Step:
    """Return what does all steps in their order."""

    def step(lab: Lab) -> None:
        for one in steps:
            one(lab)

    return step


def _name_servers(*addresses: str) -> Step:
    return lambda lab: faults.name_servers(lab, *addresses)


def _ahead(seconds: float) -> Step:
    def step(lab: Lab) -> None:
        lab.time.ahead = seconds

    return step


def _run_away(lab: Lab) -> None:
    lab.customer.small_processor(0.8)
    lab.customer.python("while True: pass")


def _lose(lab: Lab) -> None:
    lab.internet.nft(_LOSS % 'iifname "line" numgen random mod 3 == 0')


def _lose_v6(lab: Lab) -> None:
    lab.customer.accept_v6()
    lab.customer.write("/etc/resolv.conf", f"nameserver {LAN}\n")
    lab.router.ns.nft(_LOSS % 'iifname "lan" ip6 daddr 2000::/3 ip6 daddr != 2001:db8:178::/64')


def _lose_nothing(lab: Lab) -> None:
    for ns in (lab.internet, lab.router.ns):
        ns.run("nft delete table inet fault", check=False)


def _read_only_home(lab: Lab) -> None:
    lab.customer.sh(
        "truncate -s 12M /run/home; mkfs.ext4 -q -m 0 /run/home; mount -o loop /run/home /home;"
        "mount -o remount,ro /home"
    )
    lab.at_the_end(lambda: lab.customer.sh("umount -l /home; true"))


def _writable_home(lab: Lab) -> None:
    lab.customer.sh("mount -o remount,rw /home")


def _few_inodes(lab: Lab) -> None:
    lab.customer.sh(
        "mount -t tmpfs -o size=4m,nr_inodes=60 tmp /srv; cd /srv; touch $(seq 80) 2>/dev/null; true"
    )


def _certify(kind: object) -> Step:
    return lambda lab: lab.certify(lab.site(), kind)  # type: ignore[arg-type]


def _two(name: str, complaint: str, *causes: Cause, **more: object) -> Scenario:
    return Scenario(name, "together", complaint, causes, **more)  # type: ignore[arg-type]


SCENARIOS = (
    _two(
        "no-names-and-disk-full",
        "Keine Seite geht auf",
        Cause("net.dns.resolver_unreachable", faults.DEAD_SERVER),
        Cause("sto.fs.full", "/"),
        inject=both(_name_servers(faults.DEAD_SERVER), faults.fill_root),
        repair=both(faults.free_root, _name_servers(LAN)),
        look_alikes=("net.wan.down", "sto.fs.write_refused"),
        cut=True,
        # Other name servers are other things: nothing of the one that is gone can be measured.
        proof=0,
    ),
    _two(
        "first-name-server-dead-and-clock-wrong",
        "Pages open slowly or say that they are not safe",
        Cause("net.dns.resolver_unreachable", faults.DEAD_SERVER),
        Cause("time.skew"),
        inject=both(_name_servers(faults.DEAD_SERVER, LAN), _ahead(7200)),
        look_alikes=("net.dns.all_unreachable", "time.drift"),
        allowed=frozenset(("net.dns.lookup_slow",)),
        cut=True,
        patience=40,
        proof=0,
    ),
    _two(
        "program-runs-away-and-line-lossy",
        "Everything is slow",
        Cause("sys.process.runaway"),
        Cause("net.wan.loss"),
        inject=both(_run_away, _lose),
        repair=both(lambda lab: lab.customer.stop(), _lose_nothing),
        look_alikes=("net.gateway.lossy", "sys.cpu.saturated"),
        allowed=frozenset(("net.wan.jitter", "net.dns.lookup_slow", "net.dns.lookup_fails")),
        cut=True,
        patience=90,
        proof=0,
    ),
    _two(
        "sign-in-page-and-disk-full",
        "Im Hotel geht nichts",
        Cause("net.portal.sign_in"),
        Cause("sto.fs.full", "/"),
        inject=both(faults.sign_in_page, faults.fill_root),
        repair=both(faults.signed_in, faults.free_root),
        look_alikes=("net.wan.down", "net.dns.lookup_fails"),
        allowed=frozenset(("net.wan.down",)),
        cut=True,
        patience=40,
        proof=60,
    ),
    _two(
        "line-dead-and-home-read-only",
        "Kein Internet, und speichern geht auch nicht",
        Cause("net.wan.down"),
        Cause("sto.fs.read_only", "/home"),
        inject=both(lambda lab: lab.router.ns.ip("link set wan down"), _read_only_home),
        repair=both(lambda lab: lab.router.connect(), _writable_home),
        look_alikes=("net.gateway.unreachable", "net.dns.lookup_fails"),
        cut=True,
    ),
    _two(
        "ipv6-dead-and-certificate-expired",
        "The shop is slow, and the browser says that it is not safe",
        Cause("net.ipv6.dead"),
        Cause("tls.expired", _PAGE),
        inject=both(_certify(EXPIRED), _lose_v6),
        repair=both(_certify(GOOD), _lose_nothing),
        look_alikes=("net.wan.down", "time.skew"),
        checks=(_PAGE,),
        ipv6=True,
        cut=True,
        patience=50,
        proof=60,
    ),
    _two(
        "service-stopped-and-inodes-used-up",
        "Our shop does not open, and nothing can be saved",
        Cause("check.service_down", _PAGE),
        Cause("sto.fs.inodes", "/srv"),
        inject=both(lambda lab: lab.close(lab.site()), _few_inodes),
        look_alikes=("sto.fs.full", "check.timeout"),
        checks=(_PAGE,),
        proof=0,
    ),
    _two(
        "cable-unplugged-and-disk-full",
        "Kein Internet",
        Cause("net.link.no_carrier"),
        Cause("sto.fs.full", "/"),
        inject=both(lambda lab: lab.router.ns.ip("link set port down"), faults.fill_root),
        repair=both(lambda lab: lab.router.ns.ip("link set port up"), faults.free_root),
        look_alikes=("net.adapter.disabled", "net.gateway.unreachable", "net.wan.down"),
        cut=True,
    ),
)
