"""The street's rules: records, life-cycles, who may do what, scores. No Flask, no request."""
