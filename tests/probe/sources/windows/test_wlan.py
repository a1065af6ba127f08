"""netsh wlan show interfaces in four languages, in the forms of Windows 10 and 11."""

from __future__ import annotations

import pytest
from hotline_probe.sources.wifi import Wifi
from hotline_probe.sources.windows.network import SCRIPT
from hotline_probe.sources.windows.wlan import Radio, dbm, parse_wlan
from hotline_proto.facts import UnknownReason
from hypothesis import given
from hypothesis import strategies as st

ENGLISH_10 = """
There is 1 interface on the system:

    Name                   : Wi-Fi
    Description            : Intel(R) Wi-Fi 6 AX201 160MHz
    GUID                   : 11111111-2222-3333-4444-555555555555
    Physical address       : aa:bb:cc:dd:ee:ff
    State                  : connected
    SSID                   : 12345
    BSSID                  : 00:11:22:33:44:55
    Network type           : Infrastructure
    Radio type             : 802.11ac
    Authentication         : WPA2-Personal
    Cipher                 : CCMP
    Connection mode        : Auto Connect
    Channel                : 44
    Receive rate (Mbps)    : 866.7
    Transmit rate (Mbps)   : 780
    Signal                 : 94%
    Profile                : 12345

    Hosted network status  : Not available
"""
ENGLISH_11 = """
There is 1 interface on the system:

    Name                   : Wi-Fi
    Description            : Intel(R) Wi-Fi 6E AX211 160MHz
    GUID                   : e6b08c8a-3feb-4c3e-88c3-dee94dd2f0eb
    Physical address       : 10:f6:0a:db:fc:e5
    Interface type         : Primary
    State                  : connected
    SSID                   : Office: 2nd floor
    AP BSSID               : 58:fb:96:00:00:01
    Band                   : 6 GHz
    Channel                : 5
    Connected Akm-cipher   : [ akm = 00-0f-ac:08, cipher = 00-0f-ac:04 ]
    Network type           : Infrastructure
    Radio type             : 802.11ax
    Authentication         : WPA3-Personal  (H2E)
    Cipher                 : CCMP
    Connection mode        : Auto Connect
    Receive rate (Mbps)    : 2402
    Transmit rate (Mbps)   : 2161.3
    Signal                 : 80%
    Rssi                   : -62
    Profile                : Office: 2nd floor
    QoS MSCS Configured         : 0
    QoS Map Configured          : 0
    QoS Map Allowed by Policy   : 0

    Hosted network status  : Not available
"""
GERMAN_11 = """
Es ist 1 Schnittstelle auf dem System vorhanden:

    Name                   : WLAN
    Beschreibung           : Realtek 8852BE Wireless LAN WiFi 6 PCI-E NIC
    GUID                   : b944999c-e7b2-43bb-8074-01bba5527af1
    Physische Adresse      : 1c:ce:51:98:dd:1c
    Schnittstellentyp      : Primär
    Status                 : Verbunden
    SSID                   : Müllers Höhle
    AP BSSID               : aa:bb:cc:dd:ee:01
    Bereich                : 2,4 GHz
    Kanal                  : 11
    Netzwerktyp            : Infrastruktur
    Funktyp                : 802.11n
    Authentifizierung      : WPA2-Personal
    Verschlüsselung        : CCMP
    Verbindungsmodus       : Automatisch verbinden
    Empfangsrate (MBit/s)  : 144,4
    Übertragungsrate (MBit/s) : 72,2
    Signal                 : 42%
    Profil                 : Müllers Höhle

    Status des gehosteten Netzwerks : Nicht verfügbar
"""
FRENCH = """
Il existe 1 interface sur le système :

    Nom                    : Wi-Fi
    Description            : Intel(R) Wireless-AC 9560
    GUID                   : 11111111-2222-3333-4444-555555555555
    Adresse physique       : aa:bb:cc:dd:ee:ff
    État                   : connecté
    SSID                   : Livebox-1234
    BSSID                  : 00:11:22:33:44:55
    Type de réseau         : Infrastructure
    Type de radio          : 802.11ac
    Authentification       : WPA2 - Personnel
    Chiffrement            : CCMP
    Mode de connexion      : Connexion automatique
    Canal                  : 100
    Réception (Mbits/s)    : 390
    Transmission (Mbits/s) : 325
    Signal                 : 78 %
    Profil                 : Livebox-1234

    État du réseau hébergé : Non disponible
"""
SPANISH = """
Hay 1 interfaz en el sistema:

    Nombre                 : Wi-Fi
    Descripción            : Qualcomm Atheros QCA9377
    GUID                   : 11111111-2222-3333-4444-555555555555
    Dirección física       : aa:bb:cc:dd:ee:ff
    Estado                 : conectado
    SSID                   : MOVISTAR_1234
    BSSID                  : 00:11:22:33:44:55
    Tipo de red            : Infraestructura
    Tipo de radio          : 802.11n
    Autenticación          : WPA2-Personal
    Cifrado                : CCMP
    Modo de conexión       : Conexión automática
    Canal                  : 6
    Velocidad de recepción (Mbps) : 130
    Velocidad de transmisión (Mbps) : 130
    Señal                  : 100%
    Perfil                 : MOVISTAR_1234

    Estado de la red hospedada: No disponible
"""
OFF = """
{intro}

    {name} : WLAN
    {description} : Intel(R) Wireless-AC 9260 160MHz
    GUID                   : 4febfb8d-d367-49db-9722-e20c96bdd9e6
    {address} : 04:56:e5:e1:79:18
    {state} : {disconnected}
    {radio} : {hardware}
                             {software}

    {hosted} : {unavailable}
"""
LABELS = {
    "en": (
        "There is 1 interface on the system:|Name|Description|Physical address|State|disconnected"
        "|Radio status|Hosted network status|Not available"
    ),
    "de": (
        "Es ist 1 Schnittstelle auf dem System vorhanden:|Name|Beschreibung|Physische Adresse|Status|Getrennt"
        "|Funkstatus|Status des gehosteten Netzwerks|Nicht verfügbar"
    ),
    "fr": (
        "Il existe 1 interface sur le système :|Nom|Description|Adresse physique|État|déconnecté|État radio"
        "|État du réseau hébergé|Non disponible"
    ),
    "es": (
        "Hay 1 interfaz en el sistema:|Nombre|Descripción|Dirección física|Estado|desconectado"
        "|Estado de radio|Estado de la red hospedada|No disponible"
    ),
}


