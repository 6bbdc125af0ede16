"""What every question of a browser has to pass: its address's rate, and where it comes from."""

from fastapi import Depends, Request

from services.gateway.routes.wiring import Here
from services.gateway.same_site import same_site


async def within_rate(request: Request, here: Here) -> None:
    """Raises TooFast for an address that asks too often."""
    here.addresses.count(request)


ASKING = [Depends(within_rate), Depends(same_site)]
