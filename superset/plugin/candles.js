// The candlestick chart: what Superset's own charts can't draw. Plain JavaScript; the
// libraries are those that Superset puts on `window` for plugins.

const React = window["__superset__/react"];
const { ChartMetadata, ChartPlugin, buildQueryContext } =
  window["__superset__/@superset-ui/core"];
const LWC = window.LightweightCharts;
const h = React.createElement;

const UP = "#16a34a";
const DOWN = "#dc2626";
const LINES = ["#d97706", "#6366f1", "#0284c7", "#9333ea", "#0d9488", "#db2777"];
const lineColor = (n) => LINES[n % LINES.length];
const THUMBNAIL =
  "data:image/svg+xml," +
  encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 40"><g stroke-width="2"><path d="M15 6v28M45 4v26" stroke="${UP}"/><path d="M30 10v26" stroke="${DOWN}"/></g><path d="M10 12h10v16h-10zM40 8h10v14h-10z" fill="${UP}"/><path d="M25 16h10v14h-10z" fill="${DOWN}"/></svg>`,
  );

// What part of which symbol was last looked at, by chart: Superset makes a chart anew
// when it refreshes, and nobody wants to zoom in again every ten seconds.
const lookedAt = new Map();

const day = (value) => new Date(value).toISOString().slice(0, 10);
const number = (value, digits = 2) =>
  value == null
    ? "–"
    : value.toLocaleString("en-US", {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      });
const isDark = (color) => {
  const [r, g, b] = (color.match(/[\da-f]{2}/gi) || ["ff", "ff", "ff"]).map((x) =>
    parseInt(x, 16),
  );
  return 0.3 * r + 0.59 * g + 0.11 * b < 128;
};

// Data -------------------------------------------------------------------------------

function buildQuery(formData) {
  const { session, open, high, low, close, volume, markers } = formData;
  const lines = [...(formData.columns || []), ...(formData.all_columns || [])];
  const columns = ["symbol", session, open, high, low, close, volume, markers, ...lines];
  return buildQueryContext(formData, (base) => {
    const query = {
      ...base,
      columns: [...new Set(columns.filter(Boolean))],
      // The newest bars, where there are more than the limit.
      orderby: [[session, false]],
    };
    delete query.metrics; // rows as they are, not grouped
    return [query];
  });
}

function transformProps(chartProps) {
  const { queriesData, hooks, filterState, theme } = chartProps;
  const said = chartProps.rawFormData;
  const rows = [...(queriesData[0].data || [])].reverse();
  // With several symbols in the data there is no one chart of them: the first's.
  const symbol = rows.length ? rows.map((row) => row.symbol).sort()[0] : "";
  return {
    width: chartProps.width,
    height: chartProps.height,
    chartId: said.slice_id || 0,
    symbol,
    rows: rows.filter((row) => row.symbol === symbol),
    columns: said,
    labels: chartProps.rawDatasource?.verbose_map || {},
    barsShown: Number(said.bars_shown) || 180,
    setDataMask: (hooks && hooks.setDataMask) || (() => {}),
    canFilter: chartProps.emitCrossFilters !== false,
    filtered: (filterState && filterState.value) || [],
    theme,
  };
}

function readMarkers(rows, columns) {
  const found = new Map();
  for (const row of rows) {
    const signals = JSON.parse(row[columns.markers] || "[]");
    if (signals.length) found.set(day(row[columns.session]), signals);
  }
  return found;
}

// Drawing ----------------------------------------------------------------------------

function colors(theme) {
  const background = theme.colorBgContainer || "#ffffff";
  return {
    background,
    text: theme.colorText || "#1f2937",
    faint: theme.colorTextSecondary || "#6b7280",
    grid: isDark(background) ? "#ffffff14" : "#0000000f",
    border: theme.colorBorderSecondary || "#e5e7eb",
    box: theme.colorBgElevated || background,
  };
}

function draw(box, props, onHover, onClick) {
  const { rows, columns, theme } = props;
  const color = colors(theme);
  const chart = LWC.createChart(box, {
    autoSize: true,
    layout: {
      background: { color: "transparent" },
      textColor: color.faint,
      fontFamily: theme.fontFamily,
      attributionLogo: true,
      panes: { separatorColor: color.grid, separatorHoverColor: color.border },
    },
    grid: { vertLines: { color: color.grid }, horzLines: { color: color.grid } },
    crosshair: { mode: LWC.CrosshairMode.Normal },
    rightPriceScale: { borderColor: color.border, scaleMargins: { top: 0.12, bottom: 0.24 } },
    timeScale: { borderColor: color.border, rightOffset: 4 },
  });
  const candles = chart.addSeries(LWC.CandlestickSeries, {
    ...{ upColor: UP, wickUpColor: UP, downColor: DOWN, wickDownColor: DOWN },
    borderVisible: false,
  });
  candles.setData(
    rows.map((row) => ({
      time: day(row[columns.session]),
      open: row[columns.open],
      high: row[columns.high],
      low: row[columns.low],
      close: row[columns.close],
    })),
  );
  drawVolume(chart, rows, columns);
  const above = columns.columns || [];
  above.forEach((name, n) => drawLine(chart, rows, columns, name, lineColor(n), 0));
  const below = columns.all_columns || [];
  const panes = paneNames(below);
  below.forEach((name, n) => {
    const pane = 1 + panes.indexOf(paneName(name));
    drawLine(chart, rows, columns, name, lineColor(above.length + n), pane);
  });
  chart.panes().forEach((pane, n) => pane.setStretchFactor(n ? 1 : 4));
  drawMarkers(candles, readMarkers(rows, columns));
  chart.subscribeCrosshairMove((at) => onHover(at.time && at.point ? at : null));
  chart.subscribeClick((at) => onClick(at.time));
  return chart;
}

