// Pieces that several screens share.

import type { App } from "../app";
import { announce, h } from "../dom";
import type { Problem } from "../types";
import { moment } from "../words";

/** What the library said, as it said it. */
export function problemBox(problem: Problem): HTMLElement {
  const faults = problem.faults ?? [];
  return h(
    "div",
    { class: "problem", role: "alert" },
    h("strong", {}, problem.title),
    faults.length > 1
      ? h("ul", {}, ...faults.map((fault) => h("li", {}, fault)))
      : h("p", {}, problem.detail),
  );
}

/** Why a step was not taken, and what to do about it. */
export function refusalBox(problem: Problem): HTMLElement {
  if (problem.status === 412) {
    const detail = `${problem.detail}. This is how it stands now.`;
    return problemBox({ ...problem, title: "Somebody else was first", detail });
  }
  const box = problemBox(problem);
  // The address keeps what is open, so it is there again after signing in.
  if (problem.status === 401) box.append(button("Sign in", () => location.reload()));
  return box;
}

/** Back to what there is already. */
export function backButton(app: App): HTMLElement {
  const arrow = h("span", { "aria-hidden": "true" }, "‹ ");
  const made = h(
    "button",
    { type: "button", class: "link", onclick: () => void app.home() },
    arrow,
    "All proposals",
  );
  return h("p", { class: "back" }, made);
}

export function heading(text: string): HTMLElement {
  return h("h2", { tabindex: "-1" }, text);
}

/** A field with its name, its unit and what it means. */
export function field(label: string, control: HTMLElement, hint = ""): HTMLElement {
  const id = control.id;
  if (hint) control.setAttribute("aria-describedby", `${id}-hint`);
  return h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    control,
    hint && h("p", { id: `${id}-hint`, class: "hint" }, hint),
  );
}

interface Choice<Value extends string> {
  value: Value;
  title: string;
  hint: string;
}

/** One of a few, each explained. */
export function radios<Value extends string>(
  name: string,
  choices: Choice<Value>[],
  chosen: Value,
  onChosen: (value: Value) => void,
): HTMLElement {
  const rows = choices.map(({ value, title, hint }) => {
    const input = h("input", { type: "radio", name, value, onchange: () => onChosen(value) });
    input.checked = value === chosen;
    return h(
      "label",
      { class: "choice" },
      input,
      h("span", {}, h("b", {}, title), hint && h("small", {}, hint)),
    );
  });
  return h("div", { class: "choices" }, ...rows);
}

export function numberInput(
  id: string,
  value: number | null,
  limits: { min: number; max: number; step: number | "any" },
  onChange: (value: number | null) => void,
): HTMLInputElement {
  const input = h("input", {
    id,
    type: "number",
    inputmode: "decimal",
    ...limits,
    onchange: () => {
      if (input.reportValidity()) onChange(input.value === "" ? null : input.valueAsNumber);
    },
  });
  input.value = value === null ? "" : String(value);
  return input;
}

export function stateBadge({ word, className }: { word: string; className: string }): HTMLElement {
  return h("span", { class: `badge ${className}` }, word);
}

export const timeOf = (at: string): HTMLElement => h("time", { datetime: at }, moment(at));

export function button(title: string, onclick: () => void): HTMLButtonElement {
  return h("button", { type: "button", onclick }, title);
}

/** A button that asks once more before it does what can't be taken back. */
export function sureButton(title: string, question: string, onSure: () => void): HTMLButtonElement {
  const isAsked = () => made.textContent === question;
  const made = h(
    "button",
    {
      type: "button",
      class: "sure",
      onclick: () => {
        if (isAsked()) return onSure();
        made.textContent = question;
        announce(question);
      },
      onblur: () => (made.textContent = title),
    },
    title,
  );
  return made;
}
