// A project: its name, which signatures an approval needs, and who is what in it.

import type { App } from "../app";
import * as client from "../client";
import { h } from "../dom";
import * as office from "../office";
import { roleWords } from "../rights";
import type { Account, Invitation, Member, Project } from "../types";
import { moment } from "../words";
import { living } from "./living";
import type { Take } from "./living";
import { field, heading, sureButton } from "./parts";
import { DISCIPLINES, checks, roleForm } from "./people";
import { secretBox } from "./secret";

const NEW = "";

export function projectDesk(app: App): HTMLElement {
  const { project } = app;
  if (!project) return heading("Project");
  const mayChange = app.may("administrate");
  const { project_id } = project;
  const given = h("div", {});
  const members = living(
    "Members",
    null,
    () => client.members(project_id),
    (found, take) => [
      found.length === 0 && h("p", { class: "hint" }, "Nobody has a role here yet."),
      h("ul", { class: "rows" }, ...found.map((member) => memberItem(project_id, member, mayChange && take))),
    ],
  );
  return h(
    "div",
    {},
    heading(project.name),
    settings(app, mayChange),
    h("h3", {}, "Members"),
    members.element,
    given,
    mayChange && addPart(app, project_id, members.take, given),
    mayChange && newProject(app),
  );
}

function memberItem(projectId: string, member: Member, take: Take | false): HTMLElement {
  const { user_id, name } = member;
  const words = roleWords({ ...member, is_administrator: false });
  const out = () => take && void take(() => office.takeOut(projectId, user_id), `${name} is out.`);
  return h(
    "li",
    {},
    h("span", { class: "name" }, h("b", {}, name), ` ${words}`),
    take && sureButton("Take out", `Take ${name} out?`, out),
  );
}

// ---------------------------------------------------------------- name and signatures

function settings(app: App, mayChange: boolean): HTMLElement {
  const load = () => office.project(app.project?.project_id ?? "");
  const part = living("What an approval needs", null, load, (project, take) => [
    h("p", {}, needs(project)),
    mayChange && settingsForm(app, project, take),
  ]);
  return part.element;
}

function needs({ sign_offs }: Project): string {
  return sign_offs.length
    ? `An approval needs the signatures of ${sign_offs.join(", ")}.`
    : "An approval needs no signature.";
}

function settingsForm(app: App, project: Project, take: Take): HTMLElement {
  const name = h("input", { id: "project-name", maxlength: 200, required: true });
  name.value = project.name;
  const signs = checks("sign-off", "Signatures that an approval needs", DISCIPLINES, project.sign_offs);
  const save = async () => {
    await office.changeProject(project, { name: name.value.trim(), sign_offs: signs.chosen() });
    await app.renewProjects();
  };
  return h(
    "details",
    {},
    h("summary", {}, "Change name and signatures"),
    h(
      "form",
      {
        onsubmit: (event) => {
          event.preventDefault();
          void take(save, "The project is changed.");
        },
      },
      field("Name of the project", name),
      signs.element,
      h("p", { class: "acts" }, h("button", { type: "submit" }, "Save")),
    ),
  );
}

// ---------------------------------------------------------------- somebody more

function addPart(app: App, projectId: string, take: Take, given: HTMLElement): HTMLElement {
  const form = roleForm(app);
  const select = h("select", { id: "member" }, h("option", { value: NEW }, "somebody new"));
  const name = h("input", { id: "member-name", maxlength: 200, autocomplete: "off" });
  const named = field("Name or e-mail, to sign in with", name);
  let known: Account[] = [];
  const choose = () => (named.hidden = select.value !== NEW);
  const renew = async () => {
    known = (await office.users()).filter(({ is_active }) => is_active);
    const options = known.map(({ user_id, name }) => h("option", { value: user_id }, name));
    select.replaceChildren(h("option", { value: NEW }, "somebody new"), ...options);
    choose();
  };
  select.addEventListener("change", choose);
  void renew().catch(() => undefined);
  const add = async () => {
    const asked = form.asked();
    if (!asked) return;
    name.required = select.value === NEW;
    if (!name.reportValidity()) return;
    let link: Invitation | null = null;
    const step = async () => {
      const chosen = known.find(({ user_id }) => user_id === select.value);
      const user = chosen ?? (await office.makeUser(name.value.trim()));
      await office.putMember(projectId, user.user_id, asked);
      if (!user.has_password && !user.has_provider) link = await office.invite(user.user_id);
    };
    given.replaceChildren();
    const isDone = await take(step, "The role is given.");
    await renew().catch(() => undefined);
    if (!isDone) return;
    name.value = "";
    app.map.showDraft(null);
    if (link) showLink(given, link);
  };
  return h(
    "form",
    {
      class: "step",
      onsubmit: (event) => {
        event.preventDefault();
        void add();
      },
    },
    h("h3", {}, "Let somebody in, or change a role"),
    field("Who", select, "Whoever has a role already gets the new one instead."),
    named,
    form.element,
    h("p", { class: "acts" }, h("button", { type: "submit", class: "primary" }, "Give the role")),
  );
}

/** Show a link to pass on, and bring it into sight. */
export function showLink(given: HTMLElement, { link, expires }: Invitation): void {
  const until = `It works once, until ${moment(expires)}, and is shown only now. Pass it on by a way that you trust.`;
  const box = secretBox("link", "Link to come in with", link, until);
  given.replaceChildren(box);
  box.focus();
}

function newProject(app: App): HTMLElement {
  const name = h("input", { id: "new-project", maxlength: 200, required: true });
  const said = living(
    "Another project",
    {},
    () => Promise.resolve({}),
    (_, take) => [
      h(
        "details",
        {},
        h("summary", {}, "Make another project"),
        h(
          "form",
          {
            onsubmit: (event) => {
              event.preventDefault();
              const make = async () => {
                const made = await client.makeProject(name.value.trim());
                app.choose(made.project_id);
              };
              void take(make, "The project is there.");
            },
          },
          field("Name of the new project", name),
          h("p", { class: "acts" }, h("button", { type: "submit" }, "Make it")),
        ),
      ),
    ],
  );
  return said.element;
}
