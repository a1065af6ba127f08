"""What the probe can change: a closed set of typed, reversible operations, one file each.

No action takes free text: parameters are keys of entities that this probe has announced itself, and no
action starts a shell.
"""
