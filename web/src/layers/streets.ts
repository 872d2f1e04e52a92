// Streets, by whether they stay open to vehicles.

import { STREET } from "../colours";
import { L } from "../map/globals";
import type { MapLayer } from "../map/layer";
import type { Lines, Row, SiteLayers, Street } from "../rows";

const RAILS = ["rail", "tram", "light_rail", "subway", "narrow_gauge"];

export function streetsLayer({ streets }: SiteLayers): MapLayer {
  const options: L.GeoJSONOptions<Street, Lines> & { renderer: L.Renderer } = {
    pane: "streets",
    interactive: false,
    renderer: L.canvas({ pane: "streets" }),
    style: (row) => {
      const { stays_open, highway } = (row as Row<Lines, Street>).properties;
      if (RAILS.includes(highway)) return { color: STREET.open, weight: 1, dashArray: "5 4" };
      return stays_open ? { color: STREET.open, weight: 3 } : { color: STREET.closable, weight: 1.5 };
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
      { swatch: { shape: "line", colour: STREET.open, weight: 1, dash: "5 4" }, words: "rails: stay open" },
    ],
  };
}
