"""A FRITZ!Box by what it serves at port 49000: TR-064 behind a login, UPnP-IGD without one, and no SSH.

The documents have the form of AVM's "TR-064 First Steps" and of the IGD's SCPD files.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = 49000
MODEL = "FRITZ!Box 7590"
_DEVICE = """<?xml version="1.0"?>
<root xmlns="urn:{domain}:device-1-0">
<specVersion><major>1</major><minor>0</minor></specVersion>{version}
<device><deviceType>urn:{domain}:device:InternetGatewayDevice:1</deviceType>
<friendlyName>Family Example's box</friendlyName><manufacturer>AVM Berlin</manufacturer>
<manufacturerURL>http://www.avm.de</manufacturerURL><modelDescription>{model}</modelDescription>
<modelName>{model}</modelName><modelNumber>avm</modelNumber>
<UDN>uuid:739f2409-bccb-40e7-8e6c-0123456789ab</UDN>
<serviceList>{services}</serviceList></device></root>"""
_VERSION = """
<systemVersion><HW>226</HW><Major>154</Major><Minor>7</Minor><Patch>57</Patch><Buildnumber>107012</Buildnumber>
<Display>154.07.57</Display></systemVersion>"""
_SERVICE = (
    "<service><serviceType>urn:{domain}:service:{kind}</serviceType><serviceId>urn:{name}</serviceId>"
    "<controlURL>{path}</controlURL><eventSubURL>{path}</eventSubURL><SCPDURL>/{name}.xml</SCPDURL></service>"
)
_TR064 = (("DeviceInfo:1", "deviceinfo"), ("WLANConfiguration:1", "wlanconfig1"))
_TR064_LINE = (("WANCommonInterfaceConfig:1", "wancommonifconfig1"), ("WANPPPConnection:1", "wanpppconn1"))
_IGD = (("WANCommonInterfaceConfig:1", "WANCommonIFC1"), ("WANIPConnection:1", "WANIPConn1"))
_ANSWERS = {
    "WANCommonIFC1#GetCommonLinkProperties": {
        "NewWANAccessType": "DSL",
        "NewLayer1UpstreamMaxBitRate": "40000000",
        "NewLayer1DownstreamMaxBitRate": "100000000",
        "NewPhysicalLinkStatus": "Up",
    },
    "WANCommonIFC1#GetAddonInfos": {
        "NewByteSendRate": "125000",
        "NewByteReceiveRate": "11250000",
        "NewPacketSendRate": "0",
        "NewPacketReceiveRate": "0",
        "NewTotalBytesSent": "1234567",
        "NewTotalBytesReceived": "4294967295",
        "NewAutoDisconnectTime": "0",
        "NewDNSServer1": "192.0.2.53",
        "NewUpnpControlEnabled": "0",
        "NewX_AVM_DE_TotalBytesReceived64": "99999999999",
    },
    "WANIPConn1#GetStatusInfo": {
        "NewConnectionStatus": "Connected",
        "NewLastConnectionError": "ERROR_NONE",
        "NewUptime": "86400",
    },
    "WANIPConn1#GetExternalIPAddress": {"NewExternalIPAddress": "93.184.215.14"},
    "WANIPConn1#X_AVM_DE_GetIPv6Prefix": {
        "NewIPv6Prefix": "2001:db8:7600::",
        "NewPrefixLength": "56",
        "NewValidLifetime": "7200",
        "NewPreferedLifetime": "3600",
    },
    "deviceinfo#GetSecurityPort": {"NewSecurityPort": "49443"},
}


def description(domain: str, igd: bool) -> str:
    """Return a description in the words of UPnP, or of the DSL Forum."""
    listed, place = (_IGD, "/igdupnp/control/") if igd else ((*_TR064, *_TR064_LINE), "/upnp/control/")
    services = "".join(
        _SERVICE.format(domain=domain, kind=kind, name=name, path=place + name) for kind, name in listed
    )
    version = "" if igd else _VERSION
    return _DEVICE.format(domain=domain, version=version, model=MODEL, services=services)


class _Handler(BaseHTTPRequestHandler):
    # Whether "Statusinformationen über UPnP übertragen" is switched on.
    igd = True

    def do_GET(self) -> None:
        if self.path == "/tr64desc.xml":
            self._give(200, description("dslforum-org", igd=False))
        elif self.path == "/igddesc.xml" and self.igd:
            self._give(200, description("schemas-upnp-org", igd=True))
        else:
            self._give(404, "")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        kind, _, action = self.headers["SOAPACTION"].strip('"').partition("#")
        told = _ANSWERS.get(f"{self.path.rpartition('/')[2]}#{action}")
        if self.path.startswith("/upnp/") and told is None:
            self._give(401, "", ("WWW-Authenticate", 'Digest realm="HTTPS Access",nonce="0123",qop="auth"'))
        elif told is None:
            fault = "<s:Fault><detail><errorCode>401</errorCode></detail></s:Fault>"
            self._give(500, f'<s:Envelope xmlns:s="x"><s:Body>{fault}</s:Body></s:Envelope>')
        else:
            inside = "".join(f"<{name}>{value}</{name}>" for name, value in told.items())
            answer = f'<u:{action}Response xmlns:u="{kind}">{inside}</u:{action}Response>'
            self._give(
                200, f'<?xml version="1.0"?><s:Envelope xmlns:s="x"><s:Body>{answer}</s:Body></s:Envelope>'
            )

    def _give(self, status: int, body: str, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", str(len(body.encode())))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - its name there
        pass


@contextlib.contextmanager
def fritzbox(host: str, igd: bool = True) -> Iterator[None]:
    """Serve as a FRITZ!Box at an address of this machine."""
    handler = type("Handler", (_Handler,), {"igd": igd})
    with ThreadingHTTPServer((host, PORT), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


if __name__ == "__main__":
    with fritzbox(sys.argv[1], igd=sys.argv[2] == "igd"):
        print("ready", flush=True)
        threading.Event().wait()
