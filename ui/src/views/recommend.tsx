/** A **recommendation**: what to run for a use case, why, and what would have to give where nothing fits. */
import type { ComponentChildren } from "preact";
import { address, change, set } from "../address";
import { ask, post } from "../api/client";
import type { Page, Recommendation, RecommendationRequest } from "../api/types";
import { useAnswer } from "../api/use_answer";
import { Choice, NumberField } from "../parts/number_field";
import { Mark, ProblemNote } from "../parts/notes";
import { Ranked } from "./ranked";
import { NothingFits } from "./nothing_fits";
import { BY_NUMBERS, boundsOf, COMPETING, GROUPS, requestOf, turnOf, USE_CASES, weightsIn, weightsOf, type WeightsStated } from "./recommendation_request";
import { AXIS_TITLES } from "./catalogue_query";

const PROVENANCES = ["measured", "imported", "simulated"] as const;
const BOUNDS = ["ttft", "tpot", "e2e", "itl"].flatMap((metric) => ["p50", "p90", "p95", "p99", "mean"].map((statistic) => `${metric}_${statistic}`));
/** `ttft_p90` as `TTFT p90`. */
function titleOfBound(bound: string): string {
  const [metric = "", statistic] = bound.split("_");
  return `${metric.toUpperCase()} ${statistic}`;
}

const USUAL_BOUNDS = ["ttft_p90", "tpot_p90"];

/** How long a slider rests before its question is asked: too short to be noticed. */
const SLIDER_REST_MS = 40;

export function Recommend() {
  const { params } = address.value;
  const request = requestOf(params);
  const missing = missingOf(request);
  const { data, problem, busy } = useAnswer(
    missing ? undefined : JSON.stringify(request),
    (question, signal) => post<Recommendation>("/v1/recommendations", JSON.parse(question), signal),
    SLIDER_REST_MS,
  );
  return (
    <div class="split recommend">
      <form class="question" aria-label="What it is for" onSubmit={(event) => event.preventDefault()}>
        <h1>Recommend</h1>
        <Traffic params={params} />
        <Limits params={params} />
        <Money params={params} />
        <Method params={params} weights={weightsOf(params) ?? (data && weightsIn(data))} />
      </form>
      <section aria-label="Answer" class="answer" aria-busy={busy}>
        {problem && (problem.status === 422 ? <NothingFits problem={problem} /> : <ProblemNote problem={problem} />)}
        {data && (
          <>
            <p role="status" class="statement">
              <Mark provenance={data.provenance} /> {data.statement}
            </p>
            {data.nearest && data.nearest.doublings > 0 && (
              <p class="warnings">
                That traffic was not measured. The nearest that was stands for it, {data.nearest.doublings.toFixed(1)} doublings
                away: numbers of the traffic that was asked about are others.
              </p>
            )}
            <Ranked answer={data} params={params} />
          </>
        )}
        {!data && !problem && <p role="status">{missing ?? "Ranking…"}</p>}
      </section>
    </div>
  );
}

/** What must be stated before anything can be asked. */
function missingOf(request: RecommendationRequest): string | undefined {
  if (!request.use_case && !(request.input_tokens && request.output_tokens)) return "State the tokens of a prompt and of an answer.";
  if (request.method === "lexicographic" && !request.order?.length) return "Choose what decides first.";
  return undefined;
}

/** Fields that belong together. On a phone they are folded, so that the answer is in sight. */
function Group({ title, open, children }: { title: string; open?: boolean; children: ComponentChildren }) {
  const wide = matchMedia("(min-width: 60rem)").matches;
  return (
    <details class="group" open={open || wide}>
      <summary>{title}</summary>
      <fieldset>
        <legend class="hidden">{title}</legend>
        {children}
      </fieldset>
    </details>
  );
}

