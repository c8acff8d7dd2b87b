/** Where files are dropped, or chosen by who has no mouse. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

interface Props {
  label: string;
  accept?: string;
  several?: boolean;
  taken: (files: File[]) => void;
  children?: ComponentChildren;
}

export function DropZone({ label, accept, several, taken, children }: Props) {
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length > 0) taken(several ? files : files.slice(0, 1));
  };
  return (
    <div
      class={over ? "drop over" : "drop"}
      onDragOver={(event) => (event.preventDefault(), setOver(true))}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <label>
        {label}
        <input
          type="file"
          accept={accept}
          multiple={several}
          onChange={(event) => {
            const { files } = event.currentTarget;
            taken([...(files ?? [])]);
            // So that the same file may be chosen again.
            event.currentTarget.value = "";
          }}
        />
      </label>
      {children}
    </div>
  );
}
