// The map: the place below, the plan above, and what the planner does on it.

import type { GeoJsonObject, Polygon } from "geojson";
import { barriersLayer } from "../layers/barriers";
import { closuresLayer } from "../layers/closures";
import { commentsLayer } from "../layers/comments";
import type { Pin } from "../layers/comments";
import { differencesLayer } from "../layers/differences";
import { corridorsLayer } from "../layers/corridors";
import { demandsLayer } from "../layers/demands";
import { frontageLayer } from "../layers/frontage";
import { furnitureLayer } from "../layers/furniture";
import { gapsLayer } from "../layers/gaps";
import { groundLayer } from "../layers/ground";
import { namesLayer } from "../layers/names";
import { perimeterLayer } from "../layers/perimeter";
import { buildingsLayer, waterLayer } from "../layers/solids";
import { streetsLayer } from "../layers/streets";
import { unitsLayer } from "../layers/units";
import { ZONE_STYLE, zoneLayer } from "../layers/zone";
import { BLACK } from "../colours";
import { ORDER, depth } from "../order";
import type { Draft } from "../state";
import type { PlanLayers, SiteLayers } from "../rows";
import type { Centre, Change, Frontage } from "../types";
import { drawPolygon, editPolygon } from "./draw";
import { L } from "./globals";
import type { MapLayer } from "./layer";
import { legend } from "./legend";

const ATTRIBUTION = "© OpenStreetMap contributors";

export class MapView {
  private readonly map: L.Map;
  private base: MapLayer[] = [];
  private plan: MapLayer[] = [];
  private talk: MapLayer[] = [];
  private differences: MapLayer[] = [];
  private draft: L.Layer | null = null;
  private highlighted: L.Layer | null = null;
  private endTask: (() => void) | null = null;

  constructor(
    element: HTMLElement,
    private readonly legendPlace: HTMLElement,
  ) {
    this.map = L.map(element, {
      maxZoom: 22,
      zoomSnap: 0.25,
      attributionControl: false,
      zoomAnimation: false,
    });
    this.map.setView([60.1713, 24.9442], 16);
    L.control.attribution({ prefix: false }).addAttribution(ATTRIBUTION).addTo(this.map);
    L.control.scale({ imperial: false, position: "bottomleft" }).addTo(this.map);
    // Shapes with a tooltip take the focus, hundreds of them and none with a name: the tables beside
    // the map are the way for whoever has no mouse.
    this.map.on("layeradd", ({ layer }) => {
      if (layer instanceof L.Path) layer.getElement()?.setAttribute("tabindex", "-1");
    });
    for (const pane of ORDER) {
      const style = this.map.createPane(pane).style;
      style.zIndex = String(depth(pane));
      // Empty parts of a pane must not keep the mouse from what lies below.
      style.pointerEvents = "none";
    }
    new ResizeObserver(() => this.map.invalidateSize()).observe(element);
  }

  // ---------------------------------------------------------------- what is shown

  showSite(layers: SiteLayers, { withZone }: { withZone: boolean }): void {
    this.replace("base", [
      ...(withZone ? [zoneLayer(layers.zone), demandsLayer(layers)] : []),
      namesLayer(layers),
      streetsLayer(layers),
      buildingsLayer(layers),
      waterLayer(layers),
      furnitureLayer(layers),
      groundLayer(layers),
    ]);
  }

  showPlan(layers: PlanLayers, vehicle: string | null): void {
    this.replace("plan", [
      perimeterLayer(layers, vehicle),
      corridorsLayer(layers),
      barriersLayer(layers),
      unitsLayer(layers),
      gapsLayer(layers),
      closuresLayer(layers),
    ]);
  }

  showFrontage(frontage: Frontage): void {
    this.replace("plan", [frontageLayer(frontage)]);
    this.fit(frontage.furniture, { around: 0.2 });
  }

  /** Show the speeds of one vehicle, null for the worst of all at each point. */
  showSpeeds(layers: PlanLayers, vehicle: string | null): void {
    const old = this.plan.find((layer) => layer.name === "perimeter");
    const next = { ...perimeterLayer(layers, vehicle), shown: old?.shown ?? true };
    this.replace(
      "plan",
      this.plan.map((layer) => (layer === old ? next : layer)),
    );
  }

  showComments(pins: Pin[]): void {
    const shown = this.talk[0]?.shown ?? true;
    this.replace("talk", pins.length ? [{ ...commentsLayer(pins), shown }] : []);
  }

