// What is planned on somebody's own frontage: where it stands, what it is and how large.

import { BLACK, VERMILION } from "../colours";
import { words } from "../dom";
import { L } from "../map/globals";
import type { MapLayer } from "../map/layer";
import type { Areas } from "../rows";
import type { Frontage, Piece } from "../types";
import { metres, plainKind } from "../words";

const LOOK = { fillColor: VERMILION, color: BLACK, weight: 1.5, fillOpacity: 1 };

export function frontageLayer({ furniture }: Frontage): MapLayer {
  return {
    name: "frontage",
    title: "Planned furniture",
    layer: L.geoJSON<Piece, Areas>(furniture as never, {
      pane: "units",
      style: LOOK,
      onEachFeature: (row, layer) => layer.bindTooltip(words(pieceWords(row.properties))),
    }),
    shown: true,
    legend: [
      { swatch: { shape: "box", fill: LOOK.fillColor, line: LOOK.color }, words: "as large as drawn" },
    ],
  };
}

/** "fixed bollard, 0.3 m by 0.3 m" */
export function pieceWords({ kind, width_m, depth_m }: Piece): string {
  return `${plainKind(kind)}, ${metres(width_m)} by ${metres(depth_m)}`;
}
