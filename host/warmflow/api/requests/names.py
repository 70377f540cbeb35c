"""Fields that hold the name of a pump: the door of requests and addresses to `device.identity.pump_name`."""

from typing import Annotated

from pydantic import AfterValidator

from warmflow.device.identity import pump_name

Name = Annotated[str, AfterValidator(pump_name)]
