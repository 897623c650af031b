"""Real Python for the local Azure: a Jupyter kernel per container, shut in where the machine can."""

from playground.interpreter.jupyter import JupyterInterpreter

__all__ = ["JupyterInterpreter"]
