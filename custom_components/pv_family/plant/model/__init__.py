"""What the roof should give: published models of sun, sky, modules and inverters.

Every function takes and returns numpy arrays of one shape. The models are those of
pvlib, whose own package is 148 MB larger in memory; the tests hold them to it.
"""
