"""Build hook: a real wheel carries the firmware's sources as data; an editable install finds them in the checkout.

Not `force-include` in pyproject.toml: hatchling copies that into editable installs too, where the copied folder hides
the package.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FirmwareHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds firmware/src to the wheel as warmflow/_firmware."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            build_data["force_include"][f"{self.root}/firmware/src"] = "warmflow/_firmware"
