// Every bollard and planter with its true footprint.

import { BLACK, ORANGE, VERMILION, WHITE } from "../colours";
import { words } from "../dom";
import { L } from "../map/globals";
import type { MapLayer } from "../map/layer";
import { gateMark } from "../map/marks";
import type { Areas, PlanLayers, Row, Unit } from "../rows";
import { millimetres, plainKind } from "../words";

const FIXED = { fillColor: VERMILION, color: BLACK, weight: 1.5 };
const OPENABLE = { fillColor: WHITE, color: ORANGE, weight: 2.5 };

export function unitsLayer({ footprints }: PlanLayers): MapLayer {
  const gates: L.Layer[] = [];
  const units = L.geoJSON<Unit, Areas>(footprints as never, {
    pane: "units",
    // The line around it keeps a bollard of 0.3 m in sight when zoomed out.
    style: (row) => {
      const { openable } = (row as Row<Areas, Unit>).properties;
      return { ...(openable ? OPENABLE : FIXED), fillOpacity: 1 };
    },
    onEachFeature: (row, layer) => {
      layer.bindTooltip(words(unitWords(row.properties)));
      const { lng, lat } = (layer as L.Polygon).getBounds().getCenter();
      if (row.properties.openable) gates.push(gateMark([lng, lat]));
    },
  });
  return {
    name: "units",
    title: "Bollards and planters",
    layer: L.featureGroup([units, ...gates]),
    shown: true,
    legend: [
      { swatch: { shape: "box", fill: FIXED.fillColor, line: FIXED.color }, words: "unit, fixed" },
      { swatch: { shape: "box", fill: OPENABLE.fillColor, line: OPENABLE.color }, words: "unit that opens" },
      { swatch: { shape: "gate" }, words: "crossing that opens for fire engines" },
    ],
  };
}

function unitWords(row: Unit): string {
  return `${row.unit_id}: ${plainKind(row.kind)}, clear gaps ${millimetres(row.gap_before_mm)} and ${millimetres(row.gap_after_mm)}`;
}
