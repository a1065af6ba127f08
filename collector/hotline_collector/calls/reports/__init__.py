"""The report of a call: built once as data, shown as JSON, HTML, PDF and plain text."""
