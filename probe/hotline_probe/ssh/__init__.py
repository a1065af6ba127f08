"""Other machines, read over SSH through the port of the own one; needs the extra `hotline-probe[ssh]`."""
