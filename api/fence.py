"""What GDAL may not do in this service: ask other machines, or be led to other files."""

import os

# Formats that name other files or addresses, run code, or belong to a service elsewhere. The VRT of
# rasters is none of them: rasterio itself turns maps by it. Its files are refused where they come
# in, and what it names elsewhere is not fetched.
_REFUSED = (
    "OGR_VRT GTI STACIT STACTA WMS WMTS WCS WFS OAPIF OGCAPI HTTP CSW PLMOSAIC PLSCENES "
    "EEDA EEDAI AmigoCloud Carto Elasticsearch GML GMLAS MongoDBv3 DAAS NGW HANA MSSQLSpatial "
    "MySQL OCI ODBC PostgreSQL PostGISRaster SQLite VDV GPSBabel DERIVED Zarr Rasterlite"
)
_FENCE = {
    "GDAL_SKIP": _REFUSED,
    "OGR_SKIP": _REFUSED.replace(" ", ","),
    # No ending is this one: nothing is fetched through a path.
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{nothing}",
    "GDAL_VRT_ENABLE_PYTHON": "NO",
    # Nothing that lies beside a file is read with it.
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    # It would say for each format, each time, that it is not there; faults are raised as before.
    "CPL_LOG": os.devnull,
}


def fence_gdal() -> None:
    """Keep GDAL to the file it is given; to be called before rasterio or pyogrio is loaded.

    The processes that compute inherit it. What an operator has set by hand stays.
    """
    for name, value in _FENCE.items():
        os.environ.setdefault(name, value)
