// The days of a year on which much happens; a plan can take them from here.

import type { App } from "../app";
import { h } from "../dom";
import * as office from "../office";
import type { CalendarEvent, EventDays } from "../types";
import { WHOLE, dayRange } from "../words";
import { living } from "./living";
import type { Take } from "./living";
import { field, heading, sureButton } from "./parts";

export function calendarDesk(app: App): HTMLElement {
  const projectId = app.project?.project_id ?? "";
  const mayPlan = app.may("plan");
  const load = async () => {
    const found = await office.events(projectId);
    return found.sort((one, other) => one.date_from.localeCompare(other.date_from));
  };
  const list = living("Events", null, load, (events, take) => [
    events.length === 0 && h("p", { class: "hint" }, "Nothing is in the calendar of this project yet."),
    h("ul", { class: "rows" }, ...events.map((event) => eventItem(event, mayPlan && take))),
  ]);
  const add = mayPlan && eventForm("new", null, "Enter the event", addTo(projectId, list.take));
  return h(
    "div",
    {},
    heading("Calendar"),
    h("p", { class: "hint" }, "Days on which more people than usual stand on the place."),
    list.element,
    add && h("div", { class: "step" }, h("h3", {}, "Enter an event"), add),
  );
}

type Send = (days: EventDays, form: HTMLFormElement) => void;

const addTo =
  (projectId: string, take: Take): Send =>
  (days, form) =>
    void take(async () => {
      await office.makeEvent(projectId, days);
      form.reset();
    }, "The event is in the calendar.");

function eventItem(event: CalendarEvent, take: Take | false): HTMLElement {
  const { name, date_from, date_to, opens, closes, people, event_id } = event;
  const words = `${dayRange(date_from, date_to)}, ${opens} to ${closes}, ${WHOLE.format(people)} people`;
  const send: Send = (days) =>
    take && void take(() => office.changeEvent(event, days), "The event is changed.");
  return h(
    "li",
    {},
    h("span", { class: "name" }, h("b", {}, name), h("small", {}, ` ${words}`)),
    take &&
      sureButton("Strike", "Really strike it?", () => void take(() => office.strike(event), "It is struck.")),
    take && h("details", {}, h("summary", {}, "Change"), eventForm(event_id, event, "Save the event", send)),
  );
}

function eventForm(id: string, event: EventDays | null, act: string, send: Send): HTMLElement {
  const input = (key: string, type: string, value: string | number) =>
    h("input", { id: `${id}-${key}`, type, required: true, value });
  const name = input("name", "text", event?.name ?? "");
  name.maxLength = 200;
  const from = input("from", "date", event?.date_from ?? "");
  const to = input("to", "date", event?.date_to ?? "");
  const opens = input("opens", "time", event?.opens ?? "10:00");
  // A field for times knows no 24:00; the day ends a minute before.
  const closes = input("closes", "time", (event?.closes ?? "22:00").replace("24:00", "23:59"));
  const people = input("people", "number", event?.people ?? 0);
  [people.min, people.max] = ["0", "2000000"];
  const form = h(
    "form",
    {
      onsubmit: (submitted) => {
        submitted.preventDefault();
        const days = {
          name: name.value.trim(),
          date_from: from.value,
          date_to: to.value,
          opens: opens.value,
          closes: closes.value,
          people: people.valueAsNumber,
        };
        send(days, form);
      },
    },
    field("Name", name),
    h("div", { class: "pair" }, field("First day", from), field("Last day", to)),
    h("div", { class: "pair" }, field("Opens", opens), field("Closes", closes)),
    field("People at one time, at most", people),
    h("p", { class: "acts" }, h("button", { type: "submit" }, act)),
  );
  return form;
}
