"""What a file is when it is no checkpoint, in words."""

from __future__ import annotations

import re

from inspector.core.checkpoint.plain import shown

_MAGICS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"RIFF", "a RIFF file (WAV, AVI or WebP)"),
    (b"%PDF", "a PDF document"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file (Keras or other), which is not read here"),
    (b"\x93NUMPY", "a single NumPy array (.npy)"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive; unpack it first"),
    (b"\x1f\x8b", "a gzip file; unpack it first"),
    (b"BZh", "a bzip2 file; unpack it first"),
    (b"\xfd7zXZ", "an xz file; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file; unpack it first"),
    (b"Rar!", "a RAR archive; unpack it first"),
    (b"\x7fELF", "a Linux program or library"),
    (b"MZ", "a Windows program or library"),
    (b"SQLite format 3", "an SQLite database"),
    (b"PAR1", "a Parquet table"),
    (b"ggml", "a GGML file, older than GGUF, which is not read here"),
    (b"ggjt", "a GGML file, older than GGUF, which is not read here"),
    (b"lmgg", "a GGML file, older than GGUF, which is not read here"),
    (b"FUGG", "a big-endian GGUF file, which is not read here"),
)
_LFS = b"version https://git-lfs.github.com/spec/"
#: A file of an ONNX model begins with its IR version (field 1) and its producer (field 2) or another early field.
_ONNX = re.compile(rb"^\x08[\x01-\x14](\x12|\x1a|:|B|\"|\*)")


def foreign_kind(head: bytes, size: int) -> str:
    """A sentence that names what the file is, from its first bytes."""
    if size == 0:
        return "Empty file."
    if size < 8:
        return f"Empty file, but for {size} {'byte' if size == 1 else 'bytes'}."
    if head.startswith(_LFS):
        return _lfs(head)
    for magic, words in _MAGICS:
        if head.startswith(magic):
            return f"This is {words}, not a checkpoint."
    if head[4:8] == b"TFL3":
        return "This is a TensorFlow Lite model, not a PyTorch checkpoint."
    if head[257:262] == b"ustar" or _old_tar(head):
        return _tar(head)
    if _ONNX.match(head):
        return "This looks like an ONNX model, not a PyTorch checkpoint."
    if not head.strip(b"\0"):
        return "This file begins with zeros only: not a checkpoint, or one whose download was never finished."
    return _text(head)


def zip_kind(names: list[str]) -> str:
    """A sentence on a zip archive that torch did not write, or empty when it may have."""
    if any(name.rpartition("/")[2] == "data.pkl" for name in names):
        return ""
    if any(
        name.endswith(("archive_format", "serialized_exported_program.json", "serialized_state_dict.pt"))
        for name in names
    ):
        return ""
    inside = [name for name in names if name.endswith((".pt", ".pth", ".ckpt", ".safetensors", ".bin", ".gguf"))]
    if names and all(name.endswith(".npy") for name in names):
        return "This is a NumPy archive (.npz), not a checkpoint."
    if "[Content_Types].xml" in names:
        return "This is an Office document, not a checkpoint."
    if "META-INF/MANIFEST.MF" in names:
        return "This is a Java archive, not a checkpoint."
    if any(name.endswith("model.weights.h5") for name in names):
        return "This is a Keras model, not a PyTorch checkpoint."
    if any(name.endswith("__init__.py") or name.startswith(".data/extern_modules") for name in names):
        return "This is a zip archive of Python code (torch.package or other), not a checkpoint."
    if inside:
        return f"This is a zip archive with {shown(inside[0], 100)} in it; unpack it first."
    return f"This is a zip archive of {len(names):,} files without a data.pkl, not a checkpoint."


def _lfs(head: bytes) -> str:
    size = re.search(rb"\nsize (\d{1,18})", head)
    oid = re.search(rb"\noid sha256:([0-9a-f]{8,64})", head)
    count = int(size[1]) if size else 0
    real = (
        f"{count / 1e9:.2f} GB" if count >= 10**9 else f"{count / 1e6:.2f} MB" if count >= 10**6 else f"{count:,} bytes"
    )
    digest = f", sha256 {oid[1].decode()[:8]}…" if oid else ""
    return f"Git LFS pointer: the real file is {real if size else 'elsewhere'}{digest}; run git lfs pull."


def _old_tar(head: bytes) -> bool:
    """A tar header without the later magic: name, octal mode and sizes."""
    return (
        len(head) >= 512 and re.match(rb"[^\0]{1,100}\0*[0-7 ]{6,7}[\0 ]", head) is not None and _octal(head[124:136])
    )


def _octal(field: bytes) -> bool:
    return re.fullmatch(rb"[0-7 ]{6,11}[\0 ]+", field) is not None


def _tar(head: bytes) -> str:
    first = head[:100].split(b"\0")[0].decode("utf-8", "replace")
    if first.rstrip("/") in ("sys_info", "pickle", "storages", "tensors"):
        return (
            "This is the tar format before PyTorch 0.1.10 (2017); it is not read. Load it with torch and save it again."
        )
    return f"This is a tar archive (first file {shown(first, 80)}); unpack it first."


def _text(head: bytes) -> str:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    low = text[:1024].lower()
    if low.startswith((b"<!doctype html", b"<html", b"<head", b"<body")) or b"<html" in low[:512]:
        title = re.search(rb"<title[^>]*>([^<]{0,120})", head, re.IGNORECASE)
        words = shown(" ".join(title[1].decode("utf-8", "replace").split()), 100) if title else ""
        return f"This is an HTML page{f' (title: {words})' if words else ''}, not a checkpoint."
    if low.startswith(b"<?xml") or re.match(rb"<[a-z]+[ >]", low):
        return "This is an XML document, not a checkpoint."
    if text[:1] in (b"{", b"["):
        return f"This is a JSON text, not a checkpoint: {shown(text[:80].decode('utf-8', 'replace'), 80)}"
    sample = head[:512]
    printable = sum(32 <= byte < 127 or byte in b"\t\r\n" for byte in sample)
    if sample and printable > 0.95 * len(sample):
        return f"This is a text, not a checkpoint: {shown(sample[:60].decode('utf-8', 'replace'), 60)!r}"
    return f"This is no checkpoint of a kind that is known here (it begins with {head[:8].hex(' ')})."
