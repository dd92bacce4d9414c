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
    [["评价主体", "text"], ["权重", ""], ["有效答卷", ""], ["评分", ""], ["区间", ""]],
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
  const heads = [["批次", "text"], ["得分", ""], ["区间", ""], ["等第", "text"], ["名次", ""], ["名次区间", ""], ["相对变化", "text"]];
  return table(
    "history",
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
              cell("keep", line.rank, sub(`共 ${line.of} 个`)),
              cell("keep", line.set),
              cell("text", line.change || "—"),
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
  const go = make("button", { type: "button", id: "compare-go" }, "比较");
  go.addEventListener("click", () => {
    if (select.value) {
      location.hash = address(committee.id, select.value);
    } else {
      select.focus();
    }
  });
  return make("span", { class: "compare" }, select, go);
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
    said("答卷太少的只写界限，不给分数。", "hint"),
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
    findings("优势", committee.strengths, "倾向偏高", `没有一项指标显著高于${data.street_word}平均。`),
    findings("短板", committee.weaknesses, "倾向偏低", `没有一项指标显著低于${data.street_word}平均。`),
  ];
  parts.push(headlines(committee));
  if (profile) {
    const pictured = part(`画像：与${data.street_word}平均相比`, said(profile.takeaway), chartOf(profile.chart));
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
    side(`相对${data.street_word}的变化`, a, b, (c) =>
      c.change ? [changed(c.change), sub(c.change.text)] : "不作比较",
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
      said(`▲▼ 表示与${data.street_word}平均的差显著；维度和指标没有在两个${data.word}之间逐项检验，不论区间是否重叠，都不能据此说谁高谁低。`, "hint"),
    );
  } else {
    parts.push(said(a && a === b ? "请选两个不同的" + data.word + "。" : `选出两个${data.word}，看得分之差是不是数据分得清的。`));
  }
  return parts;
}
