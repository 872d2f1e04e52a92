"""Edge in, before stage 1 of 9: places, files and services -> raw layers, checked and counted.

Modules: `extract` (OpenStreetMap files), `overpass` (services, by name or area), `layers` (a
city's own layers), `zonefile` (a drawn zone), `store` (files that sbd wrote), `shipped` (the place
that comes with sbd).
"""
