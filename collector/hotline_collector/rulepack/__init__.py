"""Rule packs: read from YAML, checked as a whole, played against their cases."""
