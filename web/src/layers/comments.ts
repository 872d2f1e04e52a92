// Where comments are pinned; a click on one finds its words in the list.

import type { Position } from "geojson";
import { PIN } from "../colours";
import { words } from "../dom";
import { L } from "../map/globals";
import type { MapLayer } from "../map/layer";
import { commentMark } from "../map/marks";

export interface Pin {
  number: number;
  at: Position;
  words: string;
  isSettled: boolean;
  onChosen: () => void;
}

export function commentsLayer(pins: Pin[]): MapLayer {
  const marks = pins.map((pin, index) =>
    commentMark(pin.at, pin.number, { isSettled: pin.isSettled, before: sharing(pins, index) })
      .bindTooltip(words(pin.words), { direction: "top" })
      .on("click", pin.onChosen),
  );
  return {
    name: "comments",
    title: "Comments",
    layer: L.layerGroup(marks),
    shown: true,
    legend: [
      { swatch: { shape: "comment", fill: PIN.open }, words: "open" },
      { swatch: { shape: "comment", fill: PIN.settled }, words: "settled" },
    ],
  };
}

/** How many pins before this one stand at its place: they stand side by side. */
function sharing(pins: Pin[], index: number): number {
  const at = String(pins[index]?.at);
  return pins.slice(0, index).filter((pin) => String(pin.at) === at).length;
}
