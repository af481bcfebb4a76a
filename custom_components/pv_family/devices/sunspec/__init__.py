"""SunSpec: inverters, meters and batteries that describe themselves over Modbus.

Source: SunSpec Device Information Model Specification V1.1 and the models of the
SunSpec Alliance (registry of models 1 to 802).
"""
