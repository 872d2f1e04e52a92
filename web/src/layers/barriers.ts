// Barrier lines; what a fire engine can open is dashed.

import { BLACK, ORANGE } from "../colours";
import { words } from "../dom";
import { L } from "../map/globals";
import type { MapLayer } from "../map/layer";
import type { Barrier, Lines, PlanLayers, Row } from "../rows";
import { count, kilojoule, kmh, metres, plainKind, tonnes } from "../words";

export function barriersLayer({ barriers }: PlanLayers): MapLayer {
  return {
    name: "barriers",
    title: "Barrier lines",
    layer: L.geoJSON<Barrier, Lines>(barriers as never, {
      pane: "barriers",
      style: (row) =>
        (row as Row<Lines, Barrier>).properties.openable
          ? { color: ORANGE, weight: 5, dashArray: "7 5", lineCap: "butt" }
          : { color: BLACK, weight: 4 },
      onEachFeature: (row, layer) => layer.bindTooltip(words(barrierWords(row.properties)), { sticky: true }),
    }),
    shown: true,
    legend: [
      { swatch: { shape: "line", colour: BLACK, weight: 4 }, words: "fixed" },
      {
        swatch: { shape: "line", colour: ORANGE, weight: 5, dash: "7 5" },
        words: "with an opening for fire engines",
      },
    ],
  };
}

function barrierWords(row: Barrier): string {
  const need = `${row.vehicle} ${tonnes(row.mass_kg)} at ${kmh(row.speed_kmh)}, ${kilojoule(row.energy_kj)}`;
  return `${row.line_id}: ${count(row.units, "unit")} (${plainKind(row.kind)}) on ${metres(row.length_m)}, must stop ${need}`;
}
