// In the head of the page: which project, who, and the way out.

import type { App } from "../app";
import { h } from "../dom";

export function whoPart(app: App): HTMLElement | null {
  const { user } = app.who;
  if (!user) return null;
  const select = h(
    "select",
    { "aria-label": "Project", onchange: () => app.choose(select.value) },
    ...app.projects.map((project) => h("option", { value: project.project_id }, project.name)),
  );
  select.value = app.project?.project_id ?? "";
  return h(
    "div",
    { class: "who" },
    select,
    h("span", {}, user.name),
    h("button", { type: "button", onclick: () => void app.signOut() }, "Sign out"),
  );
}
