/** How the page asks the API: where it is, with which key, and what an error is. */
import { signal } from "@preact/signals";

const KEY = "assay-key";

/** The API's address; empty where it is that of the page. */
let base = "";

/** The key of this tab; it is forgotten when the tab is closed. */
export const key = signal(sessionStorage.getItem(KEY) ?? "");

/** Whether the API wants a key, or another one. */
export const keyWanted = signal(false);

export function keepKey(entered: string): void {
  if (entered) sessionStorage.setItem(KEY, entered);
  else sessionStorage.removeItem(KEY);
  key.value = entered;
  keyWanted.value = false;
}

/** Reads `config.json`, which says where the API is when the page is served from elsewhere. */
export async function configure(): Promise<void> {
  try {
    const answer = await fetch("config.json");
    const config: { api?: string } = answer.ok ? await answer.json() : {};
    base = (config.api ?? "").replace(/\/$/, "");
  } catch {
    base = "";
  }
}

/** A problem as the API tells it (RFC 9457). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly field?: string,
    readonly more?: unknown,
    readonly requestId?: string,
  ) {
    super(detail);
  }
}

export interface Asked {
  method?: "GET" | "POST";
  body?: BodyInit;
  type?: string;
  signal?: AbortSignal;
  accept?: string;
  /** The last event that was seen of a stream that was cut off. */
  lastEventId?: string;
}

/** An answer of the API, whatever its type; anything but success is thrown as a problem. */
export async function send(path: string, asked: Asked = {}): Promise<Response> {
  const headers = new Headers({ accept: asked.accept ?? "application/json" });
  if (key.peek()) headers.set("authorization", `Bearer ${key.peek()}`);
  if (asked.type) headers.set("content-type", asked.type);
  if (asked.lastEventId) headers.set("last-event-id", asked.lastEventId);
  let answer: Response;
  try {
    answer = await fetch(base + path, { method: asked.method, body: asked.body, signal: asked.signal, headers });
  } catch (error) {
    if (asked.signal?.aborted) throw error;
    throw new Problem(0, `The API at ${base || location.origin} does not answer; is \`assay up\` running?`);
  }
  if (answer.ok) return answer;
  if (answer.status === 401) keyWanted.value = true;
  throw await problemOf(answer);
}

async function problemOf(answer: Response): Promise<Problem> {
  const said = await answer.text();
  try {
    const { detail, field, request_id: id, ...more } = JSON.parse(said);
    return new Problem(answer.status, detail ?? said, field, more, id);
  } catch {
    return new Problem(answer.status, `${answer.status} ${answer.statusText}: ${said.slice(0, 200)}`);
  }
}

/** An answer as JSON. */
export async function ask<T>(path: string, asked: Asked = {}): Promise<T> {
  return (await send(path, asked)).json();
}

/** The answer to a question that is asked as JSON. */
export function post<T>(path: string, question: unknown, signal?: AbortSignal): Promise<T> {
  return ask<T>(path, { method: "POST", body: JSON.stringify(question), type: "application/json", signal });
}

/** The address of something that the browser opens itself, such as a report. */
export function addressOf(path: string): string {
  return base + path;
}
