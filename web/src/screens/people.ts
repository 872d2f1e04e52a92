// A role for somebody in a project: who, what he is, and what that role needs to know.

import type { App } from "../app";
import { h } from "../dom";
import type { Discipline, MemberRequest, Polygon, Role } from "../types";
import { button, field } from "./parts";

export const ROLES: Record<Role, string> = {
  planner: "Planner – makes plans, puts them before the reviewers",
  reviewer: "Reviewer – signs for a discipline",
  approver: "Approver – approves, and releases public copies",
  viewer: "Viewer – reads everything",
  private_operator: "Private operator – sees his own frontage only",
};

export const DISCIPLINES: Discipline[] = ["police", "fire", "accessibility", "heritage"];

export interface RoleForm {
  element: HTMLElement;
  /** Null while something that the role needs is missing. */
  asked: () => MemberRequest | null;
}

export function roleForm(app: App): RoleForm {
  let frontage: Polygon | null = null;
  const role = h(
    "select",
    { id: "role", onchange: () => show() },
    ...Object.entries(ROLES).map(([value, words]) => h("option", { value }, words)),
  );
  const disciplines = checks("discipline", "Signs for", DISCIPLINES, []);
  const said = h("p", { class: "hint", role: "status" }, "Draw the ground that he sees on the map.");
  const ground = h(
    "div",
    {},
    said,
    button("Draw the frontage", () => {
      said.textContent = "Set the corners by clicking; close with a click on the first one.";
      app.map.draw((zone) => {
        frontage = zone;
        app.map.showDraft({ zone });
        said.textContent = `Drawn, ${(zone.coordinates[0]?.length ?? 1) - 1} corners.`;
      });
    }),
  );
  const show = () => {
    disciplines.element.hidden = role.value !== "reviewer";
    ground.hidden = role.value !== "private_operator";
  };
  show();
  return {
    element: h("div", {}, field("Role", role), disciplines.element, ground),
    asked: () => {
      const chosen = role.value as Role;
      const signs = chosen === "reviewer" ? disciplines.chosen() : [];
      if (chosen === "reviewer" && !signs.length) return disciplines.miss();
      if (chosen !== "private_operator") return { role: chosen, disciplines: signs, frontage: null };
      if (!frontage) ground.querySelector("button")?.focus();
      return frontage && { role: chosen, disciplines: [], frontage };
    },
  };
}

interface Checks<Value> {
  element: HTMLElement;
  chosen: () => Value[];
  /** Go to the first box: at least one is needed. */
  miss: () => null;
}

/** Any of a few. */
export function checks<Value extends string>(
  id: string,
  title: string,
  values: Value[],
  first: Value[],
): Checks<Value> {
  const boxes = values.map((value) => {
    const box = h("input", { type: "checkbox", name: id, value });
    box.checked = first.includes(value);
    return box;
  });
  return {
    element: h(
      "fieldset",
      { class: "checks-of" },
      h("legend", {}, title),
      ...boxes.map((box) => h("label", { class: "choice" }, box, h("span", {}, box.value))),
    ),
    chosen: () => values.filter((_, index) => boxes[index]?.checked),
    miss: () => {
      boxes[0]?.focus();
      return null;
    },
  };
}
