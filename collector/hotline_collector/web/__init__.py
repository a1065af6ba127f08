"""The agent's web console: pages of the web port under /desk."""
