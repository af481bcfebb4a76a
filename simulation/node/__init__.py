"""A simulated measuring node that speaks the community's MQTT messages.

It knows the messages from ``docs/node-messages.md`` only and shares no code with the
integration.
"""
