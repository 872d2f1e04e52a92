// What a layer is: something to draw, and its lines in the legend.

import type { Layer } from "leaflet";
import type { PaneName } from "../order";

export type Swatch =
  | { shape: "area"; fill: string; line: string }
  | { shape: "line"; colour: string; weight: number; dash?: string }
  | { shape: "dot"; fill: string; line: string }
  | { shape: "box"; fill: string; line: string }
  | { shape: "badge"; text: string }
  | { shape: "gate" }
  | { shape: "comment"; fill: string };

export interface LegendLine {
  swatch: Swatch;
  words: string;
}

export interface MapLayer {
  name: string;
  title: string;
  layer: Layer;
  legend: LegendLine[];
  shown: boolean;
}

export type { PaneName };
