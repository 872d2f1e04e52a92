// What the screens around the plans ask the service: people, tokens, the calendar, work, the log.

import { BASE, against, all, ask, create, json, newest } from "./asking";
import type {
  Account,
  CalendarEvent,
  Deed,
  EventDays,
  Invitation,
  Job,
  Member,
  MemberRequest,
  Own,
  Page,
  Project,
  Token,
  TokenMade,
  TokenRequest,
} from "./types";

export const users = (): Promise<Account[]> => all(`${BASE}/users`);
export const makeUser = (name: string): Promise<Account> => create(`${BASE}/users`, { name });
export const changeUser = (
  known: Account,
  change: { is_active?: boolean; is_administrator?: boolean },
): Promise<Account> => ask(`${BASE}/users/${known.user_id}`, against(known, json("PATCH", change)));
// Its answer holds a secret, so it takes no key: made twice, the second link counts.
export const invite = (userId: string): Promise<Invitation> =>
  ask(`${BASE}/users/${userId}/invitations`, { method: "POST" });

export const putMember = (projectId: string, userId: string, asked: MemberRequest): Promise<Member> =>
  ask(`${BASE}/projects/${projectId}/members/${userId}`, json("PUT", asked));
export const takeOut = (projectId: string, userId: string): Promise<void> =>
  ask(`${BASE}/projects/${projectId}/members/${userId}`, { method: "DELETE" });

export const project = (id: string): Promise<Project> => ask(`${BASE}/projects/${id}`);
export const changeProject = (
  known: Project,
  change: Partial<Pick<Project, "name" | "sign_offs">>,
): Promise<Project> => ask(`${BASE}/projects/${known.project_id}`, against(known, json("PATCH", change)));

export const me = (): Promise<Own> => ask(`${BASE}/me`);
export const changePassword = (current: string, chosen: string): Promise<void> =>
  ask(`${BASE}/me/password`, json("PUT", { current, new: chosen }));
export const tokens = (): Promise<Token[]> => all(`${BASE}/tokens`);
export const makeToken = (asked: TokenRequest): Promise<TokenMade> =>
  ask(`${BASE}/tokens`, json("POST", asked));
export const revoke = ({ token_id }: Token): Promise<void> =>
  ask(`${BASE}/tokens/${token_id}`, { method: "DELETE" });

export const events = (projectId: string): Promise<CalendarEvent[]> =>
  all(`${BASE}/projects/${projectId}/events`);
export const makeEvent = (projectId: string, days: EventDays): Promise<CalendarEvent> =>
  create(`${BASE}/projects/${projectId}/events`, days);
export const changeEvent = (known: CalendarEvent, days: EventDays): Promise<CalendarEvent> =>
  ask(`${BASE}/events/${known.event_id}`, against(known, json("PUT", days)));
export const strike = (known: CalendarEvent): Promise<void> =>
  ask(`${BASE}/events/${known.event_id}`, against(known, { method: "DELETE" }));

export const jobs = (projectId: string, limit: number): Promise<Page<Job>> =>
  newest(`${BASE}/projects/${projectId}/jobs`, limit);

export const deeds = (since: string, userId: string, limit: number): Promise<Page<Deed>> => {
  const asked = new URLSearchParams({ limit: String(limit), since });
  if (userId) asked.set("user_id", userId);
  return ask(`${BASE}/audit?${asked}`);
};
