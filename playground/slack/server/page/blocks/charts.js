// data_visualization blocks as SVG: bar, line, area and pie.

import { h, svg } from "../ui/dom.js";

const WIDTH = 520;
const HEIGHT = 240;
const PAD = { left: 52, right: 12, top: 12, bottom: 34 };

function slot(index) {
  return `series-${(index % 6) + 1}`;
}

function ticks(low, high) {
  const rough = (high - low) / 4 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].find((unit) => unit * power >= rough) * power;
  const marks = [];
  for (let value = Math.floor(low / step) * step; value < high + step * 0.999; value += step)
    marks.push(Number(value.toPrecision(10)));
  return marks;
}

function compact(value) {
  return new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 }).format(value);
}

function bars(series, categories, x, y) {
  const width = (x.step * 0.7) / series.length;
  return series.map((line, index) =>
    categories.map((label, column) => {
      const value = line.data?.find((point) => point.label === label)?.value ?? 0;
      const top = Math.min(y(value), y(0));
      return svg(
        "rect",
        {
          class: slot(index),
          x: x(column) - x.step * 0.35 + index * width,
          y: top,
          width: Math.max(width - 2, 1),
          height: Math.max(Math.abs(y(value) - y(0)), 1),
          rx: 2,
        },
        svg("title", {}, `${line.name ?? ""} ${label}: ${value}`),
      );
    }),
  );
}

function lines(series, categories, x, y, filled) {
  return series.map((line, index) => {
    const points = categories.map((label, column) => [
      x(column),
      y(line.data?.find((point) => point.label === label)?.value ?? 0),
    ]);
    const path = points.map((point) => point.join(",")).join(" L");
    return [
      filled
        ? svg("path", {
            class: `area ${slot(index)}`,
            d: `M${points[0]?.[0]},${y(0)} L${path} L${points.at(-1)?.[0]},${y(0)} Z`,
          })
        : null,
      svg("path", { class: `line ${slot(index)}`, d: `M${path}` }),
      points.map(([px, py], column) =>
        svg(
          "circle",
          { class: slot(index), cx: px, cy: py, r: 3 },
          svg("title", {}, `${line.name ?? ""} ${categories[column]}`),
        ),
      ),
    ];
  });
}

function cartesian(chart) {
  const series = chart.series ?? [];
  const categories = chart.axis_config?.categories ?? series[0]?.data?.map((point) => point.label) ?? [];
  const values = series.flatMap((line) => (line.data ?? []).map((point) => point.value));
  const marks = ticks(Math.min(0, ...values), Math.max(0, ...values));
  const [low, high] = [marks[0], marks.at(-1)];
  const step = (WIDTH - PAD.left - PAD.right) / Math.max(categories.length, 1);
  const x = Object.assign((column) => PAD.left + step * (column + 0.5), { step });
  const y = (value) => PAD.top + (HEIGHT - PAD.top - PAD.bottom) * (1 - (value - low) / (high - low || 1));
  const drawn =
    chart.type === "bar" ? bars(series, categories, x, y) : lines(series, categories, x, y, chart.type === "area");
  return [
    marks.map((mark) => [
      svg("line", { class: "grid", x1: PAD.left, x2: WIDTH - PAD.right, y1: y(mark), y2: y(mark) }),
      svg("text", { x: PAD.left - 8, y: y(mark) + 4, "text-anchor": "end" }, compact(mark)),
    ]),
    categories.map((label, column) => svg("text", { x: x(column), y: HEIGHT - 12, "text-anchor": "middle" }, label)),
    drawn,
  ];
}

function pie(segments) {
  const total = segments.reduce((sum, segment) => sum + segment.value, 0) || 1;
  const point = (turn) => [
    WIDTH / 2 + 100 * Math.sin(turn * 2 * Math.PI),
    HEIGHT / 2 - 100 * Math.cos(turn * 2 * Math.PI),
  ];
  let done = 0;
  return segments.map((segment, index) => {
    const from = done;
    done += segment.value / total;
    const label = svg("title", {}, `${segment.label}: ${segment.value}`);
    if (segment.value === total)
      return svg("circle", { class: slot(index), cx: WIDTH / 2, cy: HEIGHT / 2, r: 100 }, label);
    const arc = `M${WIDTH / 2},${HEIGHT / 2} L${point(from).join(",")} A100,100 0 ${done - from > 0.5 ? 1 : 0} 1 ${point(done).join(",")} Z`;
    return svg("path", { class: `slice ${slot(index)}`, d: arc }, label);
  });
}

/** A `data_visualization` block; the shape is in shared/reference/slack-wire.md, C.6. */
export function chartBlock(block) {
  const chart = block.chart ?? {};
  const round = chart.type === "pie";
  const names = round
    ? (chart.segments ?? []).map((segment) => segment.label)
    : (chart.series ?? []).map((series) => series.name);
  const label = `${chart.type ?? ""} chart: ${block.title ?? ""}`;
  return h(
    "figure.chart",
    { testid: "chart" },
    block.title ? h("figcaption", String(block.title.text ?? block.title)) : null,
    svg(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", aria: label },
      round ? pie(chart.segments ?? []) : cartesian(chart),
    ),
    h(
      "ul.legend",
      names.filter(Boolean).map((name, index) => h("li", { class: slot(index) }, name)),
    ),
  );
}
