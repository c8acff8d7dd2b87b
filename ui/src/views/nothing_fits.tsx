/** Why nothing fits, and what each limit would have to be with the others kept. */
import { change, set } from "../address";
import type { Problem } from "../api/client";
import type { Configuration } from "../api/types";
import { modelOf, number, servedBy } from "../format";
import { limitInWords, relaxed, type RelaxedLimit } from "./recommendation_request";

interface Relaxation {
  limit: RelaxedLimit;
  needed: number;
}

interface More {
  more?: {
    reason?: string;
    /** Other provenances with how many results they have, or other use cases. */
    available?: Record<string, number> | string[];
    usual_bounds?: boolean;
    closest?: { config_id: string; configuration: Configuration; relax: Relaxation[] };
    relax?: (Relaxation & { closest?: { config_id: string; configuration: Configuration } })[];
  };
}

export function NothingFits({ problem }: { problem: Problem }) {
  const { more } = (problem.more ?? {}) as More;
  const alone = more?.relax ?? [];
  const closest = more?.closest;
  return (
    <div class="problem" role="alert">
      <h2>{closest ? "Nothing fits" : "No recommendation"}</h2>
      <p>{problem.message}</p>
      {more?.reason === "wrong_provenance" &&
        Object.entries(more.available ?? {}).map(([provenance, count]) => (
          <Instead key={provenance} name="provenance" value={provenance} text={`Rank the ${count} ${provenance} results`} />
        ))}
      {more?.reason === "wrong_use_case" &&
        ((more.available ?? []) as string[]).map((use_case) => (
          <Instead key={use_case} name="use_case" value={use_case} text={`Ask about ${use_case}`} />
        ))}
      {more?.usual_bounds && <Instead name="no_slo" value="1" text="Ask without latency limits" />}
      {alone.length > 0 && (
        <>
          <h3>Give way in one limit, the others kept</h3>
          <ul>
            {alone.map(({ limit, needed }) => (
              <li key={limitInWords(limit)}>
                {limitInWords(limit)}: would have to be {number(needed)} <Relax changes={[{ limit, needed }]} />
              </li>
            ))}
          </ul>
        </>
      )}
      {closest && (
        <>
          <h3>The closest</h3>
          <p>
            {modelOf(closest.configuration)}, {servedBy(closest.configuration)}
          </p>
          <ul>
            {closest.relax.map(({ limit, needed }) => (
              <li key={limitInWords(limit)}>
                {limitInWords(limit)}: it has {number(needed)}
              </li>
            ))}
          </ul>
          {closest.relax.length > 1 && <Relax changes={closest.relax} />}
        </>
      )}
    </div>
  );
}

/** Asks something else instead. */
function Instead({ name, value, text }: { name: string; value: string; text: string }) {
  return (
    <button type="button" class="secondary" onClick={() => change((next) => next.set(name, value))}>
      {text}
    </button>
  );
}

/** Asks again with limits that something meets. */
function Relax({ changes }: { changes: Relaxation[] }) {
  const edits = changes.flatMap(({ limit, needed }) => relaxed(limit, needed) ?? []);
  if (edits.length === 0) return null;
  return (
    <button type="button" class="secondary" onClick={() => change((next) => edits.forEach(({ name, value }) => set(next, name, value)))}>
      Ask with {edits.map(({ value }) => value).join(" and ")}
    </button>
  );
}
