"""Free memory of this machine, as far as this process may use it."""

from __future__ import annotations

from pathlib import Path

_PROC_MEMINFO = Path("/proc/meminfo")
_CONTROL_GROUPS = Path("/sys/fs/cgroup")
_OWN_GROUPS = Path("/proc/self/cgroup")


def host_memory() -> tuple[int, int]:
    """Free and total bytes; -1 where unknown. A container's limit (control groups) counts as the total."""
    free, total = _machine_memory()
    for limit, used in _group_limits():
        if total < 0 or limit < total:
            total = limit
        free = max(0, limit - used) if free < 0 else min(free, max(0, limit - used))
    return free, total


def _machine_memory() -> tuple[int, int]:
    try:
        import psutil
    except ImportError:
        return _from_meminfo()
    memory = psutil.virtual_memory()
    return int(memory.available), int(memory.total)


def _from_meminfo() -> tuple[int, int]:
    """Linux without psutil: lines such as `MemAvailable:   123456 kB`."""
    try:
        lines = _PROC_MEMINFO.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return -1, -1
    fields = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
    sizes = {name: int(value[0]) * 1024 for name, value in fields.items() if value and value[0].isdigit()}
    return sizes.get("MemAvailable", -1), sizes.get("MemTotal", -1)


def _group_limits() -> list[tuple[int, int]]:
    """Limit and use of every control group that this process is in and that has a limit."""
    try:
        lines = _OWN_GROUPS.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    found = []
    for _, controllers, path in (line.split(":", 2) for line in lines if line.count(":") >= 2):
        if not controllers:
            folder, names = _CONTROL_GROUPS, ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            folder, names = (
                _CONTROL_GROUPS / "memory",
                ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
            )
        else:
            continue
        group = folder / path.lstrip("/")
        found += [
            limit
            for place in (group, *group.parents)
            if place.is_relative_to(folder)
            for limit in _limit_of(place, *names)
        ]
    return found


def _limit_of(group: Path, limit_file: str, use_file: str, cache_field: str) -> list[tuple[int, int]]:
    """One group's limit and use, file cache that can be given back left out; nothing where there is no limit."""
    try:
        limit = int((group / limit_file).read_text(encoding="ascii"))
        used = int((group / use_file).read_text(encoding="ascii"))
        fields = dict(line.split() for line in (group / "memory.stat").read_text(encoding="ascii").splitlines())
    except (OSError, ValueError):  # no such group here, or the limit is the word `max`
        return []
    return [(limit, max(0, used - int(fields.get(cache_field, 0))))] if limit < 1 << 60 else []
