// ECharts with what the panel draws, in Tabler's colors, light and dark.
import { BarChart, FunnelChart, LineChart, ScatterChart } from "echarts/charts";
import {
  AriaComponent,
  DatasetComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
} from "echarts/components";
import { type EChartsType, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([
  AriaComponent,
  BarChart,
  DatasetComponent,
  FunnelChart,
  GridComponent,
  LegendComponent,
  LineChart,
  MarkLineComponent,
  ScatterChart,
  SVGRenderer,
  TooltipComponent,
]);

type Options = Record<string, unknown>;

const language = document.documentElement.lang || "en";

const swatch = document.createElement("canvas");
swatch.width = swatch.height = 1;
const brush = swatch.getContext("2d", { willReadFrequently: true });

// A color of Tabler's as "#rrggbb". It may be written as light-dark(…) or oklch(…), which only the style of an
// element and a painted pixel tell.
function color(name: string, fallback: string): string {
  const wearer = document.createElement("i");
  wearer.style.color = `var(--tblr-${name}, ${fallback})`;
  document.body.append(wearer);
  const worn = getComputedStyle(wearer).color;
  wearer.remove();
  if (!brush) return fallback;
  brush.clearRect(0, 0, 1, 1);
  brush.fillStyle = fallback;
  brush.fillStyle = worn;
  brush.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0, opaque = 0] = brush.getImageData(0, 0, 1, 1).data;
  if (opaque === 0) return fallback;
  return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

function base(): Options {
  const text = color("secondary", "#6b7280");
  const body = color("body-color", "#1f2937");
  const line = color("border-color", "#e6e7e9");
  const font = getComputedStyle(document.body).fontFamily;
  return {
    color: ["primary", "secondary", "azure", "teal", "orange", "pink", "lime"].map((name) => color(name, "#066fd1")),
    textStyle: { fontFamily: font, color: text, fontSize: 12 },
    animationDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 300,
    grid: { left: 4, right: 8, top: 34, bottom: 4, outerBoundsMode: "same" },
    legend: { top: 0, right: 0, icon: "roundRect", itemWidth: 14, itemHeight: 8, textStyle: { color: text } },
    tooltip: {
      trigger: "axis",
      renderMode: "richText", // the other mode writes style attributes, which the panel's policy forbids
      backgroundColor: color("bg-surface", "#fff"),
      borderColor: line,
      textStyle: { color: body, fontFamily: font, fontSize: 12 },
      valueFormatter: number,
    },
    axisLine: { lineStyle: { color: line } },
    axisLabel: { color: text, hideOverlap: true },
    splitLine: { lineStyle: { color: line } },
  };
}

function number(value: unknown): string {
  return typeof value === "number" ? value.toLocaleString(language, { maximumFractionDigits: 2 }) : String(value ?? "–");
}

function axis(given: unknown, style: Options, value: boolean): unknown {
  if (Array.isArray(given)) return given.map((one) => axis(one, style, value));
  const label = { ...(style["axisLabel"] as Options), ...(value ? { formatter: number } : {}) };
  const mine = (given ?? {}) as Options;
  return {
    axisTick: { show: false },
    axisLine: { show: !value, ...(style["axisLine"] as Options) },
    splitLine: { show: value, ...(style["splitLine"] as Options) },
    ...mine,
    axisLabel: { ...label, ...((mine["axisLabel"] as Options) ?? {}) },
  };
}

function dressed(spec: Options): Options {
  const { axisLine, axisLabel, splitLine, ...look } = base();
  const style = { axisLine, axisLabel, splitLine } as Options;
  const isValue = (one: unknown): boolean => ((one as Options | undefined)?.["type"] ?? "value") === "value";
  return {
    ...look,
    ...spec,
    series: dressedSeries(spec["series"]),
    grid: { ...(look["grid"] as Options), ...((spec["grid"] as Options) ?? {}) },
    legend: spec["legend"] === false ? { show: false } : { ...(look["legend"] as Options), ...((spec["legend"] as Options) ?? {}) },
    tooltip: { ...(look["tooltip"] as Options), ...((spec["tooltip"] as Options) ?? {}) },
    ...(spec["xAxis"] ? { xAxis: axis(spec["xAxis"], style, isValue(spec["xAxis"])) } : {}),
    ...(spec["yAxis"] ? { yAxis: axis(spec["yAxis"], style, isValue(spec["yAxis"])) } : {}),
    aria: { enabled: true, ...((spec["aria"] as Options) ?? {}) },
  };
}

// Lays `share` of one color over another; both as Tabler writes them, "#rrggbb".
function mixed(over: string, under: string, share: number): string {
  const parts = (hex: string): number[] => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  const [high, low] = [parts(over), parts(under)];
  return `rgb(${high.map((part, at) => Math.round(part * share + (low[at] ?? 255) * (1 - share))).join(",")})`;
}

// A funnel goes from full to pale in one color, with its own names inside.
function funnel(series: Options): Options {
  const count = (series["data"] as unknown[] | undefined)?.length ?? 0;
  const steps = Array.from({ length: count }, (_, at) => 1 - (at * 0.65) / Math.max(count - 1, 1));
  const ground = document.documentElement.dataset.bsTheme === "dark" ? "#262626" : "#ffffff";
  const data = ((series["data"] as Options[]) ?? []).map((one, at) => ({
    ...one,
    itemStyle: { color: mixed(color("primary", "#066fd1"), ground, steps[at] ?? 1), borderWidth: 0 },
    label: { color: (steps[at] ?? 1) > 0.6 ? "#fff" : color("body-color", "#1f2937") },
  }));
  const label = { formatter: ({ name, value }: { name: string; value: unknown }) => `${name}  ${number(value)}` };
  return { left: 0, right: 0, top: 0, bottom: 0, gap: 3, minSize: "12%", ...series, data, label: { ...label, ...((series["label"] as Options) ?? {}) } };
}

function dressedSeries(given: unknown): unknown {
  if (!Array.isArray(given)) return given;
  return (given as Options[]).map((series) => {
    if (series["type"] === "funnel") return funnel(series);
    if (series["type"] === "bar") return { barMaxWidth: 28, itemStyle: { borderRadius: [3, 3, 0, 0] }, ...series };
    if (series["type"] === "line") return { showSymbol: false, ...series, ...marked(series) };
    return series;
  });
}

// The words of a line that is drawn across, without the halo that is made for words upon a picture.
function marked(series: Options): Options {
  const mark = series["markLine"] as Options | undefined;
  if (!mark) return {};
  const plain = { color: color("body-color", "#1f2937"), textBorderWidth: 0 };
  return { markLine: { ...mark, label: { ...plain, ...((mark["label"] as Options) ?? {}) } } };
}

export function draw(place: HTMLElement): void {
  const source = place.querySelector<HTMLScriptElement>('script[type="application/json"]');
  const canvas = place.querySelector<HTMLElement>("[data-canvas]");
  if (!source?.textContent || !canvas) return;
  const spec = JSON.parse(source.textContent) as Options;
  let chart: EChartsType | undefined;
  const paint = (): void => {
    chart ??= init(canvas, undefined, { renderer: "svg" });
    chart.setOption(dressed(spec), true);
  };
  paint();
  new ResizeObserver(() => chart?.resize()).observe(canvas);
  document.addEventListener("expedit:theme", paint);
}
