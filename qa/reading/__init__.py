"""What passages say: readers, their candidate spans, and what numbers and words amount to."""
