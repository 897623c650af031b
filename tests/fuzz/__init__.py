"""Coverage-guided fuzzing of everything that reads what others wrote: ``make fuzz``.

A target (``targets/``) is a function of bytes that raises when a property does not hold. What the fuzzer finds is
mended and kept in ``tests/hostile/finds``, which the suite replays.
"""
