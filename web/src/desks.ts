// The screens around the plans: what each is called, what it needs, whether the map is beside it.

import type { Need } from "./rights";

export type DeskName = "proposals" | "calendar" | "work" | "project" | "users" | "log" | "account";

export interface Desk {
  name: DeskName;
  title: string;
  /** Null: whoever is signed in. */
  need: Need | null;
  hasMap: boolean;
}

export const DESKS: Desk[] = [
  { name: "proposals", title: "Proposals", need: "read", hasMap: true },
  { name: "calendar", title: "Calendar", need: "read", hasMap: false },
  { name: "work", title: "Work", need: "read", hasMap: false },
  { name: "project", title: "Project", need: "read", hasMap: true },
  { name: "users", title: "Users", need: "administrate", hasMap: false },
  { name: "log", title: "Log", need: "administrate", hasMap: false },
  { name: "account", title: "Account", need: null, hasMap: false },
];

export const deskOf = (name: string | null): Desk | undefined => DESKS.find((desk) => desk.name === name);
