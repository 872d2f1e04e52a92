// Who are you? With a password, or with a link that works once.

import type { App } from "../app";
import { h } from "../dom";
import type { Invited, Problem } from "../types";
import { field, heading, problemBox } from "./parts";

const SHORTEST_PASSWORD = 12;

export function signInScreen(app: App, problem: Problem | null): HTMLElement {
  const name = h("input", { id: "name", autocomplete: "username", required: true });
  const password = passwordInput("current-password");
  return form(
    "Sign in",
    problem && { ...problem, title: "This did not let you in" },
    [field("Name", name), field("Password", password)],
    () => app.signIn(name.value, password.value),
    "Nobody gets in without an account; whoever administers the service invites you.",
    app.who.oidc && h("a", { class: "button", href: app.who.oidc }, "Sign in with your organisation"),
  );
}

export function invitationScreen(
  app: App,
  secret: string,
  invited: Invited,
  problem: Problem | null,
): HTMLElement {
  const name = h("input", {
    id: "name",
    autocomplete: "username",
    required: true,
    readonly: invited.name !== null,
  });
  name.value = invited.name ?? "";
  const password = passwordInput("new-password");
  return form(
    invited.name === null ? "Set up the service" : "Welcome",
    problem,
    [
      field("Name", name, invited.name === null ? "You will administer the service." : ""),
      field("Password", password, `At least ${SHORTEST_PASSWORD} characters; a sentence is good.`),
    ],
    () => app.accept(secret, invited, name.value, password.value),
    "This link works once.",
  );
}

export function passwordInput(autocomplete: string): HTMLInputElement {
  const minlength = autocomplete === "new-password" ? SHORTEST_PASSWORD : 1;
  return h("input", { id: "password", type: "password", autocomplete, required: true, minlength });
}

function form(
  title: string,
  problem: Problem | null,
  fields: HTMLElement[],
  send: () => Promise<void>,
  hint: string,
  otherWay: HTMLElement | string | null = null,
): HTMLElement {
  const button = h("button", { class: "primary", type: "submit" }, title === "Sign in" ? title : "Go on");
  return h(
    "form",
    {
      class: "signin",
      onsubmit: (event) => {
        event.preventDefault();
        button.disabled = true;
        void send();
      },
    },
    heading(title),
    problem && problemBox(problem),
    ...fields,
    button,
    otherWay,
    h("p", { class: "hint" }, hint),
  );
}
