"""Sources for devices that have no probe of their own and are read over SSH, one file a platform."""
