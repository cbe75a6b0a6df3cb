"""Question sets in, numbers out. Names are looked up when used: importing this loads no model."""
