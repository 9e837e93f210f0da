"""How far pictures and sequences are from each other."""
