// Who must still get in and out: rules that a plan meets, or says that it can't.

import type { App } from "../app";
import { h } from "../dom";
import type { Country } from "../types";
import { field, numberInput } from "./parts";

export function accessPart(app: App): HTMLElement {
  const { choices } = app.state;
  const engines = numberInput("openable", choices.openable, { min: 0, max: 12, step: 1 }, (value) => {
    choices.openable = value ?? 0;
  });
  const distance = numberInput(
    "engine-distance",
    choices.engine_distance_m,
    { min: 1, max: 2000, step: "any" },
    (value) => {
      choices.engine_distance_m = value;
    },
  );
  const people = numberInput(
    "people",
    choices.people || null,
    { min: 0, max: 2_000_000, step: 1 },
    (value) => {
      choices.people = value ?? 0;
    },
  );
  const minutes = numberInput(
    "exit-minutes",
    choices.exit_minutes,
    { min: 1, max: 120, step: "any" },
    (value) => {
      if (value !== null) choices.exit_minutes = value;
    },
  );
  const second = h("input", {
    id: "second-line",
    type: "checkbox",
    onchange: () => (choices.second_line = second.checked),
  });
  second.checked = choices.second_line;
  return h(
    "fieldset",
    {},
    h("legend", {}, "5  Ways in and out"),
    countryPart(app),
    field("Openings for fire engines, at least", engines),
    field("From an opening to every door, at most [m]", distance, "Empty: not asked."),
    field("People who must be able to leave", people, "Empty: not asked."),
    field("Within [minutes]", minutes),
    h("label", { class: "choice" }, second, h("span", {}, "A second line behind each opening")),
  );
}

function countryPart(app: App): HTMLElement {
  const { choices } = app.state;
  const rules = h("div", {});
  const select = h(
    "select",
    {
      id: "country",
      onchange: () => {
        choices.country = select.value || null;
        show();
      },
    },
    h("option", { value: "" }, "none: 0.9 m between units"),
    ...app.countries.map(({ country, name }) => h("option", { value: country }, name)),
  );
  select.value = choices.country ?? "";
  const show = () => {
    const chosen = app.countries.find(({ country }) => country === choices.country);
    rules.replaceChildren(...(chosen ? [rulesOf(chosen)] : []));
  };
  show();
  return h("div", {}, field("Rules of", select), rules);
}

// Whoever plans by a rule has to see where it comes from and how sure it is.
function rulesOf({ rules }: Country): HTMLElement {
  return h(
    "details",
    { class: "fine" },
    h("summary", {}, "These rules and their sources"),
    h(
      "ul",
      {},
      ...rules.map(({ figure, value, source, standing }) =>
        h("li", {}, h("b", {}, ruleInWords(figure, value)), ` ${source} (${standing})`),
      ),
    ),
  );
}

const UNITS: [string, string][] = [
  ["_per_m_min", "people per metre and minute"],
  ["_m", "m"],
];

function ruleInWords(figure: string, value: number): string {
  const [suffix, unit] = UNITS.find(([end]) => figure.endsWith(end)) ?? ["", ""];
  const name = figure.slice(0, figure.length - suffix.length).replaceAll("_", " ");
  return `${name}: ${value} ${unit}`.trimEnd();
}
