"""The fault lab: real faults in network, mount and process namespaces, and what Hotline makes of them."""
