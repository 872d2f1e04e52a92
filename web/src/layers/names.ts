// Street names, as many as there is room for.

import { L } from "../map/globals";
import type { MapLayer } from "../map/layer";
import { h } from "../dom";
import type { Position } from "geojson";
import type { SiteLayers } from "../rows";

// A letter at the size in styles/map.css, and the height of a line [px].
const LETTER = 6.2;
const LINE = 16;

export function namesLayer({ streets }: SiteLayers): MapLayer {
  return {
    name: "names",
    title: "Street names",
    layer: new Names(labelsOf(streets)),
    shown: true,
    legend: [],
  };
}

interface Label {
  text: string;
  at: L.LatLng;
  length: number;
}

/** One label a name, in the middle of the longest piece of that street. */
function labelsOf(streets: SiteLayers["streets"]): Label[] {
  const longest = new Map<string, Label>();
  for (const { properties, geometry } of streets.features) {
    const lines = geometry.type === "LineString" ? [geometry.coordinates] : geometry.coordinates;
    for (const line of lines) {
      const corners = line.map(place);
      const length = corners
        .slice(1)
        .reduce((sum, to, index) => sum + (corners[index] as L.LatLng).distanceTo(to), 0);
      const known = longest.get(properties.name);
      const at = corners[Math.floor(corners.length / 2)];
      const before = corners[Math.floor(corners.length / 2) - 1];
      if (properties.name && at && before && length > (known?.length ?? 0)) {
        longest.set(properties.name, {
          text: properties.name,
          at: L.latLngBounds(before, at).getCenter(),
          length,
        });
      }
    }
  }
  return [...longest.values()].sort((one, other) => other.length - one.length);
}

/** Labels of the longest streets first; one that would lie on another is left out at this zoom. */
class Names extends L.LayerGroup {
  constructor(private readonly labels: Label[]) {
    super();
  }

  override onAdd(map: L.Map): this {
    super.onAdd(map);
    map.on("zoomend", this.fill, this);
    this.fill();
    return this;
  }

  override onRemove(map: L.Map): this {
    map.off("zoomend", this.fill, this);
    return super.onRemove(map);
  }

  private fill(): void {
    const map = (this as unknown as { _map: L.Map })._map;
    const taken: L.Bounds[] = [];
    this.clearLayers();
    for (const { text, at } of this.labels) {
      const middle = map.latLngToLayerPoint(at);
      const half = L.point((text.length * LETTER) / 2, LINE / 2);
      const box = L.bounds(middle.subtract(half), middle.add(half));
      if (taken.some((other) => other.intersects(box))) continue;
      taken.push(box);
      const icon = L.divIcon({ html: h("span", {}, text), className: "street-name", iconSize: [0, 0] });
      this.addLayer(L.marker(at, { icon, pane: "names", interactive: false, keyboard: false }));
    }
  }
}

function place([longitude, latitude]: Position): L.LatLng {
  return L.latLng(latitude as number, longitude as number);
}
