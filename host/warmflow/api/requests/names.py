"""The type of a field that holds a pump's name; `device.identity.pump_name` checks the value."""

from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from warmflow.device.identity import NAME_LENGTH, pump_name

Name = Annotated[
    str, AfterValidator(pump_name), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": NAME_LENGTH})
]
