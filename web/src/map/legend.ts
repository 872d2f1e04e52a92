// Which layers are shown, and what their marks mean: one list for both.

import { h, svg } from "../dom";
import type { LegendLine, MapLayer, Swatch } from "./layer";

const NARROW = "(max-width: 800px)";

export function legend(layers: MapLayer[], onToggle: (layer: MapLayer, shown: boolean) => void): HTMLElement {
  const narrow = window.matchMedia(NARROW).matches;
  return h(
    "details",
    { class: "legend", open: !narrow },
    h("summary", {}, "Legend and layers"),
    h("ul", {}, ...layers.map((layer) => entry(layer, onToggle))),
  );
}

function entry(layer: MapLayer, onToggle: (layer: MapLayer, shown: boolean) => void): HTMLElement {
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
