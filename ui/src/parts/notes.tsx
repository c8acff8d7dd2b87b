/** Short notes: where a number comes from, and what went wrong. */
import type { ComponentChildren } from "preact";
import type { Problem } from "../api/client";
import { FLAGS } from "../format";

const MEANING: Record<string, string> = {
  measured: "measured by Assay on the hardware named",
  imported: "taken from another tool or store; Assay did not measure it",
  simulated: "from the bundled simulated engine; says nothing about real hardware",
  forecast: "worked out from a model of the hardware or from nearby results; nobody measured it",
};

/** Where numbers come from, as a word. Colour only repeats it. */
export function Mark({ provenance }: { provenance: string }) {
  return (
    <span class={`mark ${provenance}`} title={MEANING[provenance]}>
      {provenance}
    </span>
  );
}

/** What a problem says, and where. */
export function ProblemNote({ problem, children }: { problem?: Problem; children?: ComponentChildren }) {
  if (!problem) return null;
  return (
    <div class="problem" role="alert">
      {problem.field && !problem.message.includes(problem.field) && <strong>{problem.field}: </strong>}
      {problem.message}
      {problem.requestId && <small> (request {problem.requestId})</small>}
      {children}
    </div>
  );
}

/** What limits a conclusion; nothing where nothing does. */
export function Flags({ flags }: { flags?: string[] }) {
  if (!flags?.length) return null;
  return (
    <span class="flags" title={flags.map((flag) => FLAGS[flag] ?? flag).join("; ")}>
      {flags.map((flag) => flag.replaceAll("_", " ")).join(", ")}
    </span>
  );
}
