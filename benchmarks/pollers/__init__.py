"""Ways to read the same values of the same inverter, one module each."""

from .integration import integration_poller
from .link import link_poller
from .poller import Poller
from .pysunspec import pysunspec_poller
from .sunspec import sunspec_poller
from .values import Value, least_requests, values_at
from .yaml_hub import yaml_hub_poller

POLLERS = {
    "pv_family": sunspec_poller,
    "pv_family in Home Assistant": integration_poller,
    "Home Assistant's link alone": link_poller,
    "YAML `modbus` hub": yaml_hub_poller,
    "pysunspec2": pysunspec_poller,
}

__all__ = ["POLLERS", "Poller", "Value", "least_requests", "values_at"]
