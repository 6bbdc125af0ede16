"""What tests start by `with`: it runs in the block, and is stopped even where it did not start whole."""

from abc import ABC, abstractmethod
from typing import Self


class Started(ABC):
    """Something that starts and stops."""

    @abstractmethod
    def start(self) -> None:
        """Give it life; returns when it is ready."""

    @abstractmethod
    def stop(self) -> None:
        """End it, whatever of it runs."""

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
