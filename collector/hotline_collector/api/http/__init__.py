"""The agent's face as HTTP and JSON, described by OpenAPI; a thin layer over the desk."""