def off(language: str, hardware: str, software: str) -> list[str]:
    names = "intro name description address state disconnected radio hosted unavailable".split()
    words = dict(zip(names, LABELS[language].split("|"), strict=True))
    return OFF.format(**words, hardware=hardware, software=software).splitlines()


@pytest.mark.parametrize(
    ("printed", "radio"),
    [
        (ENGLISH_10, Radio("Wi-Fi", True, "none", "12345", -53.0, 44, "5", 866.7e6, 780e6)),
        (ENGLISH_11, Radio("Wi-Fi", True, "none", "Office: 2nd floor", -62.0, 5, "6", 2402e6, 2161.3e6)),
        (GERMAN_11, Radio("WLAN", True, "none", "Müllers Höhle", -79.0, 11, "2.4", 144.4e6, 72.2e6)),
        (FRENCH, Radio("Wi-Fi", True, "none", "Livebox-1234", -61.0, 100, "5", 390e6, 325e6)),
        (SPANISH, Radio("Wi-Fi", True, "none", "MOVISTAR_1234", -50.0, 6, "2.4", 130e6, 130e6)),
    ],
)
def test_connected(printed: str, radio: Radio) -> None:
    assert parse_wlan(printed.splitlines()) == [radio]
    doubled = printed.replace("\n", "\n\n").splitlines()  # as some consoles do
    assert parse_wlan(doubled) == [radio]


@pytest.mark.parametrize(
    ("language", "hardware", "software", "blocked"),
    [
        ("en", "Hardware On", "Software On", "none"),
        ("en", "Hardware On", "Software Off", "soft"),
        ("en", "Hardware Off", "Software Off", "hard"),
        ("de", "Hardware Ein", "Software Ein", "none"),
        ("de", "Hardware Ein", "Software Aus", "soft"),
        ("de", "Hardware Aus", "Software Ein", "hard"),
        ("fr", "Matériel activé", "Logiciel désactivé", "soft"),
        ("fr", "Matériel Inactif", "Logiciel Actif", "hard"),
        ("es", "Hardware activado", "Software desactivado", "soft"),
        ("es", "Hardware desactivado", "Software activado", "hard"),
        ("es", "Hardware Azul", "Software Azul", None),
    ],
)
def test_not_connected(language: str, hardware: str, software: str, blocked: str | None) -> None:
    [radio] = parse_wlan(off(language, hardware, software))
    assert (radio.name, radio.connected, radio.blocked) == ("WLAN", False, blocked)
    assert (radio.ssid, radio.signal, radio.channel, radio.band) == ("", None, None, None)


