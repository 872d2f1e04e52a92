// The only caller of the service.

import type {
  Country,
  Extract,
  Heights,
  Job,
  LayoutChoice,
  Place,
  Plan,
  PlanLayers,
  PlanRequest,
  Problem,
  Progress,
  Site,
  SiteLayers,
  SiteRequest,
  Vehicle,
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

export const places = (): Promise<Place[]> => ask(`${BASE}/places`);
export const vehicles = (): Promise<Vehicle[]> => ask(`${BASE}/vehicles`);
export const countries = (): Promise<Country[]> => ask(`${BASE}/countries`);
export const layouts = (): Promise<LayoutChoice[]> => ask(`${BASE}/layouts`);
export const job = (id: string): Promise<Job> => ask(`${BASE}/jobs/${id}`);
export const stop = (id: string): Promise<Job> => ask(`${BASE}/jobs/${id}`, { method: "DELETE" });
export const extract = (id: string): Promise<Extract> => ask(`${BASE}/extracts/${id}`);
export const site = (id: string): Promise<Site> => ask(`${BASE}/sites/${id}`);
export const plan = (id: string): Promise<Plan> => ask(`${BASE}/plans/${id}`);

export const makeSite = (request: SiteRequest): Promise<Job> => ask(`${BASE}/sites`, json(request));

export const makePlan = (siteId: string, request: PlanRequest): Promise<Job> =>
  ask(`${BASE}/sites/${siteId}/plans`, json(request));

export const sendExtract = (file: File): Promise<Job> => ask(`${BASE}/extracts`, upload(file));
export const sendHeights = (file: File): Promise<Heights> => ask(`${BASE}/heights`, upload(file));

function upload(file: File): RequestInit {
  const body = new FormData();
  body.set("file", file);
  return { method: "POST", body };
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

function json(body: unknown): RequestInit {
  return { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
}

async function ask<Answer>(path: string, request?: RequestInit): Promise<Answer> {
  let answer: Response;
  try {
    answer = await fetch(path, request);
  } catch {
    throw new ProblemError(plain(0, "No connection", "The service does not answer; is it still running?"));
  }
  if (!answer.ok) throw new ProblemError(await problemOf(answer));
  return (await answer.json()) as Answer;
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
