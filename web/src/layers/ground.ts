// How far was looked at: the rim of the study area.

import { PAPER } from "../colours";
import { L } from "../map/globals";
import type { MapLayer } from "../map/layer";
import type { SiteLayers } from "../rows";

export function groundLayer({ study_area }: SiteLayers): MapLayer {
  const layer = L.geoJSON(study_area, {
    pane: "study",
    interactive: false,
    style: { fillColor: PAPER.ground, fillOpacity: 1, color: PAPER.rim, weight: 1, dashArray: "6 5" },
  });
  return {
    name: "study_area",
    title: "Area looked at",
    layer,
    shown: true,
    legend: [
      {
        swatch: { shape: "area", fill: PAPER.ground, line: PAPER.rim },
        words: "beyond it nothing was looked at",
      },
    ],
  };
}
