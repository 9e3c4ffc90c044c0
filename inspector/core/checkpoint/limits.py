"""What a file may cost before we refuse it: bytes and counts, in one place.

Every limit is far above what real checkpoints need (the largest known have some 400 000 names and a 30 MB header)
and low enough that a hostile file ends in a sentence, in seconds and within some hundred megabytes.
"""

from __future__ import annotations

#: Largest pickle that is read into memory.
PICKLE_BYTES = 256 << 20
#: Opcodes of one pickle: about 500 000 tensors.
PICKLE_OPCODES = 20_000_000
#: Largest ratio of a pickle's size to its compressed size.
PICKLE_RATIO = 1000
#: Digits of a decimal number in a text pickle (int() takes quadratic time).
PICKLE_DIGITS = 4000
#: Largest JSON header of a safetensors file; the reference reader refuses more as well.
SAFETENSORS_HEADER_BYTES = 100_000_000
#: Largest JSON document (shard index, export configuration).
JSON_BYTES = 256 << 20
#: Largest GGUF header (its tokeniser's vocabulary takes most of it).
GGUF_HEADER_BYTES = 512 << 20
#: Entries and bytes of a zip's central directory.
ZIP_ENTRIES = 2_000_000
ZIP_DIRECTORY_BYTES = 512 << 20
#: Records whose local header is compared with the central directory when the archive is opened; the others when read.
ZIP_CHECKED_AT_OPEN = 1024
#: Most that is decompressed to show values of a compressed record.
INFLATED_BYTES = 1 << 30
#: Tensors of one checkpoint.
TENSORS = 1_000_000
#: Nesting that is walked, and rows of the object tree.
DEPTH = 200
OBJECT_ROWS = 20_000
OBJECT_CHILDREN = 1_000
#: Characters of a value and of a name that are shown.
TEXT_CHARACTERS = 400
NAME_CHARACTERS = 4_000
#: Elements that one read hands out.
READ_ELEMENTS = 64 << 20
#: Values of a sparse tensor that are put in their places to show a part of it.
SPARSE_VALUES = 16 << 20
#: Bytes read at a time: two of these stay in the processor's cache.
BLOCK_BYTES = 512 << 10
#: Files of a folder, or shards of an index, that are opened.
FILES = 10_000
#: Characters of metadata that travel to the window.
METADATA_CHARACTERS = 4 << 20
