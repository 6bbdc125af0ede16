"""`python -m benchmarks.apply_async_loop REDIS_URL WAKES`: Celery's own way to enqueue, alone in a loop.

Prints how many it enqueued a second.
"""

import sys
import time

from benchmarks.bare_webhooks import task_of
from services.gateway.wake import create_celery


def main() -> None:
    """Enqueue one to be connected, then as many as were asked for."""
    run_conversation = task_of(create_celery(sys.argv[1]))
    wakes = int(sys.argv[2])
    run_conversation.apply_async(("telegram:default:1",))
    begun = time.perf_counter()
    for number in range(wakes):
        run_conversation.apply_async((f"telegram:default:{number}",))
    print(wakes / (time.perf_counter() - begun))


if __name__ == "__main__":
    main()
