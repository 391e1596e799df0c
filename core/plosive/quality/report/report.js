// The viewer and the plots. `uPlot` is above; `data` and `pictures` are what document.py wrote.
(() => {
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const pictures = JSON.parse(document.getElementById("pictures").textContent);
const byId = (id) => document.getElementById(id);
const make = (name, attributes = {}, ...children) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
};
const first = data.firstFrame;
const last = first + data.frameCount - 1;
const series = data.series;
const frames = Array.from({ length: data.frameCount }, (_, index) => first + index);
const kept = Object.keys(pictures.result).map(Number).sort((a, b) => a - b);
const MINUS = "\u2212";
const shown = (value) => (value == null ? "\u2013" : value.toFixed(2).replace("-", MINUS));

let index = Math.min(Math.max(data.start - first, 0), data.frameCount - 1);
let hovered = null;

// Phones: [symbol, start, end] on the time axis, in order.
const LIPS_MEET = new Set(["P", "B", "M"]);
const LIP_AT_TEETH = new Set(["F", "V"]);
const phoneAt = (frame) => data.phones.find(([, start, end]) => start <= frame && frame < end);

// ---- Pictures -------------------------------------------------------------------------------------------

const panes = byId("panes");
const viewer = byId("viewer");
const ZOOMS = [1, 2, 4];
let zoom = 1;
let view = "all";
let along = 0.5; // where the wipe stands, 0 = all result, 1 = all plate
let middle = [data.width / 2, data.height * 0.45]; // what panes too small for the picture look at: the mouth
let isLayingOut = false;
const panesByName = {};

function pane(name, caption, content) {
  const scroller = make("div", { class: "pane" }, content);
  const figure = make("figure", { id: `pane-${name}` }, make("figcaption", {}, caption), scroller);
  panesByName[name] = { figure, scroller };
  scroller.addEventListener("scroll", () => {
    if (isLayingOut || figure.hidden) return;
    middle = [
      (scroller.scrollLeft + scroller.clientWidth / 2) / zoom,
      (scroller.scrollTop + scroller.clientHeight / 2) / zoom,
    ];
    lookAtMiddle(scroller);
  }, { passive: true });
  panes.append(figure);
  return figure;
}

const picture = (id) => {
  const image = make("img", { id, alt: "", draggable: "false" });
  image.decoding = "sync"; // before and after change together
  return image;
};
const before = picture("before");
const after = picture("after");
const under = picture("wipe-before");
const over = picture("wipe-after");
const edge = make("div", { class: "edge" });
const slider = make("input", {
  id: "wipe", type: "range", min: "0", max: "100", step: "0.5", value: "50",
  "aria-label": "Wipe: plate on the left, result on the right",
});

function buildPanes() {
  if (kept.length === 0) {
    panes.append(make("p", { class: "quiet" }, "No picture could be kept."));
    return;
  }
  if (data.hasPlate) pane("before", "Plate", before);
  pane("after", "Result", after);
  if (data.hasPlate) {
    const stack = make("div", { class: "stack" }, under, over, edge);
    pane("wipe", "Wipe: plate | result", stack).append(slider);
    const drag = (event) => {
      const box = stack.getBoundingClientRect();
      setWipe((event.clientX - box.left) / box.width);
    };
    stack.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      stack.setPointerCapture(event.pointerId);
      drag(event);
    });
    stack.addEventListener("pointermove", (event) => {
      if (stack.hasPointerCapture(event.pointerId)) drag(event);
    });
    slider.addEventListener("input", () => setWipe(slider.valueAsNumber / 100));
  }
}

function setWipe(position) {
  along = Math.min(Math.max(position, 0), 1);
  slider.value = String(along * 100);
  slider.setAttribute("aria-valuetext", `${Math.round(along * 100)} % plate`);
  const x = Math.round(along * data.width) * zoom;
  over.style.clipPath = `inset(0 0 0 ${x}px)`;
  edge.style.left = `${x}px`;
  edge.hidden = x === 0 || x === data.width * zoom;
}

function lookAtMiddle(except = null) {
  for (const { scroller } of Object.values(panesByName)) {
    if (scroller === except) continue;
    const left = Math.round(middle[0] * zoom - scroller.clientWidth / 2);
    const top = Math.round(middle[1] * zoom - scroller.clientHeight / 2);
    if (Math.abs(scroller.scrollLeft - left) > 1) scroller.scrollLeft = left;
    if (Math.abs(scroller.scrollTop - top) > 1) scroller.scrollTop = top;
  }
}

const GAP = 12;
const VALUES_WIDTH = 200;
const VIEWS = { all: ["before", "after", "wipe"], pair: ["before", "after"], wipe: ["wipe"] };

