"""Measuring nodes that speak MQTT: the community's own, and other people's by a map.

Nothing here connects to a broker: messages come in as bytes with their topic and the
time of arrival, commands go out as a topic and bytes. The messages are described in
``docs/node-messages.md``.
"""
