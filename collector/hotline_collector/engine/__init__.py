"""The pure engine: inputs with their time in, changes out."""
