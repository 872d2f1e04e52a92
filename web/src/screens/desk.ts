// One of the screens around the plans, by its name.

import type { App } from "../app";
import type { DeskName } from "../desks";
import { deskOf } from "../desks";
import { h } from "../dom";
import { accountDesk } from "./account";
import { calendarDesk } from "./calendar";
import { logDesk } from "./log";
import { heading } from "./parts";
import { projectDesk } from "./project";
import { usersDesk } from "./users";
import { workDesk } from "./work";

const MADE_BY: Record<Exclude<DeskName, "proposals">, (app: App) => HTMLElement> = {
  calendar: calendarDesk,
  work: workDesk,
  project: projectDesk,
  users: usersDesk,
  log: logDesk,
  account: accountDesk,
};

export function deskScreen(app: App, name: DeskName): HTMLElement {
  const isOpen = app.desks.some((desk) => desk.name === name);
  if (name !== "proposals" && isOpen) return h("div", { class: "desk" }, MADE_BY[name](app));
  return h(
    "div",
    {},
    heading(deskOf(name)?.title ?? "Nothing here"),
    h("p", { class: "hint" }, "This is not open to your role; ask whoever administers the service."),
  );
}
