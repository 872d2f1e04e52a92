// What to protect, against what, with what.

import type { App } from "../app";
import { h } from "../dom";
import { siteRequest } from "../state";
import type { Problem } from "../types";
import { squareMetres } from "../words";
import { areaPart } from "./area";
import { areComplete } from "./events";
import { backButton, heading, problemBox } from "./parts";
import { keepPart } from "./keep";
import { placePart } from "./place";
import { threatPart } from "./threat";

export function setupScreen(app: App, problem: Problem | null): HTMLElement {
  const make = h("button", { class: "primary", type: "submit" }, "Make the plan");
  const why = h("p", { class: "hint", id: "why" });
  const keep = keepPart(app);
  const refresh = () => {
    keep.refresh();
    const missing = whatIsMissing(app);
    make.disabled = missing !== "";
    why.textContent = missing || sizeOf(app);
  };
  const form = h(
    "form",
    {
      class: "setup",
      onsubmit: (event) => {
        event.preventDefault();
        void app.makePlan();
      },
    },
    app.hasProposals && backButton(app),
    heading("Plan the protection"),
    problem && problemBox(problem),
    placePart(app),
    areaPart(app, refresh),
    threatPart(app, refresh),
    keep.element,
    h("div", { class: "go" }, make, why),
  );
  refresh();
  return form;
}

function whatIsMissing(app: App): string {
  if (!siteRequest(app.state)) return "Say first what is to be protected.";
  if (!app.state.choices.vehicles.length) return "Choose at least one vehicle.";
  const { layout, events } = app.state.choices;
  if (!areComplete(events)) return "Say of each event what it is called and when it is.";
  if (layout === "mixed" && !events.length) return "A mixed layout needs the events of a year.";
  return "";
}

function sizeOf(app: App): string {
  const { area, view } = app.state;
  return area.kind === "own" && view ? `${view.site.name}, ${squareMetres(view.site.zone_area_m2)}` : "";
}