function layOut() {
  isLayingOut = true;
  const names = data.hasPlate ? VIEWS[view] : ["after"];
  const room = viewer.clientWidth - VALUES_WIDTH - (names.length + 1) * GAP;
  const most = Math.max(120, Math.floor(room / names.length));
  const width = data.width * zoom;
  const height = data.height * zoom;
  const tallest = Math.floor(Math.max(200, window.innerHeight * (zoom === 1 ? 0.42 : 0.5)));
  panes.classList.toggle("whole", width <= most && height <= tallest);
  panes.classList.toggle("crisp", zoom > 1 || Number.isInteger(window.devicePixelRatio));
  for (const [name, { figure, scroller }] of Object.entries(panesByName)) {
    figure.hidden = !names.includes(name);
    figure.style.width = scroller.style.width = `${Math.min(width, most)}px`;
    scroller.style.height = `${Math.min(height, tallest)}px`;
    scroller.style.overflowX = width <= most ? "hidden" : "auto";
  }
  for (const image of [before, after, under, over]) {
    image.style.width = `${width}px`;
    image.style.height = `${height}px`;
  }
  under.parentElement?.style.setProperty("width", `${width}px`);
  setWipe(along);
  const stays = viewer.offsetHeight <= window.innerHeight * 0.72;
  viewer.classList.toggle("stays", stays);
  // What gets the focus must not come to lie under it.
  document.documentElement.style.scrollPaddingTop = stays ? `${viewer.offsetHeight + 8}px` : "";
  lookAtMiddle();
  requestAnimationFrame(() => { isLayingOut = false; }); // the scroll events of this come before then
}

function buttons(parent, names, current, choose) {
  const made = names.map(([value, label, title]) => {
    const button = make("button", { type: "button", title, "aria-pressed": String(value === current) }, label);
    button.addEventListener("click", () => {
      for (const other of made) other.setAttribute("aria-pressed", String(other === button));
      choose(value);
    });
    return button;
  });
  parent.append(...made);
}

