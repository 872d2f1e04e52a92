// What belongs to whoever is signed in: the password, and tokens for programs.

import type { App } from "../app";
import { h } from "../dom";
import * as office from "../office";
import type { Own, Scope, Token } from "../types";
import { moment } from "../words";
import { living } from "./living";
import type { Take } from "./living";
import { field, heading, radios, sureButton } from "./parts";
import { secretBox } from "./secret";
import { passwordInput } from "./signin";

const DAY_MS = 86_400_000;
const LONGEST_DAYS = 365;
const USUAL_DAYS = 90;

export function accountDesk(app: App): HTMLElement {
  const own = living("Password", null, office.me, (me, take) => [passwordPart(me, take)]);
  const given = h("div", {});
  const tokens = living("Tokens", null, office.tokens, (found, take) => [
    found.length === 0 && h("p", { class: "hint" }, "You have no tokens."),
    h("ul", { class: "rows" }, ...[...found].reverse().map((token) => tokenItem(app, token, take))),
  ]);
  return h(
    "div",
    {},
    heading(app.who.user?.name ?? ""),
    h("h3", {}, "Password"),
    own.element,
    h("h3", {}, "Tokens for QGIS and other programs"),
    tokens.element,
    given,
    tokenForm(app, tokens.take, given),
  );
}

function passwordPart(me: Own, take: Take): HTMLElement {
  if (!me.has_password) return h("p", { class: "hint" }, "You sign in with your organisation.");
  const current = passwordInput("current-password");
  const chosen = passwordInput("new-password");
  [current.id, chosen.id] = ["password-now", "password-new"];
  const form = h(
    "form",
    {
      onsubmit: (event) => {
        event.preventDefault();
        const change = async () => {
          await office.changePassword(current.value, chosen.value);
          form.reset();
        };
        void take(change, "Your password is changed; other browsers are signed out.");
      },
    },
    field("Password until now", current),
    field("New password", chosen, "At least 12 characters; a sentence is good."),
    h("p", { class: "acts" }, h("button", { type: "submit" }, "Change the password")),
  );
  return form;
}

function tokenItem(app: App, token: Token, take: Take): HTMLElement {
  const { name, scope, project_id, expires, last_used, revoked } = token;
  const project = app.projects.find((known) => known.project_id === project_id);
  const isOver = new Date(expires) < new Date();
  const words = [
    scope === "read" ? "reads" : "reads and writes",
    project_id === null ? "all your projects" : (project?.name ?? "one project"),
    revoked ? "revoked" : `${isOver ? "ended" : "until"} ${moment(expires)}`,
    last_used === null ? "never used" : `last used ${moment(last_used)}`,
  ];
  const end = () => void take(() => office.revoke(token), "It opens nothing any more.");
  return h(
    "li",
    {},
    h("span", { class: "name" }, h("b", {}, name), h("small", {}, ` ${words.join(", ")}`)),
    !revoked && !isOver && sureButton("Revoke", "Really revoke?", end),
  );
}

function tokenForm(app: App, take: Take, given: HTMLElement): HTMLElement {
  let scope: Scope = "read";
  const name = h("input", {
    id: "token-name",
    maxlength: 100,
    required: true,
    placeholder: "QGIS on my desk",
  });
  const day = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
  const until = h("input", {
    id: "token-until",
    type: "date",
    required: true,
    min: day(1),
    max: day(LONGEST_DAYS),
  });
  until.value = day(USUAL_DAYS);
  const project = h(
    "select",
    { id: "token-project" },
    h("option", { value: "" }, "all my projects"),
    ...app.projects.map(({ project_id, name }) => h("option", { value: project_id }, name)),
  );
  const choice = radios(
    "scope",
    [
      { value: "read", title: "Read", hint: "enough for QGIS" },
      { value: "write", title: "Read and write", hint: "for scripts that plan" },
    ],
    scope,
    (chosen) => (scope = chosen),
  );
  const make = async () => {
    const expires = `${until.value}T00:00:00Z`;
    const asked = { name: name.value.trim(), scope, project_id: project.value || null, expires };
    let secret = "";
    given.replaceChildren();
    await take(async () => {
      secret = (await office.makeToken(asked)).secret;
    }, "The token is made.");
    if (!secret) return;
    name.value = "";
    const box = secretBox("token-secret", "The token", secret, "It is shown only now.", ...forQgis(app));
    given.replaceChildren(box);
    box.focus();
  };
  return h(
    "form",
    {
      class: "step",
      onsubmit: (event) => {
        event.preventDefault();
        void make();
      },
    },
    h("h3", {}, "Make a token"),
    field("What it is for", name),
    h("fieldset", { class: "checks-of" }, h("legend", {}, "It may"), choice),
    field("In", project),
    field("Until", until),
    h("p", { class: "acts" }, h("button", { type: "submit", class: "primary" }, "Make the token")),
  );
}

function forQgis(app: App): string[] {
  const address = new URL("ogc", location.href).href;
  return [
    `In QGIS: Layer > Add Layer > Add WFS / OGC API - Features Layer > New. URL: ${address}, Version: OGC API - Features. ` +
      `Under Authentication choose Basic, with ${app.who.user?.name ?? ""} as the user name and this token as the password.`,
  ];
}
