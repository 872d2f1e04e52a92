// Where: a shipped place, or a map extract of the planner's own.

import type { App } from "../app";
import { h } from "../dom";
import { field } from "./parts";

const UPLOAD = "upload";

export function placePart(app: App): HTMLElement {
  const { source } = app.state;
  const file = h("input", {
    id: "extract",
    type: "file",
    accept: ".osm,.pbf,.gz,.bz2",
    onchange: () => {
      const chosen = file.files?.[0];
      if (chosen) void app.openExtract(chosen);
    },
  });
  const upload = field(
    "OpenStreetMap extract",
    file,
    "A file that ends in .osm, .osm.gz, .osm.bz2 or .osm.pbf",
  );
  upload.hidden = source?.kind !== "extract";
  const select = h(
    "select",
    {
      id: "place",
      onchange: () => {
        const place = app.places.find((known) => known.place === select.value);
        upload.hidden = select.value !== UPLOAD;
        if (place) void app.openPlace(place);
        else if (select.value === UPLOAD) file.focus();
      },
    },
    ...app.places.map((place) => h("option", { value: place.place }, place.name)),
    source?.kind === "extract" && h("option", { value: source.extract.upload_id }, source.extract.file_name),
    h("option", { value: UPLOAD }, "Upload an extract …"),
  );
  select.value = source?.kind === "extract" ? source.extract.upload_id : (source?.place.place ?? "");
  const here = h(
    "button",
    { type: "button", onclick: () => void app.lookAt(app.map.middle) },
    "Open the map here",
  );
  const hint = h("p", { class: "hint" }, "Loads 600 m around the middle of the view.");
  return h(
    "fieldset",
    {},
    h("legend", {}, "1  Place"),
    field("Map data", select),
    upload,
    h("div", { class: "beside" }, here, hint),
  );
}
