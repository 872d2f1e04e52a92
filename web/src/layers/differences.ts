// What differs from another plan: units that came, moved, are another product, or are gone.

import { BLACK, GREEN, ORANGE, PURPLE, VERMILION, WHITE } from "../colours";
import { changeInWords } from "../differences";
import { words } from "../dom";
import { L } from "../map/globals";
import type { LegendLine, MapLayer } from "../map/layer";
import type { Areas, PlanLayers, Row, Unit } from "../rows";
import type { Change, Kind } from "../types";

type Footprints = PlanLayers["footprints"];

const LOOKS: Record<Exclude<Kind, "same">, { fill: string; line: string; dash?: string; words: string }> = {
  added: { fill: GREEN, line: BLACK, words: "only here" },
  removed: { fill: WHITE, line: VERMILION, dash: "3 3", words: "only there" },
  moved: { fill: ORANGE, line: BLACK, words: "moved" },
  "other product": { fill: PURPLE, line: BLACK, words: "another product" },
};

export function differencesLayer(changes: Change[], here: Footprints, there: Footprints): MapLayer {
  const byUnit = (key: "unit_before" | "unit_after", wanted: (change: Change) => boolean) =>
    new Map(changes.filter(wanted).map((change) => [change[key], change]));
  const gone = shapes(
    there,
    byUnit("unit_before", ({ change }) => change === "removed"),
  );
  const found = shapes(
    here,
    byUnit("unit_after", ({ change }) => change !== "removed" && change !== "same"),
  );
  const legend: LegendLine[] = Object.values(LOOKS).map(({ fill, line, words }) => ({
    swatch: { shape: "box", fill, line },
    words,
  }));
  return {
    name: "differences",
    title: "What differs",
    layer: L.featureGroup([gone, found]),
    shown: true,
    legend,
  };
}

function shapes(footprints: Footprints, changes: Map<string, Change>): L.Layer {
  const changeOf = (row: Row<Areas, Unit>) => changes.get(row.properties.unit_id);
  return L.geoJSON<Unit, Areas>(footprints as never, {
    pane: "marks",
    filter: (row) => changeOf(row as Row<Areas, Unit>) !== undefined,
    style: (row) => {
      const change = changeOf(row as Row<Areas, Unit>);
      if (!change || change.change === "same") return {};
      const { fill, line, dash } = LOOKS[change.change];
      const look = { fillColor: fill, fillOpacity: 1, color: line, weight: 2.5, dashArray: dash ?? "" };
      return { ...look, className: "differs" };
    },
    onEachFeature: (row, layer) => {
      const change = changeOf(row as Row<Areas, Unit>);
      if (change) layer.bindTooltip(words(changeInWords(change)));
    },
  });
}
