// The only caller of the service.

import type {
  Country,
  Invited,
  Job,
  LayoutChoice,
  Page,
  Place,
  Plan,
  PlanLayers,
  PlanRequest,
  Problem,
  Progress,
  Project,
  Site,
  SiteLayers,
  SiteRequest,
  Upload,
  Vehicle,
  Who,
} from "./types";

const BASE = "api/v1";

/** What the service said instead of an answer. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

/** Somebody stopped the job. */
export class StoppedError extends Error {}

export interface Followed {
  onProgress(progress: Progress): void;
  onConnection(isThere: boolean): void;
}

export const session = (): Promise<Who> => ask(`${BASE}/session`);
export const signIn = (name: string, password: string): Promise<unknown> =>
  ask(`${BASE}/session`, json("POST", { name, password }));
export const signOut = (): Promise<unknown> => ask(`${BASE}/session`, { method: "DELETE" });
export const invitation = (secret: string): Promise<Invited> => ask(`${BASE}/invitations/${secret}`);
export const accept = (secret: string, name: string | null, password: string): Promise<unknown> =>
  ask(`${BASE}/invitations/${secret}`, json("POST", { name, password }));

export async function projects(): Promise<Project[]> {
  const found: Project[] = [];
  let page: Page<Project> = { items: [], next: `${BASE}/projects?limit=500` };
  while (page.next) {
    page = await ask<Page<Project>>(page.next);
    found.push(...page.items);
  }
  return found;
}

export const makeProject = (name: string): Promise<Project> =>
  ask(`${BASE}/projects`, json("POST", { name }));

export const places = (): Promise<Place[]> => ask(`${BASE}/places`);
export const vehicles = (): Promise<Vehicle[]> => ask(`${BASE}/vehicles`);
export const countries = (): Promise<Country[]> => ask(`${BASE}/countries`);
export const layouts = (): Promise<LayoutChoice[]> => ask(`${BASE}/layouts`);
export const job = (id: string): Promise<Job> => ask(`${BASE}/jobs/${id}`);
export const stop = (id: string): Promise<Job> => ask(`${BASE}/jobs/${id}`, { method: "DELETE" });
export const upload = (id: string): Promise<Upload> => ask(`${BASE}/uploads/${id}`);
export const site = (id: string): Promise<Site> => ask(`${BASE}/sites/${id}`);
export const plan = (id: string): Promise<Plan> => ask(`${BASE}/plans/${id}`);

export const makeSite = (projectId: string, request: SiteRequest): Promise<Job> =>
  ask(`${BASE}/projects/${projectId}/sites`, json("POST", request));

export const makePlan = (siteId: string, request: PlanRequest): Promise<Job> =>
  ask(`${BASE}/sites/${siteId}/proposals`, json("POST", request));

export function send(projectId: string, kind: Upload["kind"], file: File): Promise<Job> {
  const body = new FormData();
  body.set("file", file);
  return ask(`${BASE}/projects/${projectId}/uploads?kind=${kind}`, { method: "POST", body });
}

const SITE_LAYERS = ["study_area", "zone", "solids", "streets", "furniture", "entries", "demands"] as const;
const PLAN_LAYERS = ["perimeter", "corridors", "barriers", "footprints", "gaps", "closures"] as const;

export const siteLayers = (of: Site): Promise<SiteLayers> => layersOf<SiteLayers>(of.layers, SITE_LAYERS);
export const planLayers = (of: Plan): Promise<PlanLayers> => layersOf<PlanLayers>(of.layers, PLAN_LAYERS);

/**
 * Follow a job to its end and return it done.
 *
 * The browser joins a broken stream again by itself and goes on behind the last event it saw.
 * Rejects with ProblemError where the job failed and StoppedError where it was stopped.
 */
export async function follow(started: Job, listener: Followed): Promise<Job> {
  let finished: Job;
  do {
    await ended(started, listener);
    finished = await job(started.job_id);
  } while (!["done", "failed", "cancelled"].includes(finished.state));
  if (finished.state === "done") return finished;
  if (finished.state === "failed" && finished.error) throw new ProblemError(finished.error);
  throw new StoppedError("Stopped.");
}

function ended(started: Job, listener: Followed): Promise<void> {
  return new Promise((resolve) => {
    const source = new EventSource(started.events);
    const close = () => {
      source.close();
      resolve();
    };
    source.addEventListener("open", () => listener.onConnection(true));
    source.addEventListener("progress", (event) => listener.onProgress(JSON.parse(event.data) as Progress));
    source.addEventListener("end", close);
    source.addEventListener("error", () => {
      listener.onConnection(false);
      // Refused for good, not only broken off: ask the record, after a while.
      if (source.readyState === EventSource.CLOSED) setTimeout(close, 1000);
    });
  });
}

async function layersOf<Layers>(hrefs: Record<string, string>, names: readonly string[]): Promise<Layers> {
  const loaded = await Promise.all(
    names.map(async (name) => [name, hrefs[name] ? await ask<unknown>(hrefs[name]) : EMPTY] as const),
  );
  return Object.fromEntries(loaded) as Layers;
}

const EMPTY = { type: "FeatureCollection", features: [] };

function json(method: "POST" | "PUT", body: unknown): RequestInit {
  return { method, body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
}

async function ask<Answer>(path: string, request?: RequestInit): Promise<Answer> {
  let answer: Response;
  try {
    answer = await fetch(path, request);
  } catch {
    throw new ProblemError(plain(0, "No connection", "The service does not answer; is it still running?"));
  }
  if (!answer.ok) throw new ProblemError(await problemOf(answer));
  return (answer.status === 204 ? undefined : await answer.json()) as Answer;
}

async function problemOf(answer: Response): Promise<Problem> {
  try {
    return (await answer.json()) as Problem;
  } catch {
    return plain(answer.status, answer.statusText, `The service answered ${answer.status}.`);
  }
}

function plain(status: number, title: string, detail: string): Problem {
  return { type: "about:blank", title, status, detail };
}
