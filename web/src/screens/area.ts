// What is to be protected: the place's own square, a drawing, a mapped square, a circle.

import type { App } from "../app";
import { h } from "../dom";
import { draftOf } from "../state";
import type { Area } from "../state";
import type { Centre, Polygon } from "../types";
import { button, field, numberInput, radios } from "./parts";

const DEFAULT_RADIUS_M = 60;

export function areaPart(app: App, refresh: () => void): HTMLElement {
  const tools = h("div", { class: "tools" });
  const set = (area: Area) => {
    app.state.area = area;
    app.map.endTasks();
    show();
  };
  const show = () => {
    tools.replaceChildren(...toolsFor(app, app.state.area, set));
    showOnMap(app);
    refresh();
  };
  const choices = [
    { value: "own", title: "The square of this place", hint: "as it is mapped" },
    { value: "drawn", title: "Draw it", hint: "corner by corner on the map" },
    { value: "square", title: "A mapped square", hint: "or park, at a point of the map" },
    { value: "circle", title: "A circle", hint: "around a point" },
  ] as const;
  const possible = choices.filter(({ value }) => value !== "own" || app.state.source?.kind === "place");
  const list = radios("area", [...possible], app.state.area.kind, (kind) => {
    set(emptyArea(kind));
    if (kind === "own" && app.state.source?.kind === "place") void app.openPlace(app.state.source.place);
  });
  show();
  return h("fieldset", {}, h("legend", {}, "2  Area to protect"), list, tools);
}

function emptyArea(kind: Area["kind"]): Area {
  if (kind === "own") return { kind };
  if (kind === "drawn") return { kind, zone: null };
  return kind === "square" ? { kind, centre: null } : { kind, centre: null, radius_m: DEFAULT_RADIUS_M };
}

function toolsFor(app: App, area: Area, set: (area: Area) => void): HTMLElement[] {
  switch (area.kind) {
    case "own":
      return [];
    case "drawn":
      return drawTools(app, area, set);
    case "square":
      return pointTools(app, area.centre, (centre) => set({ kind: "square", centre }));
    case "circle": {
      const radius = numberInput("radius", area.radius_m, { min: 5, max: 500, step: "any" }, (radius_m) => {
        if (radius_m !== null) set({ ...area, radius_m });
      });
      return [
        ...pointTools(app, area.centre, (centre) => set({ ...area, centre })),
        field("Radius [m]", radius),
      ];
    }
  }
}

function drawTools(app: App, area: Area & { kind: "drawn" }, set: (area: Area) => void): HTMLElement[] {
  const said = h("p", { class: "hint" });
  const done = (zone: Polygon) => set({ kind: "drawn", zone });
  const draw = button(area.zone ? "Draw it again" : "Start drawing", () => {
    app.map.showDraft(null);
    said.textContent =
      "Set the corners by clicking; close with a click on the first corner or a double click on the last.";
    app.map.draw(done);
  });
  if (!area.zone) return [draw, said];
  const zone = area.zone;
  said.textContent = `Drawn, ${cornersOf(zone)} corners.`;
  if (zone.type !== "Polygon") return [draw, said];
  const edit = button("Move corners", () => {
    said.textContent = "Drag the corners; a right click on one takes it away.";
    app.map.edit(zone, (changed) => {
      app.state.area = { kind: "drawn", zone: changed };
    });
  });
  return [draw, edit, said];
}

const cornersOf = (zone: NonNullable<(Area & { kind: "drawn" })["zone"]>): number =>
  zone.type === "Polygon" ? (zone.coordinates[0]?.length ?? 1) - 1 : zone.coordinates.length;

function pointTools(app: App, centre: Centre | null, set: (centre: Centre) => void): HTMLElement[] {
  const said = h("p", { class: "hint" }, centre ? "" : "Click on the map, or type the position.");
  const latitude = numberInput(
    "latitude",
    rounded(centre?.latitude_deg),
    { min: -90, max: 90, step: "any" },
    () => typed(),
  );
  const longitude = numberInput(
    "longitude",
    rounded(centre?.longitude_deg),
    { min: -180, max: 180, step: "any" },
    () => typed(),
  );
  const typed = () => {
    if (latitude.value && longitude.value)
      set({ latitude_deg: latitude.valueAsNumber, longitude_deg: longitude.valueAsNumber });
  };
  app.map.pick(set);
  return [
    said,
    h("div", { class: "pair" }, field("Latitude [°]", latitude), field("Longitude [°]", longitude)),
    button("Take the middle of the map", () => set(app.map.middle)),
  ];
}

const rounded = (angle_deg: number | undefined): number | null =>
  angle_deg === undefined ? null : Math.round(angle_deg * 1e6) / 1e6;

function showOnMap(app: App): void {
  const { area, view } = app.state;
  if (view) app.map.showSite(view.layers, { withZone: area.kind === "own" });
  app.map.showDraft(draftOf(area));
}
