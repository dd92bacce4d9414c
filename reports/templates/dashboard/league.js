// --- overview: map -------------------------------------------------------------------------

function showMap() {
  const chosen = data.maps.find((map) => map.code === state.map) ?? data.maps[0];
  for (const input of find("map-choices").querySelectorAll("input")) {
    input.checked = input.value === chosen.code;
  }
  if (find("map").dataset.code !== chosen.code) {
    find("map").dataset.code = chosen.code;
    draw(find("map"), chosen, open);
  }
}

function buildMap() {
  if (!data.maps.length) {
    find("map-box").hidden = true;
    find("map-box").parentElement.classList.add("single");
    return;
  }
  find("map-choices").append(
    ...data.maps.map((map) => {
      const input = make("input", { type: "radio", name: "map", value: map.code });
      input.addEventListener("change", () => go({ map: map === data.maps[0] ? "" : map.code }));
      return make("label", {}, input, make("span", {}, map.name));
    }),
  );
  const name = () => data.maps.find((map) => map.code === find("map").dataset.code).name;
  find("map").after(
    pictureButton(() => drawn.get(find("map"))?.result?.view, () => `地图-${name()}-${data.wave.name}`),
  );
}

// --- overview: waves and groups --------------------------------------------------------------

const SYMBOLS = ["▲", "●", "▼"];
const KINDS = ["high", "level", "low"];
const groupAt = (committee) => data.groups.indexOf(committee.group);
const kindOf = (committee) => KINDS[groupAt(committee)] ?? "level";

function groupTag(committee) {
  const place = groupAt(committee);
  return place < 0
    ? make("span", {}, "—")
    : make("span", { class: `group-tag ${KINDS[place]}` }, `${SYMBOLS[place]} ${data.groups[place]}`);
}

function buildWaves() {
  find("waves").hidden = waves.length < 2;
  find("wave-choices").append(
    ...waves.map((wave) => {
      const input = make("input", { type: "radio", name: "wave", value: wave.id });
      input.addEventListener("change", () => go({ wave: wave === waves[0] ? "" : wave.id }));
      return make("label", {}, input, make("span", {}, wave.name));
    }),
  );
}

function legend() {
  find("legend").replaceChildren(
    ...data.groups.map((name, place) => {
      const count = ranked.filter((committee) => committee.group === name).length;
      return make("li", { class: KINDS[place] }, make("b", { "aria-hidden": "true" }, SYMBOLS[place]), `${name} ${count} 个`);
    }),
  );
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
  satisfied: {
    text: "满意率",
    compare: (a, b) => (a.satisfied?.value ?? -1) - (b.satisfied?.value ?? -1) || b.rank - a.rank,
    downFirst: true,
  },
  change: {
    text: "相对变化",
    compare: (a, b) => (a.change?.value ?? -Infinity) - (b.change?.value ?? -Infinity) || 0,
    downFirst: true,
  },
};
const columns = [
  [null, "pick", "比较"],
  ["rank", "rank", "名次"],
  [null, "set", `${data.confidence} 名次范围`],
  ["name", "text", data.word],
  ["score", "score", "得分"],
  [null, "bar", `${data.confidence} 得分区间`],
  [null, "group text", "与平均相比"],
  ["grade", "grade text", "等第与可能性"],
  ["satisfied", "satisfied", "满意率"],
  ["change", "change text", `相对${data.street_word}的变化`],
];
const sorting = () => {
  const by = state.sort.replace("-", "");
  return orders[by] ? { by, down: state.sort.endsWith("-") } : { by: "rank", down: false };
};
const sort = (by, down) => go({ sort: by === "rank" && !down ? "" : `${by}${down ? "-" : ""}` });

const plain = (text) => text.normalize("NFKC").toLowerCase().replace(/\s+/g, "");

// Names and aliases by any part of them, ids where digits are typed, pinyin from its beginning.
function found(committee, wanted) {
  const known = byId.get(committee.id) ?? committee;
  const texts = [committee.name, ...(known.aliases ?? [])].map(plain);
  return (
    texts.some((text) => text.includes(wanted)) ||
    (/\d/.test(wanted) && plain(committee.id).includes(wanted)) ||
    (known.spelt ?? []).some((text) => text.startsWith(wanted))
  );
}

