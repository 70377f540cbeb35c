"""Fields that hold the name of a pump: the door of requests and addresses to `device.identity.pump_name`."""

from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from warmflow.device.identity import NAME_LENGTH, pump_name

Name = Annotated[
    str, AfterValidator(pump_name), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": NAME_LENGTH})
]
