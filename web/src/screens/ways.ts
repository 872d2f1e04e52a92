// Below the head of the page: the ways to its other screens, as far as somebody may go them.

import type { App } from "../app";
import type { Desk } from "../desks";
import { h } from "../dom";
import type { Screen } from "../state";

export function waysPart(app: App): HTMLElement | null {
  if (!app.who.user || !app.projects.length) return null;
  const here = deskAt(app.screen);
  const way = ({ name, title }: Desk) =>
    h("a", { href: `#desk=${name}`, "aria-current": name === here && "page" }, title);
  const frontage = !app.may("read") && h("a", { href: "#desk=proposals" }, "Your frontage");
  return h("nav", { class: "ways", "aria-label": "Screens" }, frontage, ...app.desks.map(way));
}

function deskAt(screen: Screen): string {
  if (screen.kind === "desk") return screen.desk;
  return screen.kind === "proposals" ? "proposals" : "";
}
