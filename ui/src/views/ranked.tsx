/** The ranking: each configuration with its numbers, what serving takes, and how its score came about. */
import { link } from "../address";
import type { RankedEntry, Recommendation } from "../api/types";
import { instant, loadOf, number, percent, usd } from "../format";
import { Identity } from "../parts/identity";

/** How values of a criterion are written. */
const CRITERIA: Record<string, [title: string, unit: string, write: (value: number) => string]> = {
  ttft_p90: ["TTFT p90", "ms", number],
  tpot_p90: ["TPOT p90", "ms", number],
  output_tps: ["Output", "tokens/s", number],
  serving_cost_per_mtok: ["Cost", "per Mtok", usd],
  usd_per_month: ["Cost", "per month", usd],
  task_accuracy: ["Accuracy", "tasks", percent],
  fidelity: ["Fidelity", "to fp16", percent],
  memory: ["GPU memory", "GiB", number],
};

export function titleOf(criterion: string): [string, string, (value: number) => string] {
  return CRITERIA[criterion] ?? [criterion.replaceAll("_", " "), "", number];
}

export function Ranked({ answer, params }: { answer: Recommendation; params: URLSearchParams }) {
  const criteria = answer.entries[0]?.criteria.map(({ criterion }) => criterion) ?? [];
  const alike = alikeOf(answer);
  const withLoad = params.has("target_rps");
  // A month's cost is a criterion already where a load is stated, unless it was left out.
  const withMonth = withLoad && !criteria.some((criterion) => criterion === "usd_per_month");
  const price = answer.price === "spot" ? "spot" : "on_demand";
  const top = answer.entries.slice(0, 10).map(({ config_id }) => config_id);
  return (
    <>
      {alike.size > 1 && (
        <p class="alike">
          {alike.size} cannot be told apart by score: within the confidence of the measurements each may be the first. They are
          marked <strong>≈</strong>.
        </p>
      )}
      <div class="scroll" role="region" aria-label="Ranking" tabIndex={0}>
        <table class="ranking">
          <thead>
            <tr>
              <th scope="col" class="n">
                #
              </th>
              <th scope="col" class="n">
                Score
              </th>
              <th scope="col">Configuration</th>
              {criteria.map((criterion) => {
                const [title, unit] = titleOf(criterion);
                return (
                  <th key={criterion} scope="col" class="n">
                    {title}
                    <small>{unit}</small>
                  </th>
                );
              })}
              {withLoad && (
                <th scope="col" class="n">
                  Replicas
                </th>
              )}
              {withMonth && (
                <th scope="col" class="n">
                  USD<small>per month</small>
                </th>
              )}
              <th scope="col" class="n">
                First<small>probability</small>
              </th>
              <th scope="col">Front</th>
            </tr>
          </thead>
          {answer.entries.map((entry) => (
            <tbody key={`${entry.config_id}`}>
              <tr>
                <td class="n">{entry.rank}</td>
                <td class="n">
                  {entry.score.toFixed(3)}
                  <meter min={0} max={1} value={entry.score} aria-hidden="true" />
                </td>
                <th scope="row">
                  <Identity
                    id={entry.config_id}
                    configuration={entry.configuration}
                    traffic={loadOf(entry.configuration)}
                    provenance={entry.provenance}
                    flags={entry.flags}
                  />
                  <Why entry={entry} />
                </th>
                {criteria.map((criterion) => {
                  const value = entry.criteria.find((one) => one.criterion === criterion);
                  return (
                    <td key={criterion} class="n">
                      {value ? titleOf(criterion)[2](value.value) : "–"}
                      {entry.insufficient_samples?.some((one) => one === criterion) && <span title="too few requests">*</span>}
                    </td>
                  );
                })}
                {withLoad && <td class="n">{entry.capacity?.replicas ?? "–"}</td>}
                {withMonth && <td class="n">{usd(entry.capacity?.usd_per_month?.[price])}</td>}
                <td class="n">
                  {alike.has(entry.config_id) && <strong title="cannot be told apart from the first">≈ </strong>}
                  {percent(entry.probability_first)}
                </td>
                <td>{entry.on_pareto_front ? "on it" : entry.front ? `no. ${entry.front}` : "–"}</td>
              </tr>
            </tbody>
          ))}
        </table>
      </div>
      {top.length > 1 && (
        <p>
          <a href={link("compare", { id: top, provenance: answer.provenance, price: answer.price })}>Compare the first {top.length}</a>
        </p>
      )}
      <Dropped answer={answer} />
    </>
  );
}

/** The first and those that cannot be told apart from it. */
function alikeOf(answer: Recommendation): Set<string> {
  const first = answer.entries[0]?.config_id;
  const others = answer.alternatives?.map(({ config_id }) => config_id) ?? [];
  return new Set(first && others.length > 0 ? [first, ...others] : []);
}

/** How a score came about. */
function Why({ entry }: { entry: RankedEntry }) {
  return (
    <details class="why">
      <summary>Why</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">Criterion</th>
            <th scope="col" class="n">
              Weight
            </th>
            <th scope="col" class="n">
              Value
            </th>
            <th scope="col" class="n">
              Best
            </th>
            <th scope="col" class="n">
              Worst
            </th>
            <th scope="col" class="n">
              Share of what it lacks
            </th>
          </tr>
        </thead>
        <tbody>
          {entry.criteria.map(({ criterion, weight, value, best, worst, share_of_distance }) => {
            const [title, unit, write] = titleOf(criterion);
            return (
              <tr key={criterion}>
                <th scope="row">
                  {title} <small>{unit}</small>
                </th>
                <td class="n">{percent(weight)}</td>
                <td class="n">{write(value)}</td>
                <td class="n">{write(best)}</td>
                <td class="n">{write(worst)}</td>
                <td class="n">{percent(share_of_distance)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <ul>
        {entry.explanation.map((line) => (
          <li key={line}>{line}</li>
        ))}
        {entry.attainment && (
          <li>
            All bounds at once are met by{" "}
            {entry.attainment.measured
              ? percent(entry.attainment.at_least)
              : `${percent(entry.attainment.at_least)} to ${percent(entry.attainment.at_most)}`}{" "}
            of the requests
          </li>
        )}
        <li>
          {entry.provenance} {instant(entry.measured_at)} UTC, run {entry.run_id}
        </li>
      </ul>
    </details>
  );
}

function Dropped({ answer }: { answer: Recommendation }) {
  const left = answer.counts.left_out ?? [];
  return (
    <p class="status">
      {answer.counts.considered.toLocaleString("en")} results were looked at, {answer.counts.ranked.toLocaleString("en")} ranked.
      {left.length > 0 && ` Left out: ${left.map(({ reason, count }) => `${count} ${reason.kind.replaceAll("_", " ")}`).join(", ")}.`}
      {answer.criteria_dropped && answer.criteria_dropped.length > 0 &&
        ` Without values for all, so that their weight was shared out: ${answer.criteria_dropped.map(({ criterion }) => criterion).join(", ")}.`}
    </p>
  );
}
