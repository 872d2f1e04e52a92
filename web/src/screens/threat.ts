// Against which vehicles, with which layout.

import type { App } from "../app";
import { h } from "../dom";
import type { Drive, Grip, Vehicle } from "../types";
import { kmh, metres, tonnes } from "../words";
import { accessPart } from "./access";
import { eventsPart } from "./events";
import { field, numberInput, radios } from "./parts";

export function threatPart(app: App, refresh: () => void): HTMLElement {
  const { choices } = app.state;
  const layouts = app.layouts.map(({ layout, description }) => ({
    value: layout,
    title: layout.charAt(0).toUpperCase() + layout.slice(1),
    hint: description,
  }));
  return h(
    "div",
    {},
    h(
      "fieldset",
      {},
      h("legend", {}, "3  Vehicles to stop"),
      ...app.vehicles.map((vehicle) => vehicleBox(app, vehicle, refresh)),
    ),
    h(
      "fieldset",
      {},
      h("legend", {}, "4  Layout"),
      radios("layout", layouts, choices.layout, (layout) => {
        choices.layout = layout;
        refresh();
      }),
      eventsPart(app, refresh),
    ),
    accessPart(app),
    finePart(app),
  );
}

function vehicleBox(app: App, vehicle: Vehicle, refresh: () => void): HTMLElement {
  const { choices } = app.state;
  const box = h("input", {
    type: "checkbox",
    name: "vehicle",
    value: vehicle.name,
    onchange: () => {
      const others = choices.vehicles.filter((name) => name !== vehicle.name);
      choices.vehicles = box.checked ? [...others, vehicle.name] : others;
      refresh();
    },
  });
  box.checked = choices.vehicles.includes(vehicle.name);
  const figures = `${tonnes(vehicle.mass_kg)}, ${metres(vehicle.width_m)} wide, up to ${kmh(vehicle.top_speed_kmh)}`;
  return h(
    "label",
    { class: "choice" },
    box,
    h("span", {}, h("b", {}, vehicle.name), ` ${vehicle.description}`, h("small", {}, figures)),
  );
}

function finePart(app: App): HTMLElement {
  const { choices } = app.state;
  const resolution = h(
    "select",
    { id: "resolution", onchange: () => (choices.resolution_m = Number(resolution.value)) },
    h("option", { value: "0.5" }, "0.5 m – full"),
    h("option", { value: "1" }, "1 m – quick look"),
  );
  resolution.value = String(choices.resolution_m);
  const headings = h(
    "select",
    { id: "headings", onchange: () => (choices.headings = Number(headings.value)) },
    h("option", { value: "64" }, "64 – full"),
    h("option", { value: "32" }, "32 – quick look"),
  );
  headings.value = String(choices.headings);
  const entry = numberInput(
    "entry-speed",
    choices.entry_speed_kmh,
    { min: 0, max: 200, step: "any" },
    (value) => {
      choices.entry_speed_kmh = value;
    },
  );
  const margin = numberInput("margin", choices.margin_m, { min: 20, max: 600, step: "any" }, (value) => {
    if (value !== null) choices.margin_m = value;
  });
  return h(
    "details",
    { class: "fine" },
    h("summary", {}, "How it is computed"),
    field("Run-ups looked at around the zone [m]", margin),
    field(
      "Speed over the edge of the map [km/h]",
      entry,
      "Empty: what each vehicle can be expected to have there.",
    ),
    field("Cell size", resolution),
    field("Headings", headings),
    heightsPart(app),
    scenarioPart(app),
  );
}

function heightsPart(app: App): HTMLElement {
  const { choices } = app.state;
  const said = h("p", { class: "hint", role: "status" });
  const say = (text: string) => said.replaceChildren(text);
  const file = h("input", {
    id: "heights",
    type: "file",
    accept: ".tif,.tiff",
    onchange: () => {
      const chosen = file.files?.[0];
      choices.heights_id = null;
      if (!chosen) return say("");
      say(`Sending ${chosen.name} …`);
      app.sendHeights(chosen).then(
        (heights) => {
          choices.heights_id = heights.upload_id;
          say(`${heights.file_name} is used.`);
        },
        (error: Error) => say(`${error.message} The ground is taken for flat.`),
      );
    },
  });
  const hint = "GeoTIFF. Empty: flat, so a street that leads down to the zone counts as too slow.";
  return h("div", {}, field("Heights of the ground", file, hint), said);
}

// Each of these lowers what the plan has to withstand, so each says so.
function scenarioPart(app: App): HTMLElement {
  const { choices } = app.state;
  const drive = h(
    "select",
    { id: "drive", onchange: () => (choices.drive = drive.value as Drive) },
    h("option", { value: "detailed" }, "detailed – power, rolling and air drag"),
    h("option", { value: "screening" }, "screening – constant acceleration"),
  );
  drive.value = choices.drive;
  const grip = h(
    "select",
    { id: "grip", onchange: () => (choices.grip = grip.value as Grip) },
    h("option", { value: "design" }, "design – the same everywhere"),
    h("option", { value: "surface" }, "by surface – less safe"),
    h("option", { value: "wet" }, "wet road – less safe"),
  );
  grip.value = choices.grip;
  const approach = numberInput(
    "max-approach",
    choices.max_approach_m,
    { min: 10, max: 5000, step: "any" },
    (value) => {
      choices.max_approach_m = value;
    },
  );
  const limit = numberInput(
    "speed-limit",
    choices.speed_limit_kmh,
    { min: 1, max: 300, step: "any" },
    (value) => {
      choices.speed_limit_kmh = value;
    },
  );
  return h(
    "fieldset",
    {},
    h("legend", {}, "Scenarios"),
    field("Acceleration", drive),
    field("Grip in bends", grip),
    field("Longest approach [m]", approach, "Less safe. Empty: every approach counts, however long."),
    field("Nobody drives faster than [km/h]", limit, "Less safe. Empty: limits bind no attacker."),
  );
}