function Traffic({ params }: { params: URLSearchParams }) {
  const use_case = params.get("use_case") ?? USE_CASES[0];
  const by_numbers = use_case === BY_NUMBERS;
  const provenance = params.get("provenance") ?? "measured";
  const query = new URLSearchParams({ provenance, limit: "1", ...(by_numbers ? {} : { use_case }) });
  const { data } = useAnswer(`/v1/catalog?${query}`, (path, signal) => ask<Page>(path, { signal }));
  const shapes = data?.facets.shape ?? [];
  return (
    <Group title="Traffic" open>
      <Choice params={params} name="use_case" label="Use case" options={[...USE_CASES, [BY_NUMBERS, "other, by its numbers"]]} usual={USE_CASES[0]} />
      {by_numbers && (
        <div class="pairs">
          <NumberField params={params} name="input_tokens" label="Tokens in" step="1" />
          <NumberField params={params} name="output_tokens" label="Tokens out" step="1" />
          <NumberField params={params} name="concurrency" label="In flight" placeholder="any" step="1" />
        </div>
      )}
      {!by_numbers && (shapes.length > 1 || params.has("shape")) && (
        <Choice
          params={params}
          name="shape"
          label="Tokens in > out"
          options={[["", "choose"], ...shapes.map(({ value, count }) => [value, `${value} (${count} results)`] as const)]}
          usual=""
        />
      )}
      <Choice params={params} name="provenance" label="Results" options={PROVENANCES} usual="measured" />
      <NumberField params={params} name="target_rps" label="Target load, requests/s" placeholder="none" />
      <details open={COMPETING.some((axis) => params.has(axis))}>
        <summary>What competes</summary>
        {COMPETING.map((axis) => (
          <fieldset key={axis} class="chips">
            <legend>{AXIS_TITLES[axis]}</legend>
            {(data?.facets[axis] ?? []).map(({ value }) => (
              <label key={value}>
                <input
                  type="checkbox"
                  checked={params.getAll(axis).includes(value)}
                  onChange={() =>
                    change((next) => (next.getAll(axis).includes(value) ? next.delete(axis, value) : next.append(axis, value)))
                  }
                />
                {value}
              </label>
            ))}
          </fieldset>
        ))}
      </details>
    </Group>
  );
}

function Limits({ params }: { params: URLSearchParams }) {
  const stated = boundsOf(params).map(({ metric, statistic }) => `${metric}_${statistic}`);
  const shown = [...new Set([...USUAL_BOUNDS, ...stated, ...params.getAll("bound")])];
  return (
    <Group title="Latency, ms at most">
      <div class="pairs">
        {shown.map((bound) => (
          <NumberField key={bound} params={params} name={`slo_${bound}`} label={titleOfBound(bound)} placeholder="usual" />
        ))}
      </div>
      <select
        aria-label="Another latency"
        value=""
        onChange={(event) => {
          const { value } = event.currentTarget;
          if (value) change((next) => next.append("bound", value));
        }}
      >
        <option value="">Another latency…</option>
        {BOUNDS.filter((bound) => !shown.includes(bound)).map((bound) => (
          <option key={bound} value={bound}>
            {titleOfBound(bound)}
          </option>
        ))}
      </select>
      {stated.length === 0 && (
        <label>
          <input
            type="checkbox"
            checked={params.has("no_slo")}
            onChange={(event) => {
              const { checked } = event.currentTarget;
              change((next) => set(next, "no_slo", checked ? "1" : ""));
            }}
          />
          No limits, not even the usual ones of the use case
        </label>
      )}
      <div class="pairs">
        <NumberField params={params} name="min_accuracy" label="Accuracy at least, 0 to 1" placeholder="any" step="0.01" />
        <Choice
          params={params}
          name="accuracy"
          label="Measured by"
          options={[
            ["task_accuracy", "tasks"],
            ["fidelity", "fidelity"],
          ]}
          usual="task_accuracy"
        />
      </div>
    </Group>
  );
}

