// --- overview: map -------------------------------------------------------------------------

const open = (id) => {
  location.hash = address(id);
};

function showMap(chosen) {
  draw(find("map"), chosen, open);
}

function buildMap() {
  if (!data.maps.length) {
    find("map-box").hidden = true;
    find("map-box").parentElement.classList.add("single");
    return;
  }
  find("map-choices").append(
    ...data.maps.map((map, at) => {
      const input = make("input", {
        type: "radio", name: "map", value: map.code, checked: at === 0,
      });
      input.addEventListener("change", () => showMap(map));
      return make("label", {}, input, make("span", {}, map.name));
    }),
  );
  showMap(data.maps[0]);
}

// --- overview: league table ----------------------------------------------------------------

const collator = new Intl.Collator("zh-CN", { numeric: true });
const gradeAt = (committee) => data.grades.indexOf(committee.grade);
const orders = {
  rank: { text: "名次", compare: (a, b) => a.rank - b.rank },
  name: { text: data.word, compare: (a, b) => collator.compare(a.name, b.name) },
  score: { text: "得分", compare: (a, b) => b.rank - a.rank, downFirst: true },
  grade: {
    text: "等第",
    compare: (a, b) => gradeAt(a) - gradeAt(b) || a.rank - b.rank,
  },
  change: {
    text: "相对变化",
    compare: (a, b) => (a.change?.value ?? -Infinity) - (b.change?.value ?? -Infinity) || 0,
    downFirst: true,
  },
};
const columns = [
  ["rank", "rank", "名次"],
  [null, "set", `${data.confidence} 名次区间`],
  ["name", "text", data.word],
  ["score", "score", "得分"],
  [null, "bar", `${data.confidence} 得分区间`],
  ["grade", "grade text", "等第与可能性"],
  ["change", "change text", `相对${data.street_word}的变化`],
];
const sorting = { by: "rank", down: false };

const plain = (text) => text.normalize("NFKC").toLowerCase().replace(/\s+/g, "");

function matches(committee) {
  const wanted = plain(find("search").value);
  const texts = [committee.name, committee.id, ...committee.aliases].map(plain);
  const grade = find("by-grade").value;
  return (
    (!wanted || texts.some((text) => text.includes(wanted))) &&
    (!find("by-zone").value || committee.zone === find("by-zone").value) &&
    (!find("by-housing").value || committee.housing === find("by-housing").value) &&
    (!grade || (grade === "-" ? !committee.complete : committee.grade === grade))
  );
}

function listed() {
  const { compare } = orders[sorting.by];
  const shown = ranked.filter(matches).sort((a, b) => (sorting.down ? compare(b, a) : compare(a, b)));
  return [...shown, ...data.committees.filter((c) => !c.complete && matches(c))];
}

const onAxis = (value) =>
  `${(100 * Math.min(Math.max((value - data.axis.low) / (data.axis.high - data.axis.low), 0), 1)).toFixed(2)}%`;

function mark(kind, from, to = null) {
  const element = make("i", { class: kind });
  element.style.left = onAxis(from);
  if (to !== null) {
    element.style.right = `calc(100% - ${onAxis(to)})`;
  }
  return element;
}

function bar(committee) {
  return make(
    "span",
    { class: "interval", "aria-hidden": "true" },
    data.axis.cutoffs.map((cut) => mark("cut", cut.at)),
    mark("mean", data.axis.mean),
    mark("reach", committee.low, committee.high),
    mark("at", committee.score),
  );
}

function scale() {
  return make(
    "span",
    { class: "scale", "aria-hidden": "true", title: `虚线为等第线，实线为${data.street_word}平均` },
    data.axis.cutoffs.map((cut) => {
      const label = make("b", {}, cut.name);
      label.style.left = onAxis(cut.at);
      return label;
    }),
  );
}

const about = (committee) => [committee.zone, committee.housing].filter(Boolean).join(" · ");

function nameCell(committee) {
  const link = make("a", { class: "open", href: address(committee.id), tabindex: "-1" }, committee.name);
  return make("th", { scope: "row" }, link, make("span", { class: "sub" }, about(committee)));
}

const cell = (kind, ...children) => make("td", { class: kind }, ...children);
const sub = (text) => make("span", { class: "sub" }, text);

function changeCell(committee) {
  const found = committee.change;
  return found
    ? cell("change text", changed(found), sub(found.text))
    : cell("change text", "不作比较");
}

