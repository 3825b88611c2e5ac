"""How fast we search: the own leg by size beside other engines, the merge beside the slower leg, the deadline kept."""
