"""What travels between the model process and the window: frozen dataclasses of plain data.

Nothing here imports torch or Qt. Tables are columns (one numpy array or one list of strings per column), so that
100 000 rows are a handful of buffers on the link and a handful of arrays in the window.
"""
