// Everybody who may come in: let in, shut out, a new link, who administers.

import type { App } from "../app";
import { h } from "../dom";
import type { Child } from "../dom";
import * as office from "../office";
import type { Account, Invitation } from "../types";
import { moment } from "../words";
import { living } from "./living";
import type { Take } from "./living";
import { field, heading, sureButton } from "./parts";
import { showLink } from "./project";

export function usersDesk(app: App): HTMLElement {
  const given = h("div", {});
  const link = (take: Take, userId: () => Promise<string>, done: string) => async () => {
    let made: Invitation | null = null;
    given.replaceChildren();
    const isDone = await take(async () => {
      made = await office.invite(await userId());
    }, done);
    if (made) showLink(given, made);
    return isDone;
  };
  const list = living("Users", null, office.users, (users, take) => [
    h(
      "ul",
      { class: "rows" },
      ...users.map((user) => {
        const invite = link(take, () => Promise.resolve(user.user_id), "The link is made.");
        return userItem(user, user.user_id === app.who.user?.user_id, take, invite);
      }),
    ),
  ]);
  const name = h("input", { id: "user-name", maxlength: 200, required: true, autocomplete: "off" });
  const form = h(
    "form",
    {
      class: "step",
      onsubmit: (event) => {
        event.preventDefault();
        const make = async () => (await office.makeUser(name.value.trim())).user_id;
        void link(list.take, make, "The user is there.")().then((isDone) => isDone && form.reset());
      },
    },
    h("h3", {}, "Let somebody in"),
    field("Name or e-mail, to sign in with", name, "A role in a project is given under Project."),
    h("p", { class: "acts" }, h("button", { type: "submit", class: "primary" }, "Make the user and a link")),
  );
  return h("div", {}, heading("Users"), list.element, given, form);
}

function userItem(user: Account, isSelf: boolean, take: Take, invite: () => Promise<boolean>): HTMLElement {
  const { name, is_active, is_administrator } = user;
  const change = (what: Parameters<typeof office.changeUser>[1], done: string) => () =>
    void take(() => office.changeUser(user, what), `${name}: ${done}`);
  const acts: Child[] = [
    is_active && sureButton("New link", "His sessions end when he uses it. Make it?", () => void invite()),
    is_active
      ? !isSelf && sureButton("Shut out", `Shut ${name} out?`, change({ is_active: false }, "shut out."))
      : sureButton(
          "Let in again",
          `Let ${name} in again?`,
          change({ is_active: true }, "may come in again."),
        ),
    is_administrator
      ? sureButton(
          "Administers no more",
          `Take it from ${name}?`,
          change({ is_administrator: false }, "administers no more."),
        )
      : is_active &&
        sureButton(
          "Let him administer",
          `Everything is open to ${name} then. Sure?`,
          change({ is_administrator: true }, "administers the service."),
        ),
  ];
  return h(
    "li",
    {},
    h("span", { class: "name" }, h("b", {}, name), h("small", {}, ` ${standingOf(user)}`)),
    h("span", { class: "acts" }, ...acts),
  );
}

function standingOf({
  is_active,
  is_administrator,
  has_password,
  has_provider,
  locked_until,
}: Account): string {
  const waits = locked_until !== null && new Date(locked_until) > new Date();
  const found = [
    is_administrator && "administrator",
    !is_active && "shut out",
    !has_password && !has_provider && "has not come in yet",
    has_provider && "signs in with his organisation",
    waits && `too many wrong passwords: waits until ${moment(locked_until)}`,
  ];
  return found.filter(Boolean).join(", ");
}
