"""Starts one process and writes down how long it took, what it cost and how much memory it had at most.

A process of its own, and a small one: the kernel counts a process's peak from that of the process it was forked from.
``python -I -S launcher.py REPORT COMMAND …``
"""

import json
import os
import sys
import time

BYTES = 1 if sys.platform == "darwin" else 1024


def main() -> None:
    """Start the command, wait for it, write the report."""
    report, *command = sys.argv[1:]
    began = time.time()
    begun = time.perf_counter()
    process = os.posix_spawn(command[0], command, os.environ)
    _, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - begun
    told = {
        "began": began,
        "seconds": seconds,
        "cpu": usage.ru_utime + usage.ru_stime,
        "memory": usage.ru_maxrss * BYTES / (1 << 20),
        "code": os.waitstatus_to_exitcode(status),
    }
    with open(report, "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib would make this process larger
        json.dump(told, file)


main()
