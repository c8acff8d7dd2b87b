/** The **catalogue**: the latest result of every configuration, filtered, sorted and drawn. */
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { address, change, link } from "../address";
import { ask, type Problem } from "../api/client";
import type { Page } from "../api/types";
import { useAnswer } from "../api/use_answer";
import { FileLink } from "../parts/file_link";
import { ProblemNote } from "../parts/notes";
import { filterOf, PAGE_ROWS, pageOf, TABLE_FORMS, type TableForm, tableOf } from "./catalogue_query";
import { Facets } from "./facets";
import { Ranges } from "./ranges";
import { ResultsTable } from "./results_table";
import { Scatter } from "./scatter";

export function Catalogue() {
  const { params } = address.value;
  const [refused, setRefused] = useState<Problem>();
  const stated = [...filterOf(params)].length;
  const { data, problem, busy } = useAnswer(pageOf(params), async (path, signal) => ({
    ...(await ask<Page>(path, { signal })),
    filtered: stated > 0,
  }));
  // Newer results have come since the page was turned to: the first page has them.
  const outdated = problem?.status === 410;
  useEffect(() => {
    if (outdated) change((next) => next.delete("cursor"), true);
  }, [outdated]);
  // It is built anew for another answer, and not for each step on the way to it.
  const table = useMemo(
    () => data && data.total > 0 && <ResultsTable params={params} entries={data.entries} />,
    [data, params.get("sort"), params.getAll("pick").join()],
  );
  const clear = () =>
    change((next) => {
      for (const name of [...filterOf(next).keys(), "cursor", "bound"]) next.delete(name);
    });
  return (
    <div class="split">
      <h1 class="hidden">Catalogue</h1>
      <FilterPanel stated={stated} clear={clear}>
        <Facets params={params} facets={data?.facets} />
        <Ranges params={params} />
      </FilterPanel>
      <section aria-label="Results" class="results">
        <Scatter params={params} waits={busy} />
        <ProblemNote problem={problem ?? refused} />
        <div class="found">
          <p class="status" role="status">
            {data ? `${data.total.toLocaleString("en")} results` : busy ? "Reading the catalogue…" : ""}
            {data && data.filtered && ", filtered"}
          </p>
          {data && data.total > 0 && <Download params={params} told={setRefused} />}
        </div>
        {data?.total === 0 && <Nothing filtered={stated > 0} />}
        {table && (
          <div class="scroll" role="region" aria-label="Results" tabIndex={0} aria-busy={busy}>
            {table}
          </div>
        )}
        <Turning next={data?.next_cursor} total={data?.total ?? 0} first={!params.has("cursor")} />
        <Chosen picked={params.getAll("pick")} />
      </section>
    </div>
  );
}

function FilterPanel({ stated, clear, children }: { stated: number; clear: () => void; children: ComponentChildren }) {
  const wide = matchMedia("(min-width: 60rem)").matches;
  return (
    <aside aria-label="Filters" class="filters">
      <details open={wide}>
        <summary class="filters-summary">Filters{stated > 0 && ` (${stated})`}</summary>
        {stated > 0 && (
          <button type="button" class="quiet" onClick={clear}>
            Clear all filters
          </button>
        )}
        {children}
      </details>
    </aside>
  );
}

/** All that was found, and not the page of it that is shown. */
function Download({ params, told }: { params: URLSearchParams; told: (problem?: Problem) => void }) {
  return (
    <ul class="row" aria-label="Download all of them">
      {(Object.keys(TABLE_FORMS) as TableForm[]).map((form) => (
        <li key={form}>
          <FileLink path={tableOf(params, form)} name={`assay-catalog.${form}`} told={told}>
            Download {TABLE_FORMS[form]}
          </FileLink>
        </li>
      ))}
    </ul>
  );
}

function Nothing({ filtered }: { filtered: boolean }) {
  return filtered ? (
    <p>No result matches all filters; take one away.</p>
  ) : (
    <p>
      There are no results yet. <a href={link("campaigns")}>Start a campaign</a> or <a href={link("imports")}>import results</a>.
    </p>
  );
}

function Turning({ next, total, first }: { next?: string | null; total: number; first: boolean }) {
  if (total <= PAGE_ROWS && first) return null;
  return (
    <nav class="turning" aria-label="Pages of the table">
      {!first && (
        <button type="button" class="secondary" onClick={() => change((params) => params.delete("cursor"))}>
          First page
        </button>
      )}
      {next && (
        <button type="button" class="secondary" onClick={() => change((params) => params.set("cursor", next))}>
          Next page
        </button>
      )}
    </nav>
  );
}

function Chosen({ picked }: { picked: string[] }) {
  if (picked.length === 0) return null;
  return (
    <div class="tray" role="region" aria-label="Chosen for comparison">
      <span>{picked.length} chosen</span>
      {picked.length > 1 ? (
        <a role="button" href={link("compare", { id: picked })}>
          Compare
        </a>
      ) : (
        <span>choose one more to compare</span>
      )}
      <button type="button" class="quiet" onClick={() => change((params) => params.delete("pick"), true)}>
        Forget them
      </button>
    </div>
  );
}
