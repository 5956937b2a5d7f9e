"""Which machines are WeChat's: getcallbackip and get_api_domain_ip. The sandbox is all of them."""

from sandbox.config import SandboxConfig
from sandbox.platform.calls import Answer, Asked, Call


class Addresses:
    """The two lists; each holds the address the sandbox listens on."""

    def __init__(self, config: SandboxConfig) -> None:
        self._host = config.host

    def calls(self) -> tuple[Call, ...]:
        return (
            Call("/cgi-bin/getcallbackip", self.list_all, "GET", verified=False, body="none"),
            Call("/cgi-bin/get_api_domain_ip", self.list_all, "GET", verified=False, body="none"),
        )

    def list_all(self, _asked: Asked) -> Answer:
        return {"ip_list": [self._host]}