function matches(committee) {
  const wanted = plain(state.q);
  return (
    (!wanted || found(committee, wanted)) &&
    (!state.zone || committee.zone === state.zone) &&
    (!state.housing || committee.housing === state.housing) &&
    (!state.group || shownWave() !== waves[0] || committee.group === state.group) &&
    (!state.grade || (state.grade === "-" ? !committee.complete : committee.grade === state.grade))
  );
}

function listed() {
  const { by, down } = sorting();
  const { compare } = orders[by];
  const here = shownWave().committees.filter(matches);
  const shown = here.filter((c) => c.complete).sort((a, b) => (down ? compare(b, a) : compare(a, b)));
  return [...shown, ...here.filter((c) => !c.complete)];
}

const onAxis = (value, axis) =>
  `${(100 * Math.min(Math.max((value - axis.low) / (axis.high - axis.low), 0), 1)).toFixed(2)}%`;

function mark(kind, axis, from, to = null) {
  const element = make("i", { class: kind });
  element.style.left = onAxis(from, axis);
  if (to !== null) {
    element.style.right = `calc(100% - ${onAxis(to, axis)})`;
  }
  return element;
}

function bar(committee, axis = data.wave.axis) {
  return make(
    "span",
    { class: `interval ${kindOf(committee)}`, "aria-hidden": "true" },
    axis.cutoffs.map((cut) => mark("cut", axis, cut.at)),
    mark("mean", axis, axis.mean),
    mark("reach", axis, committee.low, committee.high),
    mark("at", axis, committee.score),
  );
}

function scale(axis = data.wave.axis) {
  return make(
    "span",
    { class: "scale", "aria-hidden": "true", title: `虚线为等第线，实线为${data.street_word}平均` },
    axis.cutoffs.map((cut) => {
      const label = make("b", {}, cut.name);
      label.style.left = onAxis(cut.at, axis);
      return label;
    }),
  );
}

const about = (committee) => [committee.zone, committee.housing].filter(Boolean).join(" · ");

