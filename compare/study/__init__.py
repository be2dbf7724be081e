"""Study pages: both codes, line by line, beside the proof."""
