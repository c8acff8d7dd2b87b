/** What a campaign would be: nothing runs yet, and every number of it is a forecast. */
import type { Plan } from "../api/types";
import { duration, usd } from "../format";
import { Mark } from "../parts/notes";

/** Batches that are listed. */
const LISTED = 20;

/** What counts against the budget, and why where that is not the spot price. */
function asRented({ price, usd_spot, usd_on_demand }: Plan["batches"][number]) {
  return price === "spot" ? usd(usd_spot) : `${usd(usd_on_demand)} on demand`;
}

export function Planned({ plan }: { plan: Plan }) {
  const reasons = Object.entries(plan.infeasible);
  const { forecast } = plan;
  return (
    <div class="planned" role="status">
      <h3>
        {plan.feasible.toLocaleString("en")} configurations would run, {plan.trials.toLocaleString("en")} runs{" "}
        <Mark provenance="forecast" />
      </h3>
      <dl class="figures">
        <div>
          <dt>Machine time</dt>
          <dd>{duration(forecast.machine_s)}</dd>
        </div>
        <div>
          <dt>Longest batch</dt>
          <dd>{duration(forecast.longest_batch_s)}</dd>
        </div>
        <div>
          <dt>USD, as rented</dt>
          <dd>{usd(forecast.usd)}</dd>
        </div>
        <div>
          <dt>USD, spot</dt>
          <dd>{usd(forecast.usd_spot)}</dd>
        </div>
        <div>
          <dt>USD, on demand</dt>
          <dd>{usd(forecast.usd_on_demand)}</dd>
        </div>
        <div>
          <dt>Engine starts</dt>
          <dd>{plan.engine_starts}</dd>
        </div>
      </dl>
      <p class="status">
        {plan.total.toLocaleString("en")} in the matrix
        {plan.excluded > 0 && `, ${plan.excluded} excluded by the spec`}
        {plan.fresh > 0 && `, ${plan.fresh} left out as fresh`}
        {plan.refused_batches > 0 && `; ${plan.refused_batches} batches would not be started for budget or deadline`}. The
        forecast is {plan.calibrated ? "corrected by stored results" : "by the model of the hardware alone"}.
      </p>
      {reasons.length > 0 && (
        <>
          <h3>What cannot run</h3>
          <ul>
            {reasons.map(([kind, { count, example, reason }]) => (
              <li key={kind}>
                {count.toLocaleString("en")}: {reason} <small>first: {example}</small>
              </li>
            ))}
          </ul>
        </>
      )}
      <details>
        <summary>Batches ({plan.batches_total})</summary>
        <div class="scroll" role="region" aria-label="Planned batches" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">Batch</th>
                <th scope="col">Hardware</th>
                <th scope="col" class="n">
                  Runs
                </th>
                <th scope="col" class="n">
                  Time (forecast)
                </th>
                <th scope="col" class="n">
                  USD (forecast)
                </th>
              </tr>
            </thead>
            <tbody>
              {plan.batches.slice(0, LISTED).map((batch) => (
                <tr key={batch.batch}>
                  <th scope="row">
                    {batch.batch}
                    {batch.refused && <small class="below">not started: {batch.refused}</small>}
                  </th>
                  <td>{batch.hardware ?? "hosted"}</td>
                  <td class="n">{batch.trials}</td>
                  <td class="n">{duration(batch.run_s)}</td>
                  <td class="n">{asRented(batch)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {plan.batches_total > LISTED && <p>and {(plan.batches_total - LISTED).toLocaleString("en")} more</p>}
      </details>
    </div>
  );
}
