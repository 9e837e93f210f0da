"""Looks: colour transforms fitted to graded frames or to other footage, smooth, monotone and defined for all half values."""
