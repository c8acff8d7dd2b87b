/** **Events** of the API as they happen (`text/event-stream`), with the key that `EventSource` cannot send. */
import { EventSourceParserStream } from "eventsource-parser/stream";
import { Problem, send } from "./client";

/** How long it waits before it comes again, unless the server says. */
const USUAL_RETRY_MS = 3000;

export interface Listener {
  /** An event; `ended` is the last one. */
  event: (name: string, data: unknown) => void;
  /** It was cut off, and comes again. */
  away: (problem: Problem) => void;
}

/** Listens until the event `ended`, or until it is stopped. Comes again where it was cut off. */
export async function listen(path: string, stop: AbortSignal, listener: Listener): Promise<void> {
  let last: string | undefined;
  let retryMs = USUAL_RETRY_MS;
  while (!stop.aborted) {
    try {
      const answer = await send(path, { accept: "text/event-stream", signal: stop, lastEventId: last });
      const events = answer.body?.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream({ onRetry: (ms) => (retryMs = ms) }));
      const reader = events?.getReader();
      for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
        const { id, event, data } = next.value;
        last = id ?? last;
        listener.event(event ?? "message", JSON.parse(data));
        if (event === "ended") return;
      }
    } catch (error) {
      if (stop.aborted) return;
      const problem = error instanceof Problem ? error : new Problem(0, "The connection was lost; it is tried again.");
      listener.away(problem);
      if (problem.status >= 400 && problem.status < 500 && problem.status !== 429) return;
    }
    await pause(retryMs, stop);
  }
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    stop.addEventListener("abort", () => (clearTimeout(timer), done()), { once: true });
  });
}
