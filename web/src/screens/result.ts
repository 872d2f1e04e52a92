// The plan: does it hold, what is built, what it closes, what to take home.

import type { FeatureCollection, GeoJsonObject } from "geojson";
import type { App } from "../app";
import { announce, h } from "../dom";
import type { Opened } from "../opened";
import type { PlanLayers } from "../rows";
import type { Plan, PlanFile } from "../types";
import { VERDICTS } from "../verdict";
import {
  bytes,
  costRange,
  count,
  kilojoule,
  kmh,
  metres,
  millimetres,
  plainKind,
  streetName,
  tonnes,
} from "../words";
import { button } from "./parts";
import { table } from "./table";

export function resultPart(app: App, { plan, layers, proposal }: Opened): HTMLElement {
  const show = (shape: GeoJsonObject, words: string) => {
    app.map.highlight(shape);
    announce(`On the map: ${words}`);
  };
  return h(
    "div",
    { class: "result" },
    verdictPart(plan),
    app.may("plan") &&
      h(
        "p",
        {},
        button("Change the plan", () => app.change(proposal)),
      ),
    keyFigures(plan, layers),
    speedsPart(app, plan, layers),
    approaches(layers, show),
    barriers(layers, show),
    closures(plan, layers, show),
    checksPart(plan),
    conditionsOfData(app),
    takeHome(plan),
  );
}

function verdictPart({ verdict }: Plan): HTMLElement {
  const { sign, word, meaning, className } = VERDICTS[verdict.standing];
  return h(
    "section",
    { class: `verdict ${className}`, "aria-label": "Verdict" },
    h("p", { class: "word" }, h("span", { "aria-hidden": "true" }, sign), ` ${word}`),
    h("p", {}, meaning),
    verdict.conditions.length > 0 &&
      h(
        "details",
        { open: verdict.conditions.length < 4 },
        h("summary", {}, count(verdict.conditions.length, "open condition")),
        h("ul", {}, ...verdict.conditions.map((condition) => h("li", {}, condition))),
      ),
  );
}

