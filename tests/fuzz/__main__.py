"""Run every target for its share of the time."""

import argparse
from random import Random
import sys
import time
import traceback

from .mutate import mutate
from .targets import Target, targets


def fuzz(target: Target, seconds: float, seed: int) -> tuple[int, bytes | None]:
    """Return how many inputs were read, and one that broke the target, if any did.

    Args:
        target: What to fuzz.
        seconds: For how long.
        seed: Of the random changes.
    """
    random, count = Random(seed), 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data = mutate(random, target.corpus)
        count += 1
        try:
            target.run(data)
        except Exception:  # noqa: BLE001 - any is what is looked for
            traceback.print_exc()
            return count, data
    return count, None


def main() -> int:
    """Fuzz and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0, help="in all")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()
    found = targets()
    failed = False
    for target in found:
        share = arguments.minutes * 60 / len(found)
        count, broken = fuzz(target, share, arguments.seed)
        verdict = "sound" if broken is None else "BROKEN"
        sys.stdout.write(f"{target.name}: {count} inputs, {verdict}\n")
        if broken is not None:
            sys.stdout.write(f"seed {arguments.seed}, input {broken!r}\n")
            failed = True
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
