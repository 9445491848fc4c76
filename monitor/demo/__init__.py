"""The demonstration: one recorded, invented news day served on loopback to the real program."""
