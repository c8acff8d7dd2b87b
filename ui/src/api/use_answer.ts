/** An **answer** of the API as a component sees it: the last one stays while the next is on its way. */
import { useLayoutEffect, useState } from "preact/hooks";
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
  const [answer, setAnswer] = useState<Answer<T>>({ busy: question !== undefined });
  const withKey = key.value;
  // At once, and not after the next frame: a question is on its way 15 ms sooner.
  useLayoutEffect(() => {
    if (question === undefined) {
      setAnswer({ busy: false });
      return;
    }
    const stop = new AbortController();
    setAnswer((last) => ({ ...last, busy: true }));
    const askIt = () =>
      asking(question, stop.signal).then(
        (data) => stop.signal.aborted || setAnswer({ data, busy: false }),
        (error: unknown) => {
          if (stop.signal.aborted) return;
          const problem = error instanceof Problem ? error : new Problem(0, String(error));
          setAnswer({ problem, busy: false });
        },
      );
    const rest = restMs > 0 ? setTimeout(askIt, restMs) : undefined;
    if (rest === undefined) void askIt();
    return () => {
      clearTimeout(rest);
      stop.abort();
    };
  }, [question, withKey]);
  return answer;
}
