"""What is asked: a question and the turns before it, to what is looked for."""
