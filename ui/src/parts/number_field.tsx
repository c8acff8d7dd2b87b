/** A number of the question, kept in the address as it is typed. */
import { change, set } from "../address";

interface Props {
  params: URLSearchParams;
  name: string;
  label: string;
  placeholder?: string;
  step?: string;
}

export function NumberField({ params, name, label, placeholder, step = "any" }: Props) {
  return (
    <label>
      {label}
      <input
        type="number"
        min="0"
        step={step}
        inputMode="decimal"
        placeholder={placeholder}
        value={params.get(name) ?? ""}
        onInput={(event) => {
          const { value } = event.currentTarget;
          change((next) => set(next, name, value), true);
        }}
      />
    </label>
  );
}

interface ChoiceProps {
  params: URLSearchParams;
  name: string;
  label: string;
  options: readonly (string | readonly [value: string, text: string])[];
  /** What is chosen where the address does not say. */
  usual: string;
}

/** One of several, kept in the address. */
export function Choice({ params, name, label, options, usual }: ChoiceProps) {
  return (
    <label>
      {label}
      <select
        value={params.get(name) ?? usual}
        onChange={(event) => {
          const { value } = event.currentTarget;
          change((next) => set(next, name, value === usual ? "" : value));
        }}
      >
        {options.map((option) => {
          const [value, text] = typeof option === "string" ? [option, option] : option;
          return (
            <option key={value} value={value}>
              {text}
            </option>
          );
        })}
      </select>
    </label>
  );
}
