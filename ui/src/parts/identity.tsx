/** A configuration as two lines: what answers, and on what under which traffic. */
import type { Configuration } from "../api/types";
import { link } from "../address";
import { modelOf, servedBy } from "../format";
import { Flags, Mark } from "./notes";

interface Props {
  id: string;
  configuration: Configuration;
  traffic?: string;
  provenance: string;
  version?: string | null;
  flags?: string[];
}

export function Identity({ id, configuration, traffic, provenance, version, flags }: Props) {
  return (
    <div class="identity">
      <a href={link("history", { id, provenance })}>{modelOf(configuration)}</a> <Mark provenance={provenance} />
      <small>
        {servedBy(configuration, version)}
        {traffic && ` · ${traffic}`}
      </small>
      <Flags flags={flags} />
    </div>
  );
}
