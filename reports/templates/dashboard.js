"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = new Map(data.committees.map((committee) => [committee.id, committee]));
  const ranked = data.committees.filter((committee) => committee.complete);
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

  const address = (...ids) => "#" + ids.join("+");
  const changed = (found) =>
    make("span", { class: { "▲": "better", "▼": "worse" }[found.mark] }, found.mark + found.verdict);

  function options(select, first, values) {
    select.replaceChildren(make("option", { value: "" }, first));
    for (const [value, text] of values) {
      select.append(make("option", { value }, text));
    }
  }

  // --- charts --------------------------------------------------------------------------------

  function unpacked(tables) {
    return tables.flatMap(({ columns, rows }) =>
      rows.map((values) =>
        Object.fromEntries(
          columns.map((name, at) => [
            name,
            name === "geometry" ? data.shapes[values[at]] : values[at],
          ]),
        ),
      ),
    );
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

  function chartOf(chart) {
    const figure = make("figure", { class: "chart" });
    draw(figure, chart);
    return figure;
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
    score: { text: "得分", compare: (a, b) => a.score - b.score, downFirst: true },
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
    ["change", "change text", data.last ? `与${data.last}相比` : "与上次相比"],
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
      { class: "scale", "aria-hidden": "true", title: "虚线为等第线，实线为街道平均" },
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
      ? cell("change text", changed(found), sub(`相对街道 ${found.text}`))
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
      const tag = make("span", { class: "tag" }, "不完整");
      line.append(
        cell("rank", "—"),
        cell("set", "不排名"),
        nameCell(committee),
        cell("score", tag),
        cell("bar text", `缺少${committee.lacking.join("、")}`),
        cell("grade text", "不定等第"),
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
    const apart = ranked.length < data.committees.length ? [["-", "不完整"]] : [];
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

  // --- tables of the two other views ---------------------------------------------------------

  function table(kind, heads, rows, caption = "") {
    return make(
      "div",
      { class: "scroll" },
      make(
        "table",
        { class: kind },
        caption ? make("caption", {}, caption) : null,
        make("thead", {}, make("tr", {}, heads.map(([text, name]) => make("th", { scope: "col", class: name }, text)))),
        make("tbody", {}, rows),
      ),
    );
  }

  const headed = (text, ...cells) => make("tr", {}, make("th", { scope: "row" }, text), cells);
  const part = (heading, ...children) => [make("h3", {}, heading), children];
  const box = (...parts) => make("div", { class: "box" }, parts);
  const columned = (...boxes) => make("div", { class: "columns" }, boxes);
  const said = (text, kind = null) => make("p", { class: kind }, text);

  function headlines(committee) {
    return make(
      "dl",
      { class: "headlines" },
      committee.headlines.map((item) =>
        make(
          "div",
          {},
          make("dt", {}, item.label),
          make("dd", { class: "value" }, item.value, item.unit ? make("span", { class: "unit" }, item.unit) : null),
          item.details.map((detail) => make("dd", { class: "detail" }, detail)),
        ),
      ),
    );
  }

  function finding(item, tag = "") {
    return make(
      "p",
      { class: tag ? "finding none" : "finding" },
      tag ? make("span", { class: "tag" }, tag) : null,
      make(tag ? "span" : "b", {}, item.name),
      ` ${item.difference}`,
      make("span", { class: "by" }, item.numbers),
    );
  }

  function findings(heading, found, tag, empty) {
    const whole = found.dimensions.map((item) => `${item.name} ${item.difference}`).join("，");
    return part(
      heading,
      whole ? said(`整个维度：${whole} 分`) : null,
      found.certain.length ? found.certain.map((item) => finding(item)) : said(empty, "none"),
      found.more ? said(`另有 ${found.more} 项，见下面的表。`, "hint") : null,
      found.leaning.map((item) => finding(item, tag)),
    );
  }

  function profileTable({ rows, last }) {
    const heads = [["维度与指标", "text"], ["得分", ""], ["区间", ""], ["街道", "minor"], ["差", ""], ["判断", "text"]];
    return table(
      "profile",
      last ? [...heads, [last, "minor"]] : heads,
      unpacked(rows).map((line) =>
        make(
          "tr",
          { class: `${line.level}${line.sure ? " sure" : ""}` },
          make("th", { scope: "row" }, make("span", { class: "code" }, line.code), line.name),
          cell("", line.estimate),
          cell("keep", line.interval),
          cell("minor", line.street),
          cell("", line.difference),
          cell("verdict text keep", line.verdict),
          last ? cell("minor", line.previous) : null,
        ),
      ),
    );
  }

  function groupsTable(committee) {
    return table(
      "groups",
      [["评价主体", "text"], ["权重", ""], ["有效答卷", ""], ["评分", ""]],
      committee.groups.map((group) =>
        headed(group.name, cell("", group.weight), cell("", group.n), cell("keep", `${group.estimate} ${group.reach}`)),
      ),
    );
  }

  function historyTable(committee) {
    const heads = [["批次", "text"], ["得分", ""], ["区间", ""], ["等第", "text"], ["名次", ""], ["名次区间", ""], ["相对变化", "text"]];
    return table(
      "history",
      heads,
      committee.history.map((line) =>
        line.state
          ? make("tr", {}, make("th", { scope: "row" }, line.wave), make("td", { colspan: heads.length - 1, class: "text none" }, line.state))
          : headed(
              line.wave,
              cell("", line.score),
              cell("keep", line.interval),
              cell("text", line.grade, sub(`可能性 ${line.chance}`)),
              cell("keep", line.rank, sub(`共 ${line.of} 个`)),
              cell("keep", line.set),
              cell("text", line.change || "—"),
            ),
      ),
    );
  }

  // --- one committee -------------------------------------------------------------------------

  function neighbour(committee, step, text) {
    const other = data.committees[data.committees.indexOf(committee) + step];
    return other
      ? make("a", { href: address(other.id) }, `${text}：${other.name}`)
      : make("span", { class: "off" }, text);
  }

  function compareWith(committee) {
    if (!committee.complete || ranked.length < 2) {
      return null;
    }
    const select = make("select", { "aria-label": `与另一个${data.word}比较`, id: "compare-with" });
    options(select, `与另一个${data.word}比较……`, ranked.filter((c) => c !== committee).map((c) => [c.id, c.name]));
    select.addEventListener("change", () => {
      if (select.value) {
        location.hash = address(committee.id, select.value);
      }
    });
    return select;
  }

  function committeeView(committee) {
    const also = committee.aliases.length ? `又称${committee.aliases.join("、")}` : "";
    const described = [committee.id, about(committee), also].filter(Boolean).join(" · ");
    const parts = [
      make(
        "div",
        { class: "title" },
        make("h2", { id: "committee-title", tabindex: "-1" }, committee.name),
        make("span", { class: "about" }, described),
      ),
      make(
        "div",
        { class: "actions" },
        make("a", { href: "#", "data-back": true }, "← 返回总览"),
        committee.pdf ? make("a", { class: "main", href: committee.pdf }, "诊断书（PDF）") : null,
        neighbour(committee, -1, "上一个"),
        neighbour(committee, 1, "下一个"),
        compareWith(committee),
      ),
      said(committee.takeaway, "takeaway"),
    ];
    const { profile, trend, notes } = committee;
    const groups = part(
      "各评价主体",
      said("± 是区间的半宽；答卷太少的只写界限，不给分数。", "hint"),
      groupsTable(committee),
    );
    const history = part(
      "历次结果",
      trend ? [said("以往各次都按本次的方案重新计分，可以直接相比。", "hint"), chartOf(trend)] : null,
      historyTable(committee),
    );
    if (!committee.complete) {
      return [...parts, columned(box(history), box(groups, remarks(notes)))];
    }
    const found = [
      findings("优势", committee.strengths, "倾向偏高", "没有一项指标显著高于街道平均。"),
      findings("短板", committee.weaknesses, "倾向偏低", "没有一项指标显著低于街道平均。"),
    ];
    parts.push(headlines(committee));
    if (profile) {
      const pictured = part("画像：与街道平均相比", said(profile.takeaway), chartOf(profile.chart));
      parts.push(columned(box(pictured), box(found)), profileTable(profile));
    }
    const place = part("位置与变化", said(committee.place), committee.movement.map((text) => said(text)));
    parts.push(columned(box(history), box(place, groups, remarks(notes))));
    return parts;
  }

  function remarks(notes) {
    return notes.length
      ? part("提示", make("ul", { class: "fine" }, notes.map((note) => make("li", {}, note))))
      : null;
  }

  // --- two committees ------------------------------------------------------------------------

  function pair(a, b) {
    const [first, second] = [a, b].map((committee) => ranked.indexOf(committee)).sort((x, y) => x - y);
    const [upper, lower] = [ranked[first], ranked[second]];
    if (data.pairs === null) {
      return { upper, lower, verdict: upper.joint[1] < lower.joint[0] ? "sure" : "" };
    }
    const [verdict, difference, interval] = data.pairs[first][second - first - 1];
    return { upper, lower, verdict, difference, interval };
  }

  function verdictOn(found) {
    const { upper, lower, verdict, difference, interval } = found;
    const all = (ranked.length * (ranked.length - 1)) / 2;
    const told = difference === undefined
      ? ""
      : `${upper.name}的得分比${lower.name}高 ${difference} 分（单看这一对，差的 ${data.confidence} 区间为 ${interval}）。`;
    if (verdict === "sure") {
      return `${told}在 ${data.confidence} 的把握下，${upper.name}确定高于${lower.name}（${all} 对一并比较）。`;
    }
    const unsure = `在 ${data.confidence} 的把握下，两者分不出先后`;
    return verdict === "alone"
      ? `${told}单看这一对，差别不像偶然；但 ${all} 对一并比较，总会有几对碰巧差得多，${unsure}。`
      : `${told}${unsure}（${all} 对一并比较）。`;
  }

  function side(label, a, b, text) {
    return headed(label, cell("", ...[text(a)].flat()), cell("", ...[text(b)].flat()));
  }

  function versus(a, b) {
    const rows = [
      side("综合得分", a, b, (c) => [c.score_text, sub(c.interval_text)]),
      side("等第", a, b, (c) => [c.grade, sub(`可能性 ${c.chance}`)]),
      side("名次", a, b, (c) => [c.rank_text, sub(c.set_text)]),
      side(data.last ? `与${data.last}相比` : "与上次相比", a, b, (c) =>
        c.change ? [changed(c.change), sub(`相对街道 ${c.change.text}`)] : "不作比较",
      ),
    ];
    const [mine, theirs] = [a, b].map((c) => (c.profile ? unpacked(c.profile.rows) : []));
    const lines = mine.map((line, at) => [line, theirs[at]]);
    for (const [one, other] of lines.filter(([, other]) => other)) {
      rows.push(
        make(
          "tr",
          { class: one.level },
          make("th", { scope: "row" }, make("span", { class: "code" }, one.code), one.name),
          [one, other].map((line) => cell("", line.estimate, sub(line.interval), sub(line.verdict))),
        ),
      );
    }
    const heads = [["", "text"], ...[a, b].map((c) => [make("a", { href: address(c.id) }, c.name), ""])];
    return table("versus", heads, rows);
  }

  function picker(label, value, other, at) {
    const select = make("select", { "data-pick": at });
    options(select, "请选择", ranked.map((c) => [c.id, `${c.name}（${c.rank_text}）`]));
    select.value = value?.id ?? "";
    select.addEventListener("change", () => {
      const ids = [select.value, other?.id ?? ""];
      location.hash = address(...(at === 0 ? ids : ids.reverse()));
    });
    return make("label", {}, label, select);
  }

  function comparisonView(a, b) {
    const parts = [
      make("div", { class: "title" }, make("h2", { id: "comparison-title", tabindex: "-1" }, `比较两个${data.word}`)),
      make("div", { class: "actions" }, make("a", { href: "#", "data-back": true }, "← 返回总览")),
      make("div", { class: "picks" }, picker("第一个", a, b, 0), picker("第二个", b, a, 1)),
    ];
    if (a && b && a !== b) {
      parts.push(
        make("p", { class: "takeaway verdict-box", id: "verdict" }, verdictOn(pair(a, b))),
        box(
          make(
            "div",
            { class: "bars" },
            [a, b].map((c) =>
              make(
                "div",
                {},
                make("span", {}, c.name),
                bar(c),
                make("span", { class: "keep" }, `${c.score_text}（${c.interval_text}）`),
              ),
            ),
            make("div", {}, make("span"), scale(), make("span")),
          ),
        ),
        versus(a, b),
        said("▲▼ 表示与街道平均的差显著；维度和指标没有在两个" + data.word + "之间逐项检验，区间重叠的不能说谁高谁低。", "hint"),
      );
    } else {
      parts.push(said(a && a === b ? "请选两个不同的" + data.word + "。" : `选出两个${data.word}，看得分之差是不是数据分得清的。`));
    }
    return parts;
  }

  // --- which view: the address says it, so that the back button works ----------------------------

  let shown = { view: null, id: null };

  function asked() {
    let hash = location.hash.slice(1);
    try {
      hash = decodeURIComponent(hash);
    } catch {
      return { view: "overview" };
    }
    if (hash.includes("+")) {
      const [a, b] = hash.split("+").map((id) => byId.get(id)).map((c) => (c?.complete ? c : undefined));
      return { view: "comparison", a, b };
    }
    return byId.has(hash) ? { view: "committee", id: hash } : { view: "overview" };
  }

  function route(starting = false) {
    const wanted = asked();
    const before = shown;
    shown = wanted;
    for (const view of ["overview", "committee", "comparison"]) {
      find(view).hidden = view !== wanted.view;
    }
    find("committee").replaceChildren();
    find("comparison").replaceChildren();
    document.title = title;
    if (wanted.view === "committee") {
      const committee = byId.get(wanted.id);
      find("committee").append(...committeeView(committee).filter(Boolean));
      document.title = `${committee.name} · ${title}`;
    } else if (wanted.view === "comparison") {
      find("comparison").append(...comparisonView(wanted.a, wanted.b).filter(Boolean));
    }
    forgetOldCharts();
    for (const [id, view] of [["to-overview", "overview"], ["to-comparison", "comparison"]]) {
      if (wanted.view === view) {
        find(id).setAttribute("aria-current", "page");
      } else {
        find(id).removeAttribute("aria-current");
      }
    }
    if (starting) {
      return;
    }
    if (wanted.view === "overview") {
      returnTo(before.id);
    } else {
      window.scrollTo({ top: 0, behavior: "instant" });
      find(`${wanted.view}-title`).focus({ preventScroll: true });
    }
  }

  function returnTo(id) {
    const link = openers().find((opener) => opener.closest("tr").dataset.id === id);
    if (link) {
      focusOn(link);
      link.scrollIntoView({ block: "center", behavior: "instant" });
    } else {
      window.scrollTo({ top: 0, behavior: "instant" });
    }
  }

  function onEscape(event) {
    if (event.key !== "Escape" || event.defaultPrevented) {
      return;
    }
    if (shown.view !== "overview") {
      location.hash = "";
    } else if (document.activeElement === find("search") && find("search").value) {
      event.preventDefault();
      clear();
    }
  }

  buildFilters();
  sort("rank", false);
  buildMap();
  find("skip").addEventListener("click", (event) => {
    event.preventDefault();
    find("main").focus();
  });
  find("to-league").addEventListener("click", (event) => {
    event.preventDefault();
    find("league-title").scrollIntoView();
    find("search").focus({ preventScroll: true });
  });
  window.addEventListener("hashchange", () => route());
  document.addEventListener("keydown", onEscape);
  phone.addEventListener("change", redraw);
  route(true);
})();
