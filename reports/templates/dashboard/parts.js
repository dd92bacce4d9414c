// Data, elements and charts. These files are one script, put together by pages/dashboard.

if (!("DecompressionStream" in window)) {
  document.getElementById("old").hidden = false;
  return;
}

// The data are deflated and written in base64; nothing is loaded to read them.
async function inflated(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).text();
}

const data = JSON.parse(await inflated(document.getElementById("data").textContent));
const byId = new Map(data.committees.map((committee) => [committee.id, committee]));
const ranked = data.committees.filter((committee) => committee.complete);
const waves = [{ ...data.wave, committees: data.committees }, ...data.earlier];
const phone = window.matchMedia("(max-width: 760px)");
const find = (id) => document.getElementById(id);
const title = document.title;

// --- elements: texts are only ever set as text ---------------------------------------------

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

const changed = (found) =>
  make("span", { class: { "▲": "better", "▼": "worse" }[found.mark] }, found.mark + found.verdict);

function options(select, first, values) {
  select.replaceChildren(make("option", { value: "" }, first));
  for (const [value, text] of values) {
    select.append(make("option", { value }, text));
  }
}

// --- charts --------------------------------------------------------------------------------

// A column that ends in # holds numbers of texts, one of geometries numbers of shapes.
function unpacked(tables) {
  return tables.flatMap(({ columns, rows }) => {
    const kinds = columns.map((column) =>
      column.endsWith("#")
        ? [column.slice(0, -1), data.texts]
        : [column, column === "geometry" ? data.shapes : null],
    );
    return rows.map((values) =>
      Object.fromEntries(kinds.map(([name, known], at) => [name, known ? known[values[at]] : values[at]])),
    );
  });
}

const drawn = new Map();

async function draw(figure, chart, onPick = null) {
  const part = phone.matches ? chart.narrow : chart.wide;
  const spec = structuredCloneOf(data.layouts[part.layout]);
  spec.datasets = { ...spec.datasets, rows: unpacked(part.rows ?? chart.wide.rows) };
  figure.setAttribute("role", "img");
  figure.setAttribute("aria-label", chart.words);
  const turn = Symbol("turn");
  drawn.get(figure)?.result?.finalize();
  drawn.set(figure, { turn, chart, onPick });
  const place = make("div");
  const result = await window.vegaEmbed(place, spec, {
    renderer: "svg",
    actions: false,
    tooltip: false,
    hover: false,
    ast: true,
    defaultStyle: false,
  });
  if (drawn.get(figure)?.turn !== turn) {
    result.finalize();
    return;
  }
  drawn.set(figure, { turn, chart, onPick, result });
  if (onPick) {
    result.view.addEventListener("click", (_, item) => {
      const id = item?.datum?.id;
      if (byId.has(id)) {
        onPick(id);
      }
    });
  }
  figure.replaceChildren(place);
  figure.dataset.drawn = String(Number(figure.dataset.drawn ?? 0) + 1);
}

const structuredCloneOf = (value) => JSON.parse(JSON.stringify(value));

function chartOf(chart, name) {
  const figure = make("figure", { class: "chart" });
  draw(figure, chart);
  return [figure, pictureButton(() => drawn.get(figure)?.result?.view, name)];
}

function redraw() {
  for (const [figure, { chart, onPick, result }] of [...drawn]) {
    if (figure.isConnected) {
      draw(figure, chart, onPick);
    } else {
      result?.finalize();
      drawn.delete(figure);
    }
  }
}

function forgetOldCharts() {
  for (const [figure, { result }] of [...drawn]) {
    if (!figure.isConnected) {
      result?.finalize();
      drawn.delete(figure);
    }
  }
}
