/** An **answer** of the API as a component sees it: the last one stays while the next is on its way. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { key, Problem } from "./client";

export interface Answer<T> {
  data?: T;
  problem?: Problem;
  busy: boolean;
}

/**
 * Asks anew whenever `question` is another one; not at all while it is undefined. With `restMs` it waits until the
 * question has rested for so long: a slider asks a hundred questions on its way, and one is meant.
 */
export function useAnswer<T>(
  question: string | undefined,
  asking: (question: string, signal: AbortSignal) => Promise<T>,
  restMs = 0,
): Answer<T> {
  const [answer, setAnswer] = useState<{ data?: T; problem?: Problem; to?: string }>({});
  // Another key is another question.
  const asked = question === undefined ? undefined : `${key.value} ${question}`;
  // At once, and not after the next frame: a question is on its way 15 ms sooner.
  useLayoutEffect(() => {
    if (question === undefined) {
      setAnswer({});
      return;
    }
    const stop = new AbortController();
    const askIt = () =>
      asking(question, stop.signal).then(
        (data) => stop.signal.aborted || setAnswer({ data, to: asked }),
        (error: unknown) => {
          if (stop.signal.aborted) return;
          const problem = error instanceof Problem ? error : new Problem(0, String(error));
          setAnswer({ problem, to: asked });
        },
      );
    const rest = restMs > 0 ? setTimeout(askIt, restMs) : undefined;
    if (rest === undefined) void askIt();
    return () => {
      clearTimeout(rest);
      stop.abort();
    };
  }, [asked]);
  const { data, problem, to } = answer;
  return { data, problem, busy: asked !== to };
}

/** What it is, or was before it had to wait; undefined until it first need not. */
export function useWhenFree<T>(now: T, waits: boolean): T | undefined {
  const last = useRef<T | undefined>(undefined);
  if (!waits) last.current = now;
  return last.current;
}
