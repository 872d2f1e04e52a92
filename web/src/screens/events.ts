// The events of a year: with them the plan is the cheapest over its years, and a mixed one needs them.

import type { App } from "../app";
import { problemOf } from "../client";
import { announce, h } from "../dom";
import * as office from "../office";
import type { EventDays } from "../types";
import { button, refusalBox } from "./parts";

const NEW: EventDays = { name: "", date_from: "", date_to: "", opens: "10:00", closes: "22:00", people: 0 };

export function eventsPart(app: App, refresh: () => void): HTMLElement {
  const { choices } = app.state;
  const rows = h("div", {});
  const show = () => {
    rows.replaceChildren(...choices.events.map((event, number) => eventRow(event, number, remove, refresh)));
    refresh();
  };
  const remove = (event: EventDays) => {
    choices.events = choices.events.filter((other) => other !== event);
    show();
  };
  const add = h(
    "button",
    {
      type: "button",
      onclick: () => {
        choices.events = [...choices.events, { ...NEW }];
        show();
      },
    },
    "Add an event",
  );
  const said = h("div", {});
  const take = async () => {
    try {
      const found = await office.events(app.project?.project_id ?? "");
      choices.events = found.map(daysOf);
      said.replaceChildren(found.length ? "" : "Nothing is in the calendar of this project yet.");
      announce(`${found.length} from the calendar.`);
      show();
    } catch (error) {
      said.replaceChildren(refusalBox(problemOf(error)));
    }
  };
  show();
  const hint = "With events the plan is the cheapest over 15 years, not the cheapest to buy.";
  return h(
    "details",
    { class: "fine" },
    h("summary", {}, "Events of a year"),
    h("p", { class: "hint" }, hint),
    rows,
    h(
      "p",
      { class: "acts" },
      add,
      button("Take those of the calendar", () => void take()),
    ),
    said,
  );
}

// A plan keeps the days, not the row of the calendar that they came from.
const daysOf = ({ name, date_from, date_to, opens, closes, people }: EventDays): EventDays => ({
  name,
  date_from,
  date_to,
  opens,
  closes,
  people,
});

/** Whether every event says when it is. */
export function areComplete(events: EventDays[]): boolean {
  return events.every(({ name, date_from, date_to }) => name && date_from && date_to >= date_from);
}

function eventRow(
  event: EventDays,
  number: number,
  remove: (event: EventDays) => void,
  refresh: () => void,
): HTMLElement {
  const input = (key: "name" | "date_from" | "date_to" | "opens" | "closes", type: string, label: string) => {
    const control = h("input", {
      type,
      value: event[key],
      placeholder: label,
      "aria-label": `${label} of event ${number + 1}`,
      oninput: () => {
        event[key] = control.value;
        refresh();
      },
    });
    return control;
  };
  const people = h("input", {
    type: "number",
    min: 0,
    max: 2_000_000,
    value: event.people,
    placeholder: "People",
    "aria-label": `People of event ${number + 1}`,
    oninput: () => (event.people = people.valueAsNumber || 0),
  });
  return h(
    "div",
    { class: "event" },
    input("name", "text", "Name"),
    input("date_from", "date", "First day"),
    input("date_to", "date", "Last day"),
    input("opens", "time", "Opens"),
    input("closes", "time", "Closes"),
    people,
    h("button", { type: "button", onclick: () => remove(event) }, `Remove event ${number + 1}`),
  );
}
