// The page: one panel, one map, one screen at a time.

import "./map/globals";
import "./styles/paper.css";
import "./styles/controls.css";
import "./styles/entrance.css";
import "./styles/setup.css";
import "./styles/plan.css";
import "./styles/talk.css";
import "./styles/desks.css";
import "./styles/map.css";
import "./styles/narrow.css";
import { App } from "./app";
import { deskOf } from "./desks";
import { byId, h } from "./dom";
import { MapView } from "./map/view";
import { deskScreen } from "./screens/desk";
import { frontageScreen } from "./screens/frontage";
import { planScreen } from "./screens/plan";
import { proposalsScreen } from "./screens/proposals";
import { runningScreen } from "./screens/running";
import type { RunningScreen } from "./screens/running";
import { setupScreen } from "./screens/setup";
import { invitationScreen, signInScreen } from "./screens/signin";
import { troubleScreen } from "./screens/trouble";
import { waysPart } from "./screens/ways";
import { whoPart } from "./screens/who";
import type { Screen } from "./state";

const panel = byId("panel");
let running: RunningScreen | null = null;
let owesFocus = false;

const app = new App(new MapView(byId("map"), byId("legend")), show);

function show(screen: Screen): void {
  if (screen.kind === "running" && running) {
    running.update(screen.run);
    return;
  }
  running = null;
  // A screen without a heading passes the focus on to the next one.
  owesFocus ||= document.activeElement !== document.body;
  panel.replaceChildren(elementOf(screen));
  byId("who").replaceChildren(whoPart(app) ?? "");
  byId("ways").replaceChildren(waysPart(app) ?? "");
  panel.parentElement?.classList.toggle("alone", isAlone(screen));
  panel.scrollTop = 0;
  // Whoever reads by ear is told where they are now; at first the focus is the page's.
  const heading = panel.querySelector("h2");
  if (!owesFocus || !heading) return;
  heading.focus();
  owesFocus = false;
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
    case "proposals":
      return proposalsScreen(app, screen.proposals, screen.problem);
    case "frontage":
      return frontageScreen(app, screen.frontage);
    case "plan":
      return planScreen(app, screen.opened);
    case "desk":
      return deskScreen(app, screen.desk);
    case "trouble":
      return troubleScreen(screen.problem);
  }
}

/** Whether a screen has no use for a map beside it. */
function isAlone(screen: Screen): boolean {
  if (screen.kind === "desk") return !deskOf(screen.desk)?.hasMap;
  return ["sign in", "invitation", "trouble"].includes(screen.kind);
}

// The address is the page's own: a jump within it must not take its place.
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  panel.focus();
});
addEventListener("hashchange", () => void app.followAddress());
show(app.screen);
void app.open();
