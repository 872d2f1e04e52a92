// Streets, by whether they stay open to vehicles.

import { STREET } from "../colours";
import { L } from "../map/globals";
import type { MapLayer } from "../map/layer";
import type { Lines, Row, SiteLayers, Street } from "../types";

export function streetsLayer({ streets }: SiteLayers): MapLayer {
  const options: L.GeoJSONOptions<Street, Lines> & { renderer: L.Renderer } = {
    pane: "streets",
    interactive: false,
    renderer: L.canvas({ pane: "streets" }),
    style: (row) => {
      const { stays_open } = (row as Row<Lines, Street>).properties;
      return stays_open
        ? { color: STREET.open, weight: 3, opacity: 0.9 }
        : { color: STREET.closable, weight: 1.5, opacity: 0.9 };
    },
  };
  return {
    name: "streets",
    title: "Streets",
    layer: L.geoJSON<Street, Lines>(streets as never, options),
    shown: true,
    legend: [
      { swatch: { shape: "line", colour: STREET.open, weight: 3 }, words: "stays open to vehicles" },
      { swatch: { shape: "line", colour: STREET.closable, weight: 1.5 }, words: "may be closed" },
    ],
  };
}
