"""The commands of `hotline rules`, one module each; `rulepack.cli` lists them."""
