"""Numbers, money, durations, percentages and language levels, each with its comparator and what it counts."""
