import { afterEach, beforeEach, expect, test, vi } from "vitest";

/** Answers of the stream, one a connection. */
let answers: string[];
let asked: (string | null)[];

beforeEach(() => {
  vi.stubGlobal("sessionStorage", { getItem: () => null, setItem: () => undefined, removeItem: () => undefined });
  vi.stubGlobal("location", { origin: "http://test" });
  asked = [];
  vi.stubGlobal("fetch", async (_: string, { headers }: { headers: Headers }) => {
    asked.push(headers.get("last-event-id"));
    return new Response(answers.shift() ?? "", { status: 200 });
  });
});
afterEach(() => vi.unstubAllGlobals());

test("who is cut off comes again with the last event it saw, until the campaign has ended", async () => {
  const { listen } = await import("../../src/api/events");
  answers = [
    'retry: 1\n\nid: one\nevent: progress\ndata: {"done":1}\n\n: keep-alive\n\n',
    'id: two\nevent: progress\ndata: {"done":2}\n\nid: three\nevent: ended\ndata: {"done":3}\n\n',
  ];
  const told: unknown[] = [];
  await listen("/v1/campaigns/c/events", new AbortController().signal, {
    event: (name, data) => told.push([name, data]),
    away: () => told.push("away"),
  });
  expect(told).toEqual([
    ["progress", { done: 1 }],
    ["progress", { done: 2 }],
    ["ended", { done: 3 }],
  ]);
  expect(asked).toEqual([null, "one"]);
});

test("a campaign that is not there is not asked for again", async () => {
  const { listen } = await import("../../src/api/events");
  vi.stubGlobal("fetch", async () => new Response('{"detail":"there is no campaign c"}', { status: 404 }));
  const told: string[] = [];
  await listen("/v1/campaigns/c/events", new AbortController().signal, {
    event: () => told.push("event"),
    away: (problem) => told.push(problem.message),
  });
  expect(told).toEqual(["there is no campaign c"]);
});
