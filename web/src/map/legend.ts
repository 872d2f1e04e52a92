// Which layers are shown, and what their marks mean: one list for both.

import { BADGE } from "../colours";
import { h, svg } from "../dom";
import { badgeText, bubble, gateParts } from "./marks";
import type { LegendLine, MapLayer, Swatch } from "./layer";

const NARROW = "(max-width: 800px)";

type Toggle = (layer: MapLayer, shown: boolean) => void;

/** The plan's layers are open, and those of the place below them folded while there is a plan. */
export function legend(plan: MapLayer[], place: MapLayer[], onToggle: Toggle): HTMLDetailsElement {
  const narrow = window.matchMedia(NARROW).matches;
  return h(
    "details",
    { class: "legend", open: !narrow },
    h("summary", {}, "Legend and layers"),
    plan.length > 0 && list(plan, onToggle),
    plan.length === 0
      ? list(place, onToggle)
      : place.length > 0 && h("details", {}, h("summary", {}, "The place"), list(place, onToggle)),
  );
}

function list(layers: MapLayer[], onToggle: Toggle): HTMLElement {
  return h("ul", {}, ...layers.map((layer) => entry(layer, onToggle)));
}

function entry(layer: MapLayer, onToggle: Toggle): HTMLElement {
  const box = h("input", {
    type: "checkbox",
    onchange: (event) => onToggle(layer, (event.target as HTMLInputElement).checked),
  });
  box.checked = layer.shown;
  return h("li", {}, h("label", {}, box, layer.title), h("ul", {}, ...layer.legend.map(meaning)));
}

function meaning({ swatch, words }: LegendLine): HTMLElement {
  return h("li", {}, picture(swatch), words);
}

function picture(swatch: Swatch): Node {
  return svg(
    "svg",
    { width: 26, height: 14, viewBox: "0 0 26 14", "aria-hidden": "true", class: "swatch" },
    mark(swatch),
  );
}

function mark(swatch: Swatch): SVGElement {
  switch (swatch.shape) {
    case "area":
      return svg("rect", { x: 1, y: 1, width: 24, height: 12, fill: swatch.fill, stroke: swatch.line });
    case "box":
      return svg("rect", {
        x: 8,
        y: 2,
        width: 10,
        height: 10,
        fill: swatch.fill,
        stroke: swatch.line,
        "stroke-width": 1.5,
      });
    case "dot":
      return svg("circle", {
        cx: 13,
        cy: 7,
        r: 5,
        fill: swatch.fill,
        stroke: swatch.line,
        "stroke-width": 1.5,
      });
    case "badge":
      return svg(
        "g",
        { transform: "translate(13 7) scale(0.75)" },
        svg("circle", { r: 9, fill: BADGE.fill }),
        badgeText(swatch.text),
      );
    case "gate":
      return svg("g", { transform: "translate(13 7) scale(0.65)" }, ...gateParts());
    case "comment":
      return svg("g", { transform: "translate(13 7) scale(0.45)" }, bubble(swatch.fill));
    case "line":
      return svg("line", {
        x1: 1,
        y1: 7,
        x2: 25,
        y2: 7,
        stroke: swatch.colour,
        "stroke-width": swatch.weight,
        "stroke-dasharray": swatch.dash ?? "none",
      });
  }
}