function keyFigures({ summary, verdict }: Plan, layers: PlanLayers): HTMLElement {
  const { units, cost } = summary;
  const fastest = Math.max(0, ...layers.perimeter.features.map((row) => row.properties.speed_kmh));
  const lanes = verdict.checks.filter((check) => check.name.startsWith("engine:") && check.passes);
  const figures: [string, string][] = [
    ["Fastest arrival", fastest > 0 ? kmh(fastest) : "none"],
    ["Barriers", `${count(units.count, "unit")} on ${count(units.lines, "line")}, ${metres(units.length_m)}`],
    ["Widest clear gap", units.widest_gap_mm === null ? "none" : millimetres(units.widest_gap_mm)],
    ["Open for fire engines", count(lanes.length, "lane")],
  ];
  if (cost.currency) {
    figures.push([`Cost (${cost.year}, ${cost.standing})`, costRange(cost.low, cost.high, cost.currency)]);
  }
  return h(
    "dl",
    { class: "figures" },
    ...figures.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}

function speedsPart(app: App, plan: Plan, layers: PlanLayers): HTMLElement | null {
  if (plan.request.vehicles.length < 2) return null;
  const select = h(
    "select",
    { id: "speeds", onchange: () => app.map.showSpeeds(layers, select.value || null) },
    h("option", { value: "" }, "the fastest at each point"),
    ...plan.request.vehicles.map((name) => h("option", { value: name }, name)),
  );
  return h("div", { class: "field" }, h("label", { for: "speeds" }, "Speeds on the map"), select);
}

type Show = (shape: GeoJsonObject, words: string) => void;

function approaches({ corridors }: PlanLayers, show: Show): HTMLElement {
  const rows = [...corridors.features].sort((one, other) => one.properties.rank - other.properties.rank);
  return table(
    "Approaches, the worst first",
    ["Street", "Vehicle", "Speed", "Energy", "Run-up"],
    rows.map((row) => {
      const { rank, street, vehicle, speed_kmh, energy_kj, length_m } = row.properties;
      const name = `${rank}. ${streetName(street)}`;
      return {
        name,
        cells: [vehicle, kmh(speed_kmh), kilojoule(energy_kj), metres(length_m)],
        show: () => show(row, name),
      };
    }),
    "No vehicle reaches the zone.",
  );
}

const STRENGTHS = { tested: "tested", by_energy: "by energy", short: "too weak" };

function barriers({ barriers: lines, footprints }: PlanLayers, show: Show): HTMLElement {
  const kindsOn = (line: string): string => {
    const kinds = new Map<string, number>();
    for (const { properties } of footprints.features) {
      if (properties.line_id === line) kinds.set(properties.kind, (kinds.get(properties.kind) ?? 0) + 1);
    }
    return [...kinds].map(([kind, number]) => `${number} × ${plainKind(kind)}`).join(", ");
  };
  return table(
    "Barriers",
    ["Line", "Units", "Length", "Must stop", "Product"],
    lines.features.map((row) => {
      const { line_id, length_m, vehicle, mass_kg, speed_kmh, strength, openable } = row.properties;
      const what = openable ? `${kindsOn(line_id)}; with an opening` : kindsOn(line_id);
      const need = speed_kmh > 0 ? `${vehicle} ${tonnes(mass_kg)}, ${kmh(speed_kmh)}` : "no arrival";
      return {
        name: line_id,
        cells: [what, metres(length_m), need, STRENGTHS[strength]],
        show: () => show(row, line_id),
      };
    }),
    "Nothing has to be built.",
  );
}

function closures({ summary }: Plan, { closures: layer }: PlanLayers, show: Show): HTMLElement {
  const partsOf = (name: string) => layer.features.filter((row) => row.properties.name === name);
  return table(
    "Streets that this closes",
    ["Street", "Length", "How"],
    summary.closures.streets.map(({ name, length_m, treatment }) => ({
      name,
      cells: [metres(length_m), treatment],
      show: () => {
        const named = partsOf(name);
        // Streets without a name are listed by their kind.
        const features = named.length ? named : partsOf("");
        show({ type: "FeatureCollection", features } as FeatureCollection, name);
      },
    })),
    "No street is closed.",
  );
}

function checksPart({ verdict }: Plan): HTMLElement {
  const rows = verdict.checks.map((check) =>
    h(
      "li",
      { class: check.holds ? "yes" : "no" },
      h("b", {}, check.holds ? "Yes: " : "No: "),
      check.question,
      check.note && h("small", {}, check.note),
    ),
  );
  const failed = verdict.checks.filter((check) => !check.holds).length;
  const title = failed
    ? `${count(failed, "check")} of ${verdict.checks.length} failed`
    : `All ${verdict.checks.length} checks passed`;
  return h("details", { open: failed > 0 }, h("summary", {}, title), h("ul", { class: "checks" }, ...rows));
}

/** What the map data did not say, and what a visit should measure. */
function conditionsOfData(app: App): HTMLElement | null {
  const rows = app.state.view?.site.report ?? [];
  if (!rows.length) return null;
  return h(
    "details",
    {},
    h("summary", {}, "What the map data says and leaves open"),
    h(
      "ul",
      {},
      ...rows.map(({ topic, item, count: number, note }) =>
        h("li", {}, h("b", {}, plainKind(topic)), `: ${item}${number === null ? "" : ` (${number})`} `, note),
      ),
    ),
  );
}

// What is in a file, by how its name begins.
const CONTENTS: Record<string, string> = {
  bill: "what is to be bought, and its cost",
  certificate: "the proof, for a second program to check",
  deployment: "who sets up what, and when",
  energy: "energies on the ground, a raster",
  footprints: "the units as areas",
  lines: "the barriers as lines",
  map: "the interactive map",
  placement: "every unit with its product",
  proposal: "all layers, for QGIS",
  speed: "speeds on the ground, a raster",
  summary: "the plan in short",
};

const contentOf = (file: string): string => {
  const words = CONTENTS[file.split(/[._]/)[0] ?? ""];
  return words ? `${words}, ` : "";
};

function takeHome(plan: Plan): HTMLElement {
  const file = ({ name, href, bytes: size }: PlanFile) =>
    h("li", {}, h("a", { href, download: "" }, name), h("small", {}, ` ${contentOf(name)}${bytes(size)}`));
  return h(
    "section",
    { class: "files", "aria-label": "Files" },
    h("h3", {}, "Take it home"),
    h(
      "p",
      {},
      h("a", { class: "button", href: plan.map, target: "_blank", rel: "noopener" }, "Open the map page"),
      h("a", { class: "button", href: plan.archive, download: "" }, "All files (zip)"),
    ),
    h("ul", {}, ...plan.files.map(file)),
    h("details", {}, h("summary", {}, "Summary in words"), h("pre", {}, plan.text)),
  );
}
