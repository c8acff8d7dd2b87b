/** A **comparison** of two to ten configurations, number by number. */
import { address, change, link } from "../address";
import { ask } from "../api/client";
import type { ComparedMetric, Comparison } from "../api/types";
import { useAnswer } from "../api/use_answer";
import { columnNamed } from "../columns";
import { number } from "../format";
import { Identity } from "../parts/identity";
import { ProblemNote } from "../parts/notes";
import { Choice } from "../parts/number_field";
import { AXIS_TITLES, type Axis } from "./catalogue_query";

/** Fewest configurations of a comparison. */
const FEWEST = 2;

export function Compare() {
  const { params } = address.value;
  const ids = params.getAll("id");
  const query = new URLSearchParams(ids.map((id) => ["id", id]));
  for (const name of ["price", "provenance"]) {
    const value = params.get(name);
    if (value) query.set(name, value);
  }
  const question = ids.length >= FEWEST ? `/v1/compare?${query}` : undefined;
  const { data, problem, busy } = useAnswer(question, (path, signal) => ask<Comparison>(path, { signal }));
  return (
    <>
      <h1>Compare</h1>
      <div class="axes">
        <Choice params={params} name="price" label="Price" options={["spot", "on-demand"]} usual="spot" />
        <Choice
          params={params}
          name="provenance"
          label="Results"
          options={[["", "of each what says most"], "measured", "imported", "simulated"]}
          usual=""
        />
        <a href={link("catalogue", { pick: ids })}>Choose others in the catalogue</a>
      </div>
      {ids.length < FEWEST && (
        <p role="status">
          Choose two to ten configurations in the <a href={link("catalogue", { pick: ids })}>catalogue</a>: tick them, then
          “Compare”.
        </p>
      )}
      <ProblemNote problem={problem} />
      {data && ids.length >= FEWEST && <Compared comparison={data} busy={busy} removable={ids.length > FEWEST} />}
    </>
  );
}

function Compared({ comparison, busy, removable }: { comparison: Comparison; busy: boolean; removable: boolean }) {
  const { configurations, differences, metrics, warnings } = comparison;
  return (
    <>
      {warnings.length > 0 && (
        <ul class="warnings" aria-label="Before you conclude">
          {warnings.map(({ text }) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      <div class="scroll" role="region" aria-label="Comparison" tabIndex={0} aria-busy={busy}>
        <table class="compared">
          <thead>
            <tr>
              <th scope="col">Number</th>
              {configurations.map((entry, place) => (
                <th key={entry.config_id} scope="col">
                  <span class="place">{place + 1}</span>
                  <Identity
                    id={entry.config_id}
                    configuration={entry.configuration}
                    traffic={entry.traffic}
                    provenance={entry.provenance}
                    version={entry.engine_version}
                    flags={entry.flags}
                  />
                  {removable && (
                    <button type="button" class="quiet" onClick={() => change((next) => next.delete("id", entry.config_id))}>
                      Take away<span class="hidden"> number {place + 1}</span>
                    </button>
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {differences.map(({ axis, values }) => (
              <tr key={axis} class="difference">
                <th scope="row">{AXIS_TITLES[axis as Axis] ?? axis.replaceAll("_", " ")}</th>
                {values.map((value, place) => (
                  <td key={place}>{value}</td>
                ))}
              </tr>
            ))}
            {metrics.map((metric) => (
              <Row key={metric.column} metric={metric} />
            ))}
          </tbody>
        </table>
      </div>
      <p class="status">
        Intervals are of 95 %. “Best” are all that cannot be told apart from the best one; nothing is the best among results of
        different provenance or traffic.
      </p>
    </>
  );
}

function Row({ metric }: { metric: ComparedMetric }) {
  const { label } = columnNamed(metric.column);
  const alone = metric.best.length === 1;
  return (
    <tr>
      <th scope="row">
        {label} <small>{metric.unit === "share" ? "of 1" : metric.unit}</small>
      </th>
      {metric.values.map((value, place) => {
        const interval = metric.intervals[place];
        const best = metric.best.includes(place);
        return (
          <td key={place} class={best ? "n best" : "n"}>
            {best && <span class="tag">{alone && metric.distinguishable !== false ? "best" : "≈ best"}</span>}
            {number(value)}
            {interval && (
              <small class="below">
                {number(interval.low)} to {number(interval.high)}
              </small>
            )}
          </td>
        );
      })}
    </tr>
  );
}