function Money({ params }: { params: URLSearchParams }) {
  return (
    <Group title="Budget, USD at most">
      <div class="pairs">
        <NumberField params={params} name="max_usd_per_hour" label="Per hour" placeholder="any" />
        <NumberField params={params} name="max_usd_per_month" label="Per month" placeholder={params.has("target_rps") ? "any" : "needs load"} />
      </div>
      <Choice params={params} name="price" label="Price" options={["spot", "on-demand"]} usual="spot" />
    </Group>
  );
}

function Method({ params, weights }: { params: URLSearchParams; weights?: WeightsStated }) {
  const method = params.get("method") ?? "topsis";
  const slide = (group: string, value: string) =>
    change((next) => {
      // The first slider that is moved fixes where the others stand.
      for (const other of GROUPS) {
        if (!next.has(`w_${other}`)) next.set(`w_${other}`, String(Math.round((weights?.[other] ?? 0) * 100)));
      }
      next.set(`w_${group}`, value);
    }, true);
  return (
    <Group title="What counts">
      <Choice
        params={params}
        name="method"
        label="Method"
        options={[
          ["topsis", "weigh everything (TOPSIS)"],
          ["pareto", "the Pareto front"],
          ["lexicographic", "in order (lexicographic)"],
        ]}
        usual="topsis"
      />
      {method === "topsis" && (
        <div class="weights">
          {GROUPS.map((group) => (
            <label key={group}>
              <span>
                {group} <span class="share">{weights ? `${Math.round(weights[group] * 100)} %` : ""}</span>
              </span>
              <input
                type="range"
                min="0"
                max="100"
                value={params.get(`w_${group}`) ?? String(Math.round((weights?.[group] ?? 0) * 100))}
                onInput={(event) => slide(group, event.currentTarget.value)}
              />
            </label>
          ))}
          <button
            type="button"
            class="quiet"
            onClick={() => change((next) => GROUPS.forEach((group) => next.delete(`w_${group}`)))}
          >
            Weights of the use case
          </button>
        </div>
      )}
      {method === "lexicographic" && <Order params={params} />}
    </Group>
  );
}

const CRITERIA = ["ttft_p90", "tpot_p90", "output_tps", "serving_cost_per_mtok", "usd_per_month", "task_accuracy", "fidelity", "memory"];

function Order({ params }: { params: URLSearchParams }) {
  const order = params.getAll("order");
  const chosen = order.map((written) => turnOf(written).criterion);
  return (
    <>
      <ol class="order">
        {order.map((written) => (
          <li key={turnOf(written).criterion}>
            <Turn written={written} />
          </li>
        ))}
      </ol>
      <select
        aria-label="The next criterion"
        value=""
        onChange={(event) => {
          const { value } = event.currentTarget;
          if (value) change((next) => next.append("order", value));
        }}
      >
        <option value="">{order.length > 0 ? "then…" : "first…"}</option>
        {CRITERIA.filter((criterion) => !chosen.includes(criterion)).map((criterion) => (
          <option key={criterion} value={criterion}>
            {criterion.replaceAll("_", " ")}
          </option>
        ))}
      </select>
    </>
  );
}


/** One criterion of the order, with how much worse than the best still goes on to the next. */
function Turn({ written }: { written: string }) {
  const { criterion, tolerance } = turnOf(written);
  const replace = (next: URLSearchParams, by: string) => {
    const others = next.getAll("order").map((one) => (one === written ? by : one));
    next.delete("order");
    for (const one of others) next.append("order", one);
  };
  return (
    <span class="turn">
      {criterion.replaceAll("_", " ")}
      <input
        type="number"
        min="0"
        step="any"
        placeholder="0"
        aria-label={`${criterion.replaceAll("_", " ")}: percent worse than the best that go on`}
        value={tolerance === undefined ? "" : String(Math.round(tolerance * 1e4) / 100)}
        onInput={(event) => {
          const { value } = event.currentTarget;
          change((next) => replace(next, value ? `${criterion}:${value}%` : criterion), true);
        }}
      />
      %
      <button type="button" class="quiet" onClick={() => change((next) => next.delete("order", written))} aria-label={`Take ${criterion} away`}>
        ×
      </button>
    </span>
  );
}
