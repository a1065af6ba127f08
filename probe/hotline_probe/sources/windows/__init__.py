"""What Windows tells through PowerShell, for the sources that read files on Linux.

Everything is asked as CIM classes or registry values and comes back as JSON, so that neither the language of
Windows nor the character set of its consoles matters.
"""
