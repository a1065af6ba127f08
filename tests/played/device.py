"""A device in a mount namespace: a real SSH server whose files and programs are those of the device."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

# The programs look into a folder for what they say, so that a test can change it while they are asked.
_SCRIPT = """\
#!/bin/sh
answer="{answers}/$(printf '%s' "{name} $*" | tr ' /' '__')"
[ -f "$answer" ] && exec cat "$answer"
echo {missing} >&2
exit {code}
"""


class PlayedDevice:
    """A device by its files below /etc and what its programs print.

    `folder` is empty, and open to the user who logs in on the device.
    `before` is the program that starts a server in the place of the device: what is below /etc is added to
    this machine's own, and the programs take the place of /usr/local/bin, which a login has in its path.
    More `steps` are commands that are run there before, such as mounts.
    """

    def __init__(self, folder: Path, etc: Mapping[str, str], steps: Sequence[str] = ()) -> None:
        self._steps = steps
        self._answers, self._bin, self._etc = folder / "answers", folder / "bin", folder / "etc"
        for place in (self._answers, self._bin, self._etc):
            place.mkdir(mode=0o755)
        for name, text in etc.items():
            file = self._etc / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    def has(self, name: str, missing: str = "not found", code: int = 1) -> None:
        """Install a program that says `missing` and ends with `code` when asked for what is not there."""
        script = self._bin / name
        text = _SCRIPT.format(answers=self._answers, name=name, missing=shlex.quote(missing), code=code)
        script.write_text(text)
        script.chmod(0o755)

    def prints(self, command: str, out: str) -> None:
        """Set what a program prints when it is called with these words."""
        file = self._answers / command.replace(" ", "_").replace("/", "_")
        new = file.with_suffix(".new")
        new.write_text(out)
        # At once, for it may be read just now.
        new.rename(file)

    def tells(self, command: str, told: object) -> None:
        """Set the JSON that a program prints."""
        self.prints(command, json.dumps(told))

    @property
    def before(self) -> Sequence[str]:
        """The words that start a program on this device."""
        steps = (
            "merged=$(mktemp -d)",
            'mount -t tmpfs -o mode=0755 tmpfs "$merged"',
            'cp -a /etc/. "$merged"',
            f'cp -a {shlex.quote(str(self._etc))}/. "$merged"',
            'mount --bind "$merged" /etc',
            'umount -l "$merged" && rmdir "$merged"',
            f"mount --bind {shlex.quote(str(self._bin))} /usr/local/bin",
            *self._steps,
            'exec "$@"',
        )
        return ("sh", "-ec", "\n".join(steps), "sh")