function row(committee) {
  const line = make("tr", { "data-id": committee.id });
  if (committee.complete) {
    line.append(
      cell("rank", committee.rank_text),
      cell("set keep", committee.set_text),
      nameCell(committee),
      cell("score", committee.score_text, sub(committee.interval_text)),
      cell("bar", bar(committee)),
      cell("grade text", committee.grade, sub(`可能性 ${committee.chance}`)),
      changeCell(committee),
    );
  } else {
    line.classList.add("incomplete");
    const tag = make("span", { class: "tag" }, committee.tag);
    line.append(
      cell("rank", "—"),
      cell("set", "不排名"),
      nameCell(committee),
      cell("score", tag),
      cell("bar text", committee.why),
      cell("grade text", committee.grade_text),
      cell("change text", "不作比较"),
    );
  }
  line.addEventListener("click", (event) => {
    if (!event.target.closest("a") && !String(window.getSelection())) {
      open(committee.id);
    }
  });
  return line;
}

function headings() {
  const line = make("tr");
  for (const [by, kind, text] of columns) {
    const here = by === sorting.by;
    const head = make("th", { scope: "col", class: kind });
    if (by) {
      head.setAttribute("aria-sort", here ? (sorting.down ? "descending" : "ascending") : "none");
      const arrow = here ? (sorting.down ? "▼" : "▲") : "";
      const button = make(
        "button",
        { type: "button", "data-by": by },
        text,
        make("span", { class: "arrow", "aria-hidden": "true" }, arrow),
      );
      button.addEventListener("click", () => {
        sort(by, here ? !sorting.down : Boolean(orders[by].downFirst));
        find("league").querySelector(`button[data-by="${by}"]`).focus();
      });
      head.append(button);
    } else {
      head.append(text);
    }
    if (kind === "bar") {
      head.append(scale());
    }
    line.append(head);
  }
  find("league").tHead.replaceChildren(line);
}

function sort(by, down) {
  sorting.by = by;
  sorting.down = down;
  find("by-order").value = `${by}${down ? "-" : ""}`;
  showTable();
}

function showTable() {
  const rows = listed();
  headings();
  find("league").tBodies[0].replaceChildren(...rows.map(row));
  const links = openers();
  if (links.length) {
    links[0].tabIndex = 0;
  }
  find("status").textContent = rows.length
    ? `显示 ${rows.length} 个${data.word}，共 ${data.committees.length} 个`
    : `没有符合条件的${data.word}，请放宽条件`;
}

const openers = () => [...find("league").querySelectorAll("a.open")];

function focusOn(link) {
  for (const other of openers()) {
    other.tabIndex = other === link ? 0 : -1;
  }
  link.focus();
}

function moveInTable(event) {
  const links = openers();
  const at = links.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
  if (at < 0 || to === undefined) {
    return;
  }
  event.preventDefault();
  if (links[to]) {
    focusOn(links[to]);
  }
}

function clear() {
  for (const id of ["search", "by-zone", "by-housing", "by-grade"]) {
    find(id).value = "";
  }
  showTable();
}

function buildFilters() {
  const same = (values) => values.map((value) => [value, value]);
  options(find("by-zone"), "全部", same(data.zones));
  options(find("by-housing"), "全部", same(data.housing));
  const apart = ranked.length < data.committees.length ? [["-", "不排名"]] : [];
  options(find("by-grade"), "全部", [...same(data.grades), ...apart]);
  for (const [id, values] of [["by-zone", data.zones], ["by-housing", data.housing]]) {
    find(id).parentElement.hidden = values.length === 0;
  }
  find("by-order").replaceChildren(
    ...Object.entries(orders).flatMap(([by, { text }]) => [
      make("option", { value: by }, `${text} ↑`),
      make("option", { value: `${by}-` }, `${text} ↓`),
    ]),
  );
  find("by-order").addEventListener("change", ({ target }) =>
    sort(target.value.replace("-", ""), target.value.endsWith("-")),
  );
  for (const id of ["by-zone", "by-housing", "by-grade"]) {
    find(id).addEventListener("change", showTable);
  }
  find("search").addEventListener("input", showTable);
  find("filters").addEventListener("submit", (event) => {
    event.preventDefault();
    const first = openers()[0];
    if (first) {
      focusOn(first);
    }
  });
  find("clear").addEventListener("click", clear);
  find("league").addEventListener("keydown", moveInTable);
}
