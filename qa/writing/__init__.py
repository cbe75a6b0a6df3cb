"""What a language model may write, and the check of each sentence against its evidence."""
