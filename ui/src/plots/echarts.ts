/** The parts of ECharts that are drawn with, and no others. */
import { LineChart, ScatterChart } from "echarts/charts";
import { BrushComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BrushComponent, CanvasRenderer, GridComponent, LegendComponent, LineChart, MarkLineComponent, ScatterChart, TooltipComponent]);

export { init };
