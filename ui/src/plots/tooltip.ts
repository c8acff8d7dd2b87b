import type { Palette } from "./chart";

/** What a pointer is told: in canvas and not in HTML, since the policy of the page allows no styles in what a script writes. */
export const tooltip = (palette: Palette) => ({
  trigger: "item" as const,
  renderMode: "richText" as const,
  confine: true,
  backgroundColor: palette.background,
  borderColor: palette.line,
  textStyle: { color: palette.ink, fontSize: 12 },
});
