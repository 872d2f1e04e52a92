// What stops every vehicle: buildings and walls in one layer, water in another.

import { BUILDING, WALL, WATER } from "../colours";
import { L } from "../map/globals";
import type { MapLayer } from "../map/layer";
import type { PaneName } from "../order";
import type { Areas, Row, SiteLayers, Solid } from "../rows";

const isWater = (row: Row<Areas, Solid>): boolean => row.properties.kind === "water";
const isBuilding = (row: Row<Areas, Solid>): boolean => row.properties.kind === "building";

export function buildingsLayer({ solids }: SiteLayers): MapLayer {
  return {
    name: "buildings",
    title: "Buildings and walls",
    layer: drawn(
      solids.features.filter((row) => !isWater(row)),
      "buildings",
    ),
    shown: true,
    legend: [
      {
        swatch: { shape: "area", fill: BUILDING.fill, line: BUILDING.line },
        words: "building: stops every vehicle",
      },
      {
        swatch: { shape: "area", fill: WALL.fill, line: WALL.line },
        words: "wall, drop or other: stops every vehicle",
      },
    ],
  };
}

export function waterLayer({ solids }: SiteLayers): MapLayer {
  return {
    name: "water",
    title: "Water",
    layer: drawn(solids.features.filter(isWater), "water"),
    shown: true,
    legend: [
      { swatch: { shape: "area", fill: WATER.fill, line: WATER.line }, words: "water: stops every vehicle" },
    ],
  };
}

function drawn(rows: Row<Areas, Solid>[], pane: PaneName) {
  const colours = (row: Row<Areas, Solid>) => (isWater(row) ? WATER : isBuilding(row) ? BUILDING : WALL);
  const options: L.GeoJSONOptions<Solid, Areas> & { renderer: L.Renderer } = {
    pane,
    interactive: false,
    // Thousands of outlines: a canvas draws them in a tenth of the time.
    renderer: L.canvas({ pane }),
    style: (row) => {
      const { fill, line } = colours(row as Row<Areas, Solid>);
      return { fillColor: fill, fillOpacity: 1, color: line, weight: 1 };
    },
  };
  return L.geoJSON<Solid, Areas>({ type: "FeatureCollection", features: rows } as never, options);
}
