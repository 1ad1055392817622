"""Stream CRM lead changes from Kafka into Genesys Cloud Outbound, opt-outs first."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("genesys-lead-connector")
except PackageNotFoundError:  # a checkout that was never installed
    __version__ = "0+checkout"
