// Every bollard and planter with its true footprint.

import { BLACK, UNIT_COLOURS, unitColour } from "../colours";
import { L } from "../map/globals";
import type { MapLayer } from "../map/layer";
import type { Areas, PlanLayers, Row, Unit } from "../types";
import { millimetres, plainKind } from "../words";

export function unitsLayer({ footprints }: PlanLayers): MapLayer {
  const kinds = [...new Set(footprints.features.map((row) => row.properties.kind))].sort();
  return {
    name: "units",
    title: "Bollards and planters",
    layer: L.geoJSON<Unit, Areas>(footprints as never, {
      pane: "units",
      // The line around it keeps a bollard of 0.3 m in sight when zoomed out.
      style: (row) => ({
        color: BLACK,
        weight: 2,
        fillColor: unitColour((row as Row<Areas, Unit>).properties.kind),
        fillOpacity: 1,
      }),
      onEachFeature: (row, layer) => layer.bindTooltip(unitWords(row.properties)),
    }),
    shown: true,
    legend: (kinds.length ? kinds : Object.keys(UNIT_COLOURS)).map((kind) => ({
      swatch: { shape: kind.includes("bollard") ? "dot" : "box", fill: unitColour(kind), line: BLACK },
      words: plainKind(kind),
    })),
  };
}

function unitWords(row: Unit): string {
  return `${row.unit_id}: ${plainKind(row.kind)}, clear gaps ${millimetres(row.gap_before_mm)} and ${millimetres(row.gap_after_mm)}`;
}