function nameCell(committee) {
  const link = byId.has(committee.id)
    ? make("a", { class: "open", href: address(committee.id), tabindex: "-1" }, committee.name)
    : make("b", {}, committee.name);
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

function pickCell(committee) {
  if (!byId.get(committee.id)?.complete) {
    return cell("pick");
  }
  const chosen = state.pick.includes(committee.id);
  const input = make("input", {
    type: "checkbox", checked: chosen, "data-keep": `pick-${committee.id}`,
    "aria-label": `选入比较：${committee.name}`, disabled: !chosen && state.pick.length >= MOST,
  });
  input.addEventListener("change", () =>
    go({ pick: input.checked ? [...state.pick, committee.id] : state.pick.filter((id) => id !== committee.id) }, true),
  );
  return cell("pick", input);
}

function satisfiedCell(committee) {
  const told = committee.satisfied;
  return told
    ? cell("satisfied", make("span", { class: { "▲": "better", "▼": "worse" }[told.mark] }, `${told.mark}${told.text}`), sub(told.reach))
    : cell("satisfied", "—");
}

function row(committee) {
  const { axis } = shownWave();
  const line = make("tr", { "data-id": committee.id });
  if (committee.complete) {
    line.classList.add(kindOf(committee));
    line.append(
      pickCell(committee),
      cell("rank", committee.rank_text),
      cell("set keep", committee.set_text),
      nameCell(committee),
      cell("score", committee.score_text, sub(committee.interval_text)),
      cell("bar", bar(committee, axis)),
      cell("group text", groupTag(committee)),
      cell("grade text", committee.grade, sub(`可能性 ${committee.chance}`)),
      satisfiedCell(committee),
      changeCell(committee),
    );
  } else {
    line.classList.add("incomplete");
    const tag = make("span", { class: "tag" }, committee.tag);
    line.append(
      cell("pick"),
      cell("rank", "—"),
      cell("set", "不排名"),
      nameCell(committee),
      cell("score", tag),
      cell("bar text", committee.why),
      cell("group text", "—"),
      cell("grade text", committee.grade_text),
      satisfiedCell(committee),
      cell("change text", "不作比较"),
    );
  }
  line.addEventListener("click", (event) => {
    if (byId.has(committee.id) && !event.target.closest("a, .pick") && !String(window.getSelection())) {
      open(committee.id);
    }
  });
  return line;
}

function headings() {
  const line = make("tr");
  const now = sorting();
  for (const [by, kind, text] of columns) {
    const here = by === now.by;
    const head = make("th", { scope: "col", class: kind, "data-text": by ? text : null });
    if (by) {
      head.setAttribute("aria-sort", here ? (now.down ? "descending" : "ascending") : "none");
      const arrow = here ? (now.down ? "▼" : "▲") : "";
      const button = make(
        "button",
        { type: "button", "data-by": by, "data-keep": `by-${by}` },
        text,
        make("span", { class: "arrow", "aria-hidden": "true" }, arrow),
      );
      button.addEventListener("click", () => sort(by, here ? !now.down : Boolean(orders[by].downFirst)));
      head.append(button);
    } else {
      head.append(text);
    }
    if (kind === "bar") {
      head.append(scale(shownWave().axis));
    }
    line.append(head);
  }
  find("league").tHead.replaceChildren(line);
}

function showTable() {
  const rows = listed();
  const wave = shownWave();
  const earlier = wave !== waves[0];
  headings();
  find("league").tBodies[0].replaceChildren(...rows.map(row));
  find("league").classList.toggle("plain", earlier || ranked.every((c) => groupAt(c) < 0));
  find("league").classList.toggle("unasked", !wave.committees.some((c) => c.satisfied));
  find("league-title").textContent = `名次表（${wave.name}）`;
  find("earlier").hidden = !earlier;
  find("legend").hidden = earlier;
  find("by-group").parentElement.hidden = earlier;
  const links = openers();
  if (links.length) {
    links[0].tabIndex = 0;
  }
  find("status").textContent = rows.length
    ? `显示 ${rows.length} 个${data.word}，共 ${wave.committees.length} 个`
    : `没有符合条件的${data.word}，请放宽条件`;
  showPicked();
}

function showPicked() {
  const names = state.pick.map((id) => byId.get(id).name);
  find("picked").hidden = !names.length;
  find("picked-names").textContent = `已选 ${names.length} 个：${names.join("、")}`;
  find("picked-go").href = written({ ...state, view: "comparison", ids: state.pick });
  find("picked-go").hidden = names.length < 2;
}

function leagueRows() {
  const wave = shownWave();
  const heads = [
    "批次", "名次", "名次范围下限", "名次范围上限", data.word, "片区", "住房类型", "得分", "得分区间下限", "得分区间上限",
    "等第", "等第的可能性", "满意率", "满意率区间", "与平均相比", `相对${data.street_word}的变化（分）`, "变化的判断",
  ];
  const rows = listed().map((c) =>
    c.complete
      ? [
          wave.name, c.rank, ...c.joint, c.name, c.zone, c.housing, c.score_text, c.low, c.high, c.grade, c.chance,
          c.satisfied?.text ?? "—", c.satisfied?.reach ?? "—", c.group || "—", c.change?.value ?? "—", c.change?.verdict ?? "不作比较",
        ]
      : [
          wave.name, "不排名", "", "", c.name, c.zone, c.housing, c.tag, "", "", c.grade_text, "",
          c.satisfied?.text ?? "—", c.satisfied?.reach ?? "—", "—", "—", "不作比较",
        ],
  );
  return [heads, ...rows];
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

const clear = () => go({ q: "", zone: "", housing: "", grade: "", group: "" });

const FILTERS = { search: "q", "by-zone": "zone", "by-housing": "housing", "by-grade": "grade", "by-group": "group" };

function showFilters() {
  for (const [id, key] of Object.entries(FILTERS)) {
    if (find(id).value !== state[key]) {
      find(id).value = state[key];
    }
  }
  const { by, down } = sorting();
  find("by-order").value = `${by}${down ? "-" : ""}`;
  for (const input of find("wave-choices").querySelectorAll("input")) {
    input.checked = input.value === shownWave().id;
  }
}

function showOverview() {
  showFilters();
  if (data.maps.length) {
    showMap();
  }
  showTable();
}

function buildFilters() {
  const same = (values) => values.map((value) => [value, value]);
  options(find("by-zone"), "全部", same(data.zones));
  options(find("by-housing"), "全部", same(data.housing));
  const apart = ranked.length < data.committees.length ? [["-", "不排名"]] : [];
  options(find("by-grade"), "全部", [...same(data.grades), ...apart]);
  options(find("by-group"), "全部", same(data.groups));
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
  for (const [id, key] of Object.entries(FILTERS)) {
    const typed = id === "search";
    find(id).addEventListener(typed ? "input" : "change", ({ target }) => go({ [key]: target.value }, typed));
  }
  find("export").addEventListener("click", () => saveCsv(leagueRows(), `名次表-${shownWave().name}`));
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
