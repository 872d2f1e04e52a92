import { afterEach, expect, test, vi } from "vitest";
import { ProblemError, against, all, ask, create, json } from "../src/asking";

const answer = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });

/** A service that gives these answers, one after the other, and what it was asked. */
function serviceThat(...answers: (() => Response)[]): Request[] {
  const asked: Request[] = [];
  vi.stubGlobal("fetch", async (path: string, request?: RequestInit) => {
    asked.push(new Request(new URL(path, "http://127.0.0.1/"), request));
    const next = answers.shift();
    if (!next) throw new Error("asked once too often");
    return next();
  });
  return asked;
}

const broken = () => {
  throw new TypeError("connection lost");
};

afterEach(() => vi.unstubAllGlobals());

test("what was sent and never answered is sent again under the same key, what was answered under a new one", async () => {
  const asked = serviceThat(
    broken,
    () => answer(201, { n: 1 }),
    () => answer(201, { n: 2 }),
  );
  await expect(create("api/v1/things", { a: 1 })).rejects.toThrow(ProblemError);
  await create("api/v1/things", { a: 1 });
  await create("api/v1/things", { a: 1 });
  const [first, again, other] = asked.map((request) => request.headers.get("Idempotency-Key"));
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  expect(again).toBe(first);
  expect(other).not.toBe(first);
});

test("a change names the state that it is made against", () => {
  const request = against({ revision: 3 }, json("PATCH", { name: "x" }));
  expect(request.headers).toEqual({ "Content-Type": "application/json", "If-Match": '"3"' });
});

test("a list is read to its end", async () => {
  const asked = serviceThat(
    () => answer(200, { items: [1, 2], next: "/api/v1/things?after=2" }),
    () => answer(200, { items: [3], next: null }),
  );
  expect(await all("api/v1/things")).toEqual([1, 2, 3]);
  expect(asked.map(({ url }) => new URL(url).search)).toEqual(["?limit=500", "?after=2"]);
});

test("a problem comes in the words of the service", async () => {
  serviceThat(() => answer(409, { type: "x", title: "Not now", status: 409, detail: "only a draft" }));
  await expect(ask("api/v1/things")).rejects.toMatchObject({
    problem: { status: 409, detail: "only a draft" },
  });
});
