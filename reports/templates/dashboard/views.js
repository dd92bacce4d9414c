// --- tables of the two other views ---------------------------------------------------------

function table(kind, name, heads, rows) {
  return make(
    "div",
    { class: "scroll" },
    make(
      "table",
      { class: kind, "aria-label": name },
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
  return part(
    heading,
    found.certain.length ? found.certain.map((item) => finding(item)) : said(empty, "none"),
    found.more ? said(`另有 ${found.more} 项，见下面的表。`, "hint") : null,
    found.leaning.map((item) => finding(item, tag)),
  );
}

function profileTable({ rows, last }) {
  const heads = [["维度与指标", "text"], ["得分", ""], ["区间", ""], [data.street_word, "minor"], ["差", ""], ["判断", "text"]];
  return table(
    "profile",
    "维度与指标",
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
    "各评价主体",
    [["评价主体", "text"], [data.weights, ""], [data.behind, ""], ["评分", ""], ["区间", ""]],
    committee.groups.map((group) =>
      headed(group.name, cell("", group.weight), cell("", group.n), cell("", group.estimate), cell("keep", group.interval)),
    ),
  );
}

// On a phone every row stands as a list of its cells, each with its head before it.
function labelled(heads, row) {
  [...row.cells].slice(1).forEach((found, place) => found.setAttribute("data-head", heads[place + 1][0]));
  return row;
}

function historyTable(committee) {
  const heads = [
    ["批次", "text"], ["得分", ""], ["区间", ""], ["等第", "text"], ["满意率", ""], ["名次", ""], ["名次范围", ""], ["相对变化", "text"],
  ];
  return table(
    "history",
    "历次结果",
    heads,
    committee.history.map((line) =>
      line.state
        ? make("tr", {}, make("th", { scope: "row" }, line.wave), make("td", { colspan: heads.length - 1, class: "text none" }, line.state))
        : labelled(
            heads,
            headed(
              line.wave,
              cell("", line.score),
              cell("keep", line.interval),
              cell("text", line.grade, sub(`可能性 ${line.chance}`)),
              cell("", line.satisfied),
              cell("keep", line.rank, sub(`共 ${line.of} 个`)),
              cell("keep", line.set),
              cell("text", line.change || "—"),
            ),
          ),
    ),
  );
}

// --- what residents say, and what is to be done -----------------------------------------------

const alongside = (whole) => `${whole}%`;

// The committee's share as a bar with its interval, the street's as a line across.
function shareBar(line) {
  const [bar_, reach, mean] = ["share", "reach", "mean"].map((kind) => make("i", { class: kind }));
  bar_.style.width = alongside(line.at);
  [reach.style.left, reach.style.right] = [alongside(line.low), alongside(100 - line.high)];
  mean.style.left = alongside(line.mean);
  return make("span", { class: "share-bar", "aria-hidden": "true" }, bar_, reach, mean);
}

const against = (mark) => ({ "▲": "▲ 高于", "▼": "▼ 低于" })[mark] ?? "尚看不出";

function questions(committee) {
  const rows = unpacked(committee.questions);
  const name = "各题满意率";
  if (!rows.length) {
    return part(name, said(`没有可以公布的题目：没有问，或表态的居民太少。`, "none"));
  }
  return part(
    name,
    said(`总体满意度在前，其余按比全${data.street_word}低得多少排。横条为本${data.word}，细线为区间，竖线为全${data.street_word}。`, "hint"),
    table(
      "questions",
      name,
      [["题目", "text"], ["", "bar"], ["满意率", ""], ["区间", ""], [`全${data.street_word}`, ""], ["判断", "text"], ["人数", "minor"]],
      rows.map((line) =>
        make(
          "tr",
          { class: [line.overall ? "dimension" : "", line.mark ? "sure" : ""].join(" ").trim() || null },
          make("th", { scope: "row" }, line.name),
          cell("bar", shareBar(line)),
          cell("", line.share),
          cell("keep", line.interval),
          cell("", line.street),
          cell("verdict text keep", against(line.mark)),
          cell("minor", line.n),
        ),
      ),
    ),
  );
}

function needs(committee) {
  const found = committee.needs;
  const name = "居民盼什么";
  if (found === null) {
    return part(name, said("问卷没有问居民的诉求，或这一批次的答卷已经不在。", "none"));
  }
  const rows = unpacked(found.rows);
  if (!rows.length) {
    const street = found.street ? `全${data.street_word}居民勾选最多的是${found.street}。` : "";
    return part(name, said(`没有一项诉求的人数够得上公布。${street}`, "none"));
  }
  const nothing = found.nothing ? `，${found.nothing} 表示目前没有` : "";
  return part(
    name,
    said(`${found.of} 人回答，可多选${nothing}；人数太少的和能推算出的不列。`, "hint"),
    table(
      "needs",
      name,
      [["诉求", "text"], ["人数", "minor"], ["比例", ""], ["区间", ""], [`全${data.street_word}`, ""], ["判断", "text"]],
      rows.map((line) =>
        make(
          "tr",
          { class: line.sure ? "sure" : null },
          make("th", { scope: "row" }, line.name),
          cell("minor", String(line.n)),
          cell("", line.share),
          cell("keep", line.interval),
          cell("", line.street),
          cell("verdict text", line.verdict),
        ),
      ),
    ),
  );
}

function todo(committee) {
  const rows = unpacked(committee.tasks.rows);
  const name = "处方：先做什么";
  if (!rows.length) {
    return part(name, said(committee.tasks.none, "none"));
  }
  const heads = [["类别", "text"], ["事项", "text"], ["做什么", "text"], ["谁负责", "text"], ["何时", "text"], ["凭什么算办成", "text"]];
  return part(
    name,
    said("与诊断书的处方、整改清单是同一份清单。", "hint"),
    table(
      "tasks",
      name,
      heads,
      rows.map((line) =>
        labelled(
          heads,
          headed(
            line.kind,
            cell("text", make("b", {}, line.problem), sub(line.evidence)),
            cell("text", line.what || "—"),
            cell("text", line.who || "—"),
            cell("text", line.by || "—"),
            cell("text", line.shown_by || "—"),
          ),
        ),
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
  const button = make("button", { type: "button", id: "compare-go" }, "比较");
  button.addEventListener("click", () => {
    if (select.value) {
      go({ view: "comparison", ids: [committee.id, select.value] });
    } else {
      select.focus();
    }
  });
  return make("span", { class: "compare" }, select, button);
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
      committee.group ? groupTag(committee) : null,
    ),
    make(
      "div",
      { class: "actions" },
      make("a", { href: address() }, "← 返回总览"),
      committee.pdf ? make("a", { class: "main", href: committee.pdf }, "诊断书（PDF）") : null,
      neighbour(committee, -1, "上一个"),
      neighbour(committee, 1, "下一个"),
      compareWith(committee),
      csvButton(() => viewRows(find("committee")), () => `${committee.name}-${data.wave.name}`),
    ),
    said(committee.takeaway, "takeaway"),
  ];
  const { profile, trend, notes } = committee;
  const picture = (what) => () => `${committee.name}-${what}-${data.wave.name}`;
  const groups = part(
    "各评价主体",
    said("太少的只写界限，不给分数。", "hint"),
    groupsTable(committee),
  );
  const history = part(
    "历次结果",
    trend ? [said("以往各次都按本次的方案重新计分，可以直接相比。", "hint"), chartOf(trend, picture("历次结果"))] : null,
    historyTable(committee),
  );
  const tasks = box(todo(committee));
  const voices = columned(box(needs(committee)), box(groups, remarks(notes)));
  if (!committee.complete) {
    return [...parts, tasks, voices, box(questions(committee)), box(history)];
  }
  const found = [
    findings("优势", committee.strengths, "偏高苗头", `没有一项指标明显高于${data.street_word}平均。`),
    findings("短板", committee.weaknesses, "偏低苗头", `没有一项指标明显低于${data.street_word}平均。`),
  ];
  parts.push(headlines(committee), tasks);
  if (profile) {
    const pictured = part(`画像：与${data.street_word}平均相比`, said(profile.takeaway), chartOf(profile.chart, picture("画像")));
    parts.push(columned(box(pictured), box(found)), profileTable(profile));
  }
  const place = part("位置与变化", said(committee.place), committee.movement.map((text) => said(text)));
  return [...parts, voices, box(questions(committee)), columned(box(history), box(place))];
}

function remarks(notes) {
  return notes.length
    ? part("提示", make("ul", { class: "fine" }, notes.map((note) => make("li", {}, note))))
    : null;
}
