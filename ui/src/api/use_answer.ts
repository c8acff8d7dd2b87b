/** An **answer** of the API as a component sees it: the last one stays while the next is on its way. */
import { useEffect, useState } from "preact/hooks";
import { key, Problem } from "./client";

export interface Answer<T> {
  data?: T;
  problem?: Problem;
  busy: boolean;
}

/** Asks anew whenever `question` is another one; not at all while it is undefined. */
export function useAnswer<T>(
  question: string | undefined,
  asking: (question: string, signal: AbortSignal) => Promise<T>,
): Answer<T> {
  const [answer, setAnswer] = useState<Answer<T>>({ busy: question !== undefined });
  const withKey = key.value;
  useEffect(() => {
    if (question === undefined) {
      setAnswer({ busy: false });
      return;
    }
    const stop = new AbortController();
    setAnswer((last) => ({ ...last, busy: true }));
    asking(question, stop.signal).then(
      (data) => stop.signal.aborted || setAnswer({ data, busy: false }),
      (error: unknown) => {
        if (stop.signal.aborted) return;
        const problem = error instanceof Problem ? error : new Problem(0, String(error));
        setAnswer({ problem, busy: false });
      },
    );
    return () => stop.abort();
  }, [question, withKey]);
  return answer;
}