  /** Show what differs from another plan above this one; null for nothing. */
  showDifferences(
    found: { changes: Change[]; here: PlanLayers["footprints"]; there: PlanLayers["footprints"] } | null,
  ): void {
    if (!found && !this.differences.length) return;
    this.replace("differences", found ? [differencesLayer(found.changes, found.here, found.there)] : []);
  }

  clear(): void {
    this.replace("base", []);
    this.clearPlan();
  }

  clearPlan(): void {
    this.replace("plan", []);
    this.replace("talk", []);
    this.showDifferences(null);
    this.highlight(null);
  }

  showDraft(draft: Draft): void {
    this.draft?.remove();
    this.draft = draft && draftLayer(draft);
    this.draft?.addTo(this.map);
  }

  /** Draw attention to one thing and bring it into sight. */
  highlight(shape: GeoJsonObject | null): void {
    this.highlighted?.remove();
    this.highlighted = null;
    if (!shape) return;
    const mark = L.geoJSON(shape, {
      pane: "marks",
      interactive: false,
      style: { color: BLACK, weight: 12, opacity: 0.35, fill: false },
      pointToLayer: (_, at) => L.circleMarker(at, { pane: "marks", radius: 14 }),
    });
    this.highlighted = mark.addTo(this.map);
    this.fit(shape, { closest: 19 });
  }

  /** Bring a shape into sight, with a share of its size around it. */
  fit(shape: GeoJsonObject, { closest = 22, around = 0 } = {}): void {
    const bounds = L.geoJSON(shape).getBounds();
    if (!bounds.isValid()) return;
    // The map may have been hidden until now.
    this.map.invalidateSize();
    // What lies under the legend is not in sight.
    const hidden = this.legendPlace.querySelector("details[open]")?.clientWidth ?? 0;
    this.map.fitBounds(bounds.pad(around), {
      paddingTopLeft: [50, 20],
      paddingBottomRight: [hidden + 20, 30],
      maxZoom: closest,
      animate: false,
    });
  }

  // ---------------------------------------------------------------- what the planner does

  get middle(): Centre {
    const { lat, lng } = this.map.getCenter();
    return { latitude_deg: lat, longitude_deg: lng };
  }

  draw(onDone: (zone: Polygon) => void): void {
    this.endTasks();
    this.endTask = drawPolygon(this.map, (zone) => {
      this.endTask = null;
      onDone(zone);
    });
  }

  edit(zone: Polygon, onChange: (zone: Polygon) => void): void {
    this.endTasks();
    this.showDraft(null);
    this.endTask = editPolygon(this.map, zone, onChange);
  }

  pick(onPicked: (at: Centre) => void): void {
    this.endTasks();
    const container = this.map.getContainer();
    const clicked = ({ latlng }: L.LeafletMouseEvent) => {
      this.endTasks();
      onPicked({ latitude_deg: latlng.lat, longitude_deg: latlng.lng });
    };
    container.classList.add("picking");
    this.map.once("click", clicked);
    this.endTask = () => {
      container.classList.remove("picking");
      this.map.off("click", clicked);
    };
  }

  endTasks(): void {
    this.endTask?.();
    this.endTask = null;
  }

  // ---------------------------------------------------------------- how

  private replace(part: "base" | "plan" | "talk" | "differences", layers: MapLayer[]): void {
    for (const { layer } of this[part]) layer.remove();
    this[part] = layers;
    for (const { layer, shown } of layers) if (shown) layer.addTo(this.map);
    const toggle = (layer: MapLayer, shown: boolean) => {
      layer.shown = shown;
      if (shown) layer.layer.addTo(this.map);
      else layer.layer.remove();
    };
    const before = this.legendPlace.querySelector("details");
    const isEmpty = !this.plan.length && !this.base.length;
    const next = legend([...this.differences, ...this.talk, ...this.plan], this.base, toggle);
    if (before) next.open = before.open;
    this.legendPlace.replaceChildren(...(isEmpty ? [] : [next]));
  }
}

function draftLayer(draft: NonNullable<Draft>): L.Layer {
  const look = { ...ZONE_STYLE, pane: "zone", interactive: false };
  if ("zone" in draft) return L.geoJSON(draft.zone, { pane: "zone", interactive: false, style: look });
  const at = L.latLng(draft.centre.latitude_deg, draft.centre.longitude_deg);
  return draft.radius_m === null
    ? L.circleMarker(at, { ...look, radius: 9, dashArray: "" })
    : L.circle(at, { ...look, radius: draft.radius_m });
}
