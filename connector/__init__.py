"""Stream CRM lead changes from Kafka into Genesys Cloud Outbound, opt-outs first."""
