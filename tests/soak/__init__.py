"""The soak: minutes of simulated traffic while everything breaks, and the proof that each question has one outcome."""