const nearestKept = (wanted) => {
  let low = 0;
  let high = kept.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (kept[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  const later = kept[low];
  const earlier = low > 0 ? kept[low - 1] : later;
  return Math.abs(wanted - earlier) <= Math.abs(later - wanted) ? earlier : later;
};

function show(image, stored, name, at) {
  if (stored === undefined) {
    image.removeAttribute("src");
    image.alt = `no ${name} at frame ${first + at}`;
  } else {
    image.src = `data:image/jpeg;base64,${stored}`;
    image.alt = `${name}, frame ${first + at}`;
  }
}

// ---- The selected frame ---------------------------------------------------------------------------------

const NAMES = {
  aperture: "Opening", aperture_expected: "Opening expected", jaw: "Jaw", jaw_expected: "Jaw expected",
  width: "Width", width_expected: "Width expected", sharpness: "Sharpness", flicker: "Flicker",
  popping: "Popping", seam: "Edge",
};
const frameInput = byId("frame");
const plots = [];

function select(frame) {
  index = Math.min(Math.max(Math.round(frame) - first, 0), data.frameCount - 1);
  const number = first + index;
  frameInput.value = String(number);
  byId("when").textContent = data.when[index] ?? "";
  byId("earlier").disabled = index === 0;
  byId("later").disabled = index === data.frameCount - 1;
  if (kept.length > 0) {
    const at = nearestKept(index);
    show(before, pictures.plate[at], "plate", at);
    show(after, pictures.result[at], "result", at);
    show(under, pictures.plate[at], "plate", at);
    show(over, pictures.result[at], "result", at);
    viewer.dataset.picture = String(first + at);
    byId("nearest").textContent = at === index ? "" : `No picture of this frame is kept; shown is frame ${first + at}.`;
  }
  const phone = phoneAt(number);
  const rows = [["Phone", phone ? phone[0] : "silence"]];
  for (const [name, values] of Object.entries(series)) {
    if (name.endsWith("_expected")) continue;
    const expected = series[`${name}_expected`];
    rows.push([NAMES[name] ?? name, shown(values[index]), expected ? `expected ${shown(expected[index])}` : ""]);
  }
  byId("values").replaceChildren(...rows.flatMap(([name, value, beside = ""], row) => [
    make("dt", {}, name), make("dd", row === 0 ? { class: "said" } : {}, value), make("dd", { class: "quiet" }, beside),
  ]));
  for (const button of document.querySelectorAll("#moments button[data-frame]")) {
    if (Number(button.dataset.frame) === number) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
  for (const plot of plots) {
    const { min, max } = plot.chart.scales.x;
    if (min != null && (number < min || number > max)) {
      const start = Math.min(Math.max(number - (max - min) / 2, first - 0.5), last + 0.5 - (max - min));
      plot.chart.setScale("x", { min: start, max: start + (max - min) });
    } else {
      placeMarks(plot);
    }
  }
  tell();
}

// ---- Plots ----------------------------------------------------------------------------------------------

const AGAINST = data.hasPlate ? "ratio to the plate" : "ratio to this face's usual value";
const PLOTS = [
  {
    key: "aperture", title: "Mouth: measured against expected", unit: "0 closed, 1 wide open", height: 176,
    groups: [
      ["Opening", ["aperture", "#e3ad4d"], ["aperture_expected", "#7fb2e6"], true],
      ["Jaw", ["jaw", "#d98c7a"], ["jaw_expected", "#d98c7a"], false],
      ["Width", ["width", "#86c08a"], ["width_expected", "#86c08a"], false],
    ],
  },
  { key: "sharpness", title: "Sharpness", unit: AGAINST, height: 116, line: 1, groups: [["Sharpness", ["sharpness", "#e3ad4d"]]] },
  {
    key: "stability", title: "Flicker and popping", unit: AGAINST, height: 116, line: 1,
    groups: [["Flicker", ["flicker", "#e3ad4d"]], ["Popping", ["popping", "#7fb2e6"]]],
  },
  { key: "seam", title: "Edge of the change", unit: "steepness against the plate's", height: 116, line: 1, groups: [["Edge", ["seam", "#e3ad4d"]]] },
];
const FLAG = "rgba(214, 92, 72, 0.24)";
const INK = "#a8a8a8";
const GRID = { stroke: "#2e2e2e", width: 1 };
const Y_AXIS_WIDTH = 46;
const RIGHT = 12;
const PHONES_HEIGHT = 26;
const FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const whole = [first - 0.5, last + 0.5];

function drawFlags(chart, key) {
  const { ctx, bbox } = chart;
  const tick = 3 * uPlot.pxRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.beginPath(); // one path, so that ranges that overlap are not twice as strong
  for (const [from, to, place] of data.flags) {
    if (place !== key && place !== "") continue;
    const left = chart.valToPos(from - 0.5, "x", true);
    const width = Math.max(chart.valToPos(to + 0.5, "x", true) - left, 1);
    ctx.rect(left, bbox.top, width, place === key ? bbox.height : tick); // a line above: no plot's own
  }
  ctx.fillStyle = FLAG;
  ctx.fill();
  ctx.restore();
}

function drawLevel(chart, level) {
  if (level === undefined) return;
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.lineWidth = uPlot.pxRatio;
  const y = Math.round(chart.valToPos(level, "y", true)) + 0.5;
  ctx.strokeStyle = "#7a7a7a";
  ctx.setLineDash([2 * uPlot.pxRatio, 3 * uPlot.pxRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}

// The selected frame is marked by elements over the plots: long curves take too long to draw anew for it.
function placeMarks({ chart, marks }) {
  const x = Math.round(chart.valToPos(first + index, "x"));
  for (const [mark, offset] of marks) {
    mark.style.left = `${x + (offset ? chart.over.offsetLeft : 0)}px`;
    mark.hidden = !(x >= 0 && x <= chart.over.offsetWidth);
  }
}

function drawPhones(plot) {
  const { canvas, chart } = plot;
  if (!canvas) return;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(chart.width * ratio);
  canvas.height = Math.round(PHONES_HEIGHT * ratio);
  canvas.style.width = `${chart.width}px`;
  canvas.style.height = `${PHONES_HEIGHT}px`;
  const ctx = canvas.getContext("2d");
  ctx.scale(ratio, ratio);
  const offset = chart.over.offsetLeft;
  const { min, max } = chart.scales.x;
  if (min == null) return;
  const width = chart.over.offsetWidth;
  const toX = (frame) => offset + ((frame - min) / (max - min)) * width;
  ctx.font = FONT;
  ctx.textBaseline = "middle";
  ctx.fillStyle = INK;
  ctx.textAlign = "right";
  ctx.fillText("phones", offset - 6, PHONES_HEIGHT / 2);
  ctx.textAlign = "center";
  ctx.beginPath();
  ctx.rect(offset, 0, width, PHONES_HEIGHT);
  ctx.clip();
  for (const [symbol, start, end] of data.phones) {
    if (end < min || start > max) continue;
    const left = toX(start);
    const wide = toX(end) - left;
    const inner = Math.max(wide - 1, 0.5);
    let ink = "#c0c0c0";
    if (LIPS_MEET.has(symbol)) {
      ctx.fillStyle = "#dcdcdc"; // filled and full height: the sounds on which lips must meet
      ctx.fillRect(left, 2, inner, PHONES_HEIGHT - 4);
      ink = "#111";
    } else if (LIP_AT_TEETH.has(symbol)) {
      ctx.fillStyle = "#303030";
      ctx.fillRect(left, 5, inner, PHONES_HEIGHT - 10);
      ctx.fillStyle = "#dcdcdc"; // a bar below: the lip at the teeth
      ctx.fillRect(left, PHONES_HEIGHT - 5, inner, 3);
    } else {
      ctx.fillStyle = "#303030";
      ctx.fillRect(left, 5, inner, PHONES_HEIGHT - 10);
    }
    const label = symbol.length > 3 ? symbol.slice(0, 3) : symbol;
    if (wide >= ctx.measureText(label).width + 4) {
      ctx.fillStyle = ink;
      ctx.fillText(label, left + inner / 2, PHONES_HEIGHT / 2 + 0.5);
    }
  }
}

function onClick(element, toFrame) {
  let from = null;
  element.addEventListener("mousedown", (event) => { from = event.clientX; });
  element.addEventListener("click", (event) => {
    if (event.button !== 0 || (from !== null && Math.abs(event.clientX - from) > 3)) return; // that was a drag
    select(toFrame(event.clientX - element.getBoundingClientRect().left));
  });
}

function key(colour, dashed, label) {
  const swatch = make("span", { class: dashed ? "swatch dashed" : "swatch", "aria-hidden": "true" });
  swatch.style.borderColor = colour;
  return [swatch, label];
}

// Values without a neighbour: no line would show them.
const alone = (values) => frames.map((_, at) => at).filter(
  (at) => values[at] != null && values[at - 1] == null && values[at + 1] == null,
);

function buildPlot(layout) {
  const groups = layout.groups
    .map(([name, ...rest]) => ({
      name,
      isOptional: typeof rest.at(-1) === "boolean" && !rest.at(-1),
      lines: rest.filter((line) => Array.isArray(line) && series[line[0]]),
    }))
    .filter((group) => group.lines.length > 0);
  if (groups.length === 0) return;
  const caption = make("figcaption", {}, make("b", {}, layout.title), make("span", { class: "quiet" }, layout.unit));
  const figure = make("figure", { class: "plot", id: `plot-${layout.key}` }, caption);
  const holder = make("div");
  figure.append(holder);
  byId("plots").append(figure);
  const lines = [];
  const curves = [];
  const plot = { figure, outputs: [], canvas: null, chart: null, marks: [] };
  for (const group of groups) {
    const numbers = [];
    for (const [name, colour] of group.lines) {
      const isExpected = name.endsWith("_expected");
      const lonely = alone(series[name]);
      lines.push({
        label: NAMES[name], stroke: colour, width: isExpected ? 1.25 : 1.5, dash: isExpected ? [5, 4] : undefined,
        show: !group.isOptional,
        points: { size: 4, space: 24, filter: (_, __, areAllShown) => (areAllShown ? null : lonely) },
      });
      curves.push(series[name]);
      numbers.push(lines.length);
      const output = make("output");
      plot.outputs.push([output, series[name]]);
      const parts = [...key(colour, isExpected, isExpected ? "expected" : NAMES[name]), output];
      if (!group.isOptional) {
        caption.append(make("span", { class: "key" }, ...parts));
      } else if (numbers.length === 1) {
        group.button = make("button", { type: "button", class: "key", "aria-pressed": "false" }, ...parts);
        caption.append(group.button);
      } else {
        group.button.append(...parts);
      }
    }
    group.button?.addEventListener("click", () => {
      const isShown = group.button.getAttribute("aria-pressed") !== "true";
      group.button.setAttribute("aria-pressed", String(isShown));
      for (const number of numbers) plot.chart.setSeries(number, { show: isShown });
    });
  }
  if (data.flags.some(([, , place]) => place === layout.key)) {
    const swatch = make("span", { class: "swatch band", "aria-hidden": "true" });
    swatch.style.background = FLAG;
    caption.append(make("span", { class: "key quiet" }, swatch, "flagged"));
  }
  plot.pointer = make("span", { class: "pointer" });
  caption.append(plot.pointer);
  plot.chart = new uPlot({
    width: Math.max(320, byId("plots").clientWidth),
    height: layout.height,
    padding: [6, RIGHT, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      sync: { key: "frames", setSeries: false },
      drag: { x: true, y: false, setScale: true, dist: 4 },
      points: { size: 5 },
    },
    scales: {
      x: { time: false, range: (_, low, high) => (low <= first && high >= last ? whole : [low, high]) },
      y: {
        range: (_, low, high) => [
          Math.min(0, low ?? 0), Math.max(layout.line === undefined ? 1.05 : 1.25, (high ?? 1) * 1.05),
        ],
      },
    },
    axes: [
      {
        stroke: INK, font: FONT, grid: GRID, ticks: { show: false }, size: 20, gap: 4, space: 70,
        incrs: [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000],
        values: (_, splits) => splits.map((value) => (Number.isInteger(value) ? String(value) : "")),
      },
      { stroke: INK, font: FONT, grid: GRID, ticks: { show: false }, size: Y_AXIS_WIDTH, gap: 6, space: 30 },
    ],
    series: [{}, ...lines],
    hooks: {
      drawClear: [(chart) => drawFlags(chart, layout.key)],
      draw: [(chart) => { drawLevel(chart, layout.line); drawPhones(plot); placeMarks(plot); }],
      setCursor: [(chart) => { hovered = chart.cursor.left >= 0 ? chart.cursor.idx : null; tell(); }],
      setScale: [(chart, scale) => { if (scale === "x") zoomOthers(chart); }],
    },
  }, [frames, ...curves], holder);
  const mark = make("div", { class: "mark-now" });
  plot.chart.over.append(mark);
  plot.marks.push([mark, false]);
  onClick(plot.chart.over, (left) => first + plot.chart.posToIdx(left));
  if (plots.length === 0 && data.phones.length > 0) {
    plot.canvas = make("canvas", { class: "phones", role: "img", "aria-label": "Phones of the dub along the frames" });
    const phonesMark = make("div", { class: "mark-now" });
    figure.append(make("div", { class: "phones-row" }, plot.canvas, phonesMark));
    plot.marks.push([phonesMark, true]);
    onClick(plot.canvas, (left) => plot.chart.posToVal(left - plot.chart.over.offsetLeft, "x"));
  }
  plots.push(plot);
}

function zoomOthers(chart) {
  const { min, max } = chart.scales.x;
  if (min == null) return;
  for (const { chart: other } of plots) {
    const scale = other.scales.x;
    if (other !== chart && (Math.abs(scale.min - min) > 1e-9 || Math.abs(scale.max - max) > 1e-9)) {
      other.setScale("x", { min, max });
    }
  }
}

// Values beside the names of the curves: of the frame under the pointer, else of the selected one.
function tell() {
  const at = hovered ?? index;
  for (const { outputs, pointer } of plots) {
    for (const [output, values] of outputs) output.textContent = shown(values[at]);
    pointer.textContent = "";
  }
  if (hovered !== null && plots.length > 0) {
    const phone = phoneAt(first + hovered);
    plots[0].pointer.textContent = `${first + hovered}   ${data.when[hovered] ?? ""}   ${phone ? phone[0] : "silence"}`;
  }
}

// ---- Start ----------------------------------------------------------------------------------------------

buildPanes();
const roomFor = viewer.clientWidth - VALUES_WIDTH - 4 * GAP;
if (0.9 * 3 * data.width > roomFor) view = "pair";
if (data.hasPlate) {
  buttons(byId("views"), [
    ["all", "All", "Plate, result and wipe"], ["pair", "Plate and result", "Side by side"], ["wipe", "Wipe", "One over the other"],
  ], view, (value) => { view = value; layOut(); });
}
buttons(byId("zooms"), ZOOMS.map((value) => [value, `${value}:1`, `${value} screen pixels a picture pixel`]), 1, (value) => { zoom = value; layOut(); });
layOut();
PLOTS.forEach(buildPlot);
if (plots.length === 0) byId("plots").append(make("p", { class: "quiet" }, "No curve could be measured."));

frameInput.min = String(first);
frameInput.max = String(last);
frameInput.addEventListener("change", () => { if (frameInput.value !== "") select(frameInput.valueAsNumber); });
byId("earlier").addEventListener("click", () => select(first + index - 1));
byId("later").addEventListener("click", () => select(first + index + 1));
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest?.("input, .scroll")) return;
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  select(first + index + step * (event.shiftKey ? 10 : 1));
});
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button[data-frame]");
  if (!button) return;
  select(Number(button.dataset.frame));
  if (!viewer.classList.contains("stays")) viewer.scrollIntoView({ block: "nearest" });
});
new ResizeObserver(() => {
  layOut();
  const width = Math.max(320, byId("plots").clientWidth);
  for (const { chart } of plots) if (chart.width !== width) chart.setSize({ width, height: chart.height });
}).observe(byId("plots"));
select(first + index);
})();