def test_two_radios() -> None:
    second = GERMAN_11.replace("WLAN", "WLAN 2").split("vorhanden:")[1]
    assert [radio.name for radio in parse_wlan((GERMAN_11 + second).splitlines())] == ["WLAN", "WLAN 2"]


@pytest.mark.parametrize(
    ("percent", "strength"), [(0, -100.0), (1, -99.5), (50, -75.0), (99, -50.5), (100, -50.0)]
)
def test_shares_are_strengths(percent: float, strength: float) -> None:
    assert dbm(percent) == strength


def wlan(lines: list[str], code: int = 0, carrier: bool = True) -> dict[str, object]:
    adapter = {
        "InterfaceIndex": 8,
        "Name": "WLAN",
        "InterfaceType": 71,
        "HardwareInterface": True,
        "InterfaceAdminStatus": 1,
        "MediaConnectState": 1 if carrier else 2,
    }
    return {"adapters": [adapter], "wlan": lines, "wlancode": code}


def test_the_source_tells_it(tells, read) -> None:
    tells(SCRIPT, wlan(GERMAN_11.splitlines()))
    assert read(Wifi()) == {
        "net.wifi.interface[WLAN]": "WLAN",
        "net.wifi.blocked[WLAN]": "none",
        "net.wifi.connected[WLAN]": True,
        "net.wifi.signal[WLAN]": -79.0,
        "net.wifi.name[WLAN]": "Müllers Höhle",
        "net.wifi.frequency[WLAN]": 2462e6,
        "net.wifi.channel[WLAN]": 11,
        "net.wifi.band[WLAN]": "2.4",
        "net.wifi.rx_rate[WLAN]": 144.4e6,
        "net.wifi.tx_rate[WLAN]": 72.2e6,
        "net.wifi.retry_ratio[WLAN]": UnknownReason.UNSUPPORTED,
        "net.wifi.channel_busy[WLAN]": UnknownReason.UNSUPPORTED,
    }


def test_flight_mode(tells, read) -> None:
    tells(SCRIPT, wlan(off("de", "Hardware Ein", "Software Aus"), carrier=False))
    facts = read(Wifi())
    assert (facts["net.wifi.blocked[WLAN]"], facts["net.wifi.connected[WLAN]"]) == ("soft", False)
    assert facts["net.wifi.signal[WLAN]"] is UnknownReason.UNSUPPORTED


def test_location_services_are_refused(tells, read) -> None:
    refusal = [
        "",
        "Für Netzwerkshellbefehle ist die Berechtigung für den Standort erforderlich.",
        "Öffnen Sie dazu: ms-settings:privacy-location",
    ]
    tells(SCRIPT, wlan(refusal, code=1))
    facts = read(Wifi())
    assert facts["net.wifi.connected[WLAN]"] is True
    assert facts["net.wifi.signal[WLAN]"] is UnknownReason.PERMISSION
    assert facts["net.wifi.name[WLAN]"] is UnknownReason.PERMISSION


def test_the_service_does_not_run(tells, read) -> None:
    tells(
        SCRIPT,
        wlan(['Der Dienst "Automatische WLAN-Konfiguration" (wlansvc) wird nicht ausgeführt.'], 1, False),
    )
    facts = read(Wifi())
    assert facts["net.wifi.connected[WLAN]"] is False
    assert facts["net.wifi.blocked[WLAN]"] is UnknownReason.NOT_COLLECTED


def test_a_computer_without_radio_has_none(tells, read) -> None:
    tells(SCRIPT, {"adapters": [], "wlan": ["There is no wireless interface on the system."], "wlancode": 1})
    assert read(Wifi()) == {}


LINES = st.one_of(
    st.text(max_size=40),
    st.sampled_from(GERMAN_11.splitlines() + FRENCH.splitlines() + off("en", "Hardware On", "Software Off")),
    st.builds("    {} : {}".format, st.text(max_size=9), st.text(max_size=9)),
)


@given(st.lists(LINES, max_size=40))
def test_whatever_is_printed_something_comes_out(lines: list[str]) -> None:
    for radio in parse_wlan(lines):
        assert radio.signal is None or radio.signal <= 0