function drawLine(chart, rows, columns, name, color, pane) {
  const options = { priceLineVisible: false, crosshairMarkerVisible: false };
  const line = chart.addSeries(
    LWC.LineSeries,
    { color, lineWidth: 1.5, lastValueVisible: pane > 0, ...options },
    pane,
  );
  // A bar without a value keeps its place.
  line.setData(
    rows.map((row) => {
      const time = day(row[columns.session]);
      return row[name] == null ? { time } : { time, value: row[name] };
    }),
  );
}

// Columns that begin with the same word, such as macd and macd_signal, share a pane.
const paneName = (column) => column.split("_")[0];
const paneNames = (columns) => [...new Set(columns.map(paneName))];

function drawVolume(chart, rows, columns) {
  const bars = chart.addSeries(LWC.HistogramSeries, {
    priceScaleId: "volume",
    priceFormat: { type: "volume" },
    ...{ priceLineVisible: false, lastValueVisible: false },
  });
  bars.priceScale().applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
  bars.setData(
    rows.map((row) => ({
      time: day(row[columns.session]),
      value: row[columns.volume],
      color: (row[columns.close] >= row[columns.open] ? UP : DOWN) + "66",
    })),
  );
}

function drawMarkers(candles, markers) {
  const drawn = [];
  for (const [time, signals] of markers) {
    for (const side of ["buy", "sell"]) {
      const count = signals.filter((signal) => signal.side === side).length;
      if (count)
        drawn.push({
          time,
          position: side === "buy" ? "belowBar" : "aboveBar",
          shape: side === "buy" ? "arrowUp" : "arrowDown",
          color: side === "buy" ? UP : DOWN,
          text: count > 1 ? String(count) : "",
        });
    }
  }
  LWC.createSeriesMarkers(candles, drawn);
}

// The zoom of the same symbol is kept; a new one begins with its newest bars.
function zoom(chart, box, { chartId, symbol, rows, barsShown }) {
  const scale = chart.timeScale();
  const kept = lookedAt.get(chartId);
  const range =
    kept && kept.symbol === symbol
      ? { from: rows.length - kept.fromEnd, to: rows.length - kept.toEnd }
      : { from: rows.length - barsShown, to: rows.length + 4 };
  scale.subscribeVisibleLogicalRangeChange((now) => {
    if (!now) return;
    box.dataset.visible = `${Math.round(now.from)} ${Math.round(now.to)}`;
    lookedAt.set(chartId, {
      symbol,
      fromEnd: rows.length - now.from,
      toEnd: rows.length - now.to,
    });
  });
  scale.setVisibleLogicalRange(range);
}

// The chart with its legend and explanations -------------------------------------------

function Candles(props) {
  const { width, height, rows, columns, labels, symbol, theme } = props;
  const box = React.useRef(null);
  const [hover, setHover] = React.useState(null);
  const markers = React.useMemo(() => readMarkers(rows, columns), [rows]);
  const byDay = React.useMemo(
    () => new Map(rows.map((row) => [day(row[columns.session]), row])),
    [rows],
  );
  const latest = React.useRef(props);
  latest.current = props;

  React.useEffect(() => {
    if (!rows.length) return undefined;
    const chart = draw(box.current, props, setHover, (time) =>
      filterBy(latest.current, markers.get(time)),
    );
    zoom(chart, box.current, props);
    return () => chart.remove();
  }, [rows, theme]);

  if (!rows.length)
    return h("div", { style: { padding: 16 } }, "No bars: choose another symbol or time.");
  const shown = (hover && byDay.get(hover.time)) || rows[rows.length - 1];
  return h(
    "div",
    {
      className: "desk-candles",
      "data-symbol": symbol,
      "data-bars": rows.length,
      "data-markers": markers.size,
      style: { position: "relative", width, height, overflow: "hidden" },
    },
    h("div", { ref: box, style: { width, height } }),
    h(Legend, { symbol, row: shown, columns, labels, filtered: props.filtered, theme }),
    hover && markers.has(hover.time)
      ? h(Why, { signals: markers.get(hover.time), at: hover, width, height, theme })
      : null,
  );
}

