"""What finds and counts values: unique values, the best ones, bins, places in sorted rows."""
