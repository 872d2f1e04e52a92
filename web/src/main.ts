// The page: one panel, one map, one screen at a time.

import "./map/globals";
import "./style.css";
import { App } from "./app";
import { byId, h } from "./dom";
import { MapView } from "./map/view";
import { runningScreen } from "./screens/running";
import type { RunningScreen } from "./screens/running";
import { resultScreen } from "./screens/result";
import { setupScreen } from "./screens/setup";
import { invitationScreen, signInScreen } from "./screens/signin";
import { troubleScreen } from "./screens/trouble";
import { whoPart } from "./screens/who";
import type { Screen } from "./state";

const panel = byId("panel");
let running: RunningScreen | null = null;

const app = new App(new MapView(byId("map"), byId("legend")), show);

function show(screen: Screen): void {
  if (screen.kind === "running" && running) {
    running.update(screen.run);
    return;
  }
  running = null;
  const hadFocus = document.activeElement !== document.body;
  panel.replaceChildren(elementOf(screen));
  byId("who").replaceChildren(whoPart(app) ?? "");
  panel.scrollTop = 0;
  // Whoever reads by ear is told where they are now; at first the focus is the page's.
  if (hadFocus) panel.querySelector("h2")?.focus();
}

function elementOf(screen: Screen): HTMLElement {
  switch (screen.kind) {
    case "opening":
      return h("p", {}, "Opening …");
    case "sign in":
      return signInScreen(app, screen.problem);
    case "invitation":
      return invitationScreen(app, screen.secret, screen.invited, screen.problem);
    case "setup":
      return setupScreen(app, screen.problem);
    case "running":
      running = runningScreen(app, screen.run);
      return running.element;
    case "result":
      return resultScreen(app, screen.plan, screen.layers);
    case "trouble":
      return troubleScreen(screen.problem);
  }
}

show(app.screen);
void app.open();
