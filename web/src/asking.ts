// How the service is asked: a path and what goes with it in, its answer or its problem out.

import type { Page, Problem } from "./types";

export const BASE = "api/v1";

/** What the service said instead of an answer. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

export async function ask<Answer>(path: string, request?: RequestInit): Promise<Answer> {
  let answer: Response;
  try {
    answer = await fetch(path, request);
  } catch {
    throw new ProblemError(plain(0, "No connection", "The service does not answer; is it still running?"));
  }
  if (!answer.ok) throw new ProblemError(await problemIn(answer));
  return (answer.status === 204 ? undefined : await answer.json()) as Answer;
}

export function json(method: "POST" | "PUT" | "PATCH", body: unknown): RequestInit {
  return { method, body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
}

/** The first rows of a list, the newest first; `next` of the answer leads on. */
export const newest = <Item>(path: string, limit: number): Promise<Page<Item>> =>
  ask(`${path}?order=newest&limit=${limit}`);

/** Every row of a list, page by page, the oldest first. */
export async function all<Item>(path: string): Promise<Item[]> {
  const found: Item[] = [];
  let page: Page<Item> = { items: [], next: `${path}?limit=500` };
  while (page.next) {
    page = await ask<Page<Item>>(page.next);
    found.push(...page.items);
  }
  return found;
}

// What was sent and never answered: sent again it carries the same key, so that nothing is made twice.
const unanswered = new Map<string, string>();

/** Make something new, once, however often it has to be sent. */
export async function create<Answer>(path: string, body: unknown): Promise<Answer> {
  const sent = `${path} ${JSON.stringify(body)}`;
  const key = unanswered.get(sent) ?? newKey();
  unanswered.set(sent, key);
  const request = json("POST", body);
  const answer = await ask<Answer>(path, {
    ...request,
    headers: { ...request.headers, "Idempotency-Key": key },
  });
  unanswered.delete(sent);
  return answer;
}

/** What a change is made against: the service refuses it where that is not the newest state. */
export function against({ revision }: { revision: number }, request: RequestInit): RequestInit {
  return { ...request, headers: { ...request.headers, "If-Match": `"${revision}"` } };
}

/** What went wrong, in the words of the service where it is the service's. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  console.error(error);
  return plain(0, "A fault of this page", String(error));
}

async function problemIn(answer: Response): Promise<Problem> {
  try {
    return (await answer.json()) as Problem;
  } catch {
    return plain(answer.status, answer.statusText, `The service answered ${answer.status}.`);
  }
}

function plain(status: number, title: string, detail: string): Problem {
  return { type: "about:blank", title, status, detail };
}

function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
