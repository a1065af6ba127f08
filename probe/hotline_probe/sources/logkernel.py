"""Lines of the kernel about adapters, shares, graphics, supply and processor."""

from __future__ import annotations

from hotline_probe.sources.logtypes import kernel_pattern

KERNEL_PATTERNS = (
    # Bluetooth and graphics drivers try several files; only these say that none was found.
    kernel_pattern(
        "log.device.no_firmware",
        (
            "no suitable firmware found",
            "could not fetch firmware",
            "ERROR: Firmware file ",
            "failed to request firmware",
            "Failed to load Intel firmware file",
        ),
    ),
    kernel_pattern(
        "log.net.transmit_timeout",
        ("NETDEV WATCHDOG: ", "Detected Hardware Unit Hang", "Reset adapter unexpectedly"),
        r"NETDEV WATCHDOG: .{0,80}transmit (?:queue \d+ )?timed out|Detected Hardware Unit Hang"
        r"|Reset adapter unexpectedly",
    ),
    kernel_pattern("log.net.own_packets", ("with own address as source address",)),
    kernel_pattern("log.net.neighbours_full", ("neighbor table overflow", "neighbour table overflow")),
    # What the other side did; "by local choice" is this computer's own wish.
    kernel_pattern(
        "log.wifi.disconnected",
        ("deauthenticated from ", "disassociated from ", "Connection to AP "),
        r": (?:deauthenticated|disassociated) from [0-9a-f:]{17} \(Reason: "
        r"|Connection to AP [0-9a-f:]{17} lost",
    ),
    kernel_pattern(
        "log.share.silent",
        ("not responding, still trying", "not responding, timed out", "has not responded in "),
        r"^nfs: server \S+ not responding, (?:still trying|timed out)"
        r"|^CIFS: .{0,80}has not responded in \d+ seconds",
    ),
    # NVIDIA numbers its errors; most others are those of a program, not of the card or its driver.
    kernel_pattern(
        "log.gpu.hang",
        ("GPU HANG: ", "GPU reset begin!", "GPU lockup ", "NVRM: Xid ("),
        r"GPU HANG: ecode |GPU reset begin!|GPU lockup "
        r"|NVRM: Xid \([^)]{1,40}\): (?:8|16|48|56|57|61|62|64|74|79|92|95|109|119|120),",
    ),
    kernel_pattern("log.power.undervoltage", ("Under-voltage detected!", "Undervoltage detected!")),
    # Corrected errors are what the processor is built for: bit 61 of the status says that this one was not
    # (Intel SDM volume 3, IA32_MCi_STATUS; AMD's is the same).
    kernel_pattern(
        "log.cpu.hardware",
        ("[Hardware Error]: CPU ", "[Hardware Error]: Uncorrected"),
        r"\[Hardware Error\]: (?:CPU \d+: Machine Check(?: Exception)?: \w+ Bank \d+: [abef][0-9a-f]{15}"
        r"|Uncorrected)",
    ),
    kernel_pattern(
        "log.bluetooth.failed",
        ("Bluetooth: hci",),
        r"^Bluetooth: hci\d+:? (?:command (?:0x\w{4} )?tx timeout|Opcode 0x ?\w+ failed: -110)",
    ),
    # Only what the system itself lies on is mounted read-only first; sticks are often just pulled out.
    kernel_pattern("log.boot.unclean", ("INFO: recovery required on readonly filesystem",)),
)