function Legend({ symbol, row, columns, labels, filtered, theme }) {
  const color = colors(theme);
  const change = row[columns.close] >= row[columns.open] ? UP : DOWN;
  const figure = (label, value, style = {}) =>
    h("span", { key: label, style: { marginRight: 10, ...style } }, `${label} ${value}`);
  return h(
    "div",
    {
      className: "desk-legend",
      style: {
        ...{ position: "absolute", left: 8, top: 4, right: 70, zIndex: 3 },
        ...{ pointerEvents: "none", color: color.text, fontSize: 12, lineHeight: "18px" },
        fontVariantNumeric: "tabular-nums",
      },
    },
    h("b", { style: { marginRight: 10 } }, `${symbol}  ${day(row[columns.session])}`),
    h(
      "span",
      { style: { color: change } },
      figure("O", number(row[columns.open])),
      figure("H", number(row[columns.high])),
      figure("L", number(row[columns.low])),
      figure("C", number(row[columns.close])),
    ),
    figure("Vol", number(row[columns.volume] / 1e6, 1) + "M", { color: color.faint }),
    [...(columns.columns || []), ...(columns.all_columns || [])].map((name, n) =>
      figure(labels[name] || name, number(row[name]), { color: lineColor(n) }),
    ),
    filtered.length ? figure("Filter:", filtered.join(", "), { color: color.faint }) : null,
  );
}

function Why({ signals, at, width, height, theme }) {
  const color = colors(theme);
  const left = at.point.x > width / 2 ? at.point.x - 330 : at.point.x + 16;
  return h(
    "div",
    {
      className: "desk-why",
      style: {
        ...{ position: "absolute", zIndex: 4, width: 310, left: Math.max(4, left) },
        top: Math.min(at.point.y, Math.max(30, height - 60 - 62 * signals.length)),
        ...{ pointerEvents: "none", background: color.box, color: color.text },
        ...{ border: `1px solid ${color.border}`, borderRadius: 6, padding: "6px 10px" },
        ...{ fontSize: 12, lineHeight: "16px", boxShadow: "0 4px 12px #0003" },
      },
    },
    signals.map(({ side, strategy, why }) =>
      h(
        "div",
        { key: strategy + side, style: { margin: "3px 0" } },
        h(
          "b",
          { style: { color: side === "buy" ? UP : DOWN } },
          `${side === "buy" ? "Buy" : "Sell"} · ${strategy}`,
        ),
        h("div", null, why),
      ),
    ),
  );
}

// A click on a bar with signals narrows the other charts to their strategies; a click
// elsewhere lets go. Filters the other way round arrive with the query.
function filterBy({ setDataMask, canFilter, filtered }, signals) {
  if (!canFilter) return;
  const chosen = [...new Set((signals || []).map((signal) => signal.strategy))];
  const isSame = chosen.join() === filtered.join();
  const value = isSame ? [] : chosen;
  if (!value.length && !filtered.length) return;
  setDataMask({
    extraFormData: value.length
      ? { filters: [{ col: "strategy", op: "IN", val: value }] }
      : {},
    filterState: { value: value.length ? value : null, label: value.join(", ") },
  });
}

// Explore ----------------------------------------------------------------------------

// The lines' controls have Superset's own names: only columns found under those come
// with their labels.
const columnChoices = ({ datasource }) => ({
  choices: ((datasource && datasource.columns) || []).map((column) => [
    column.column_name,
    column.verbose_name || column.column_name,
  ]),
});
const column = (name, label, description, more = {}) => [
  {
    name,
    config: {
      type: "SelectControl",
      ...{ label, description, default: name, clearable: false, renderTrigger: false },
      mapStateToProps: columnChoices,
      ...more,
    },
  },
];
const controlPanel = {
  controlPanelSections: [
    {
      label: "Candles",
      expanded: true,
      controlSetRows: [
        column("session", "Session", "Date of the bar", { default: "session_date" }),
        column("open", "Open", "First price"),
        column("high", "High", "Highest price"),
        column("low", "Low", "Lowest price"),
        column("close", "Close", "Last price"),
        column("volume", "Volume", "Shares traded"),
        column("columns", "Lines", "Drawn over the candles, such as moving averages", {
          ...{ default: [], multi: true, clearable: true },
        }),
        column("all_columns", "Lines below", "In panes of their own, such as RSI", {
          ...{ default: [], multi: true, clearable: true },
        }),
        column("markers", "Signals", "JSON list of side, strategy and why", {
          clearable: true,
        }),
        [
          {
            name: "bars_shown",
            config: {
              type: "TextControl",
              ...{ label: "Bars at first", default: 180, isInt: true, renderTrigger: true },
              description: "How many bars are shown before anyone zooms",
            },
          },
        ],
        ["adhoc_filters"],
        ["row_limit"],
      ],
    },
  ],
};

class CandlesPlugin extends ChartPlugin {
  constructor() {
    super({
      metadata: new ChartMetadata({
        name: "Candles",
        description: "Bars of a symbol with volume, averages and explained signals",
        category: "Evolution",
        tags: ["Time", "Trading"],
        thumbnail: THUMBNAIL,
        behaviors: ["INTERACTIVE_CHART"],
        credits: ["https://www.tradingview.com/"],
      }),
      ...{ buildQuery, transformProps, controlPanel, Chart: Candles },
    });
  }
}

new CandlesPlugin().configure({ key: "desk_candles" }).register();
