// --- several committees side by side: every pair as it was tested with all pairs of the table ----

function pair(a, b) {
  const [first, second] = [a, b].map((committee) => ranked.indexOf(committee)).sort((x, y) => x - y);
  const [upper, lower] = [ranked[first], ranked[second]];
  if (data.pairs === null) {
    return { upper, lower, verdict: upper.joint[1] < lower.joint[0] ? "sure" : "" };
  }
  const [verdict, difference, interval] = data.pairs[first][second - first - 1];
  return { upper, lower, verdict, difference, interval };
}

const everyPair = () => (ranked.length * (ranked.length - 1)) / 2;

function verdictOn(found) {
  const { upper, lower, verdict, difference, interval } = found;
  const all = everyPair();
  const told = difference === undefined
    ? ""
    : `${upper.name}的得分比${lower.name}高 ${difference} 分（单看这一对，差的 误差范围为 ${interval}）。`;
  if (verdict === "sure") {
    return `${told}在 ${data.confidence} 的把握下，${upper.name}确定高于${lower.name}（${all} 对一并比较）。`;
  }
  const unsure = `在 ${data.confidence} 的把握下，两者分不出先后`;
  return verdict === "alone"
    ? `${told}单看这一对，差别不像偶然；但 ${all} 对一并比较，总会有几对碰巧差得多，${unsure}。`
    : `${told}${unsure}（${all} 对一并比较）。`;
}

const couples = (chosen) => chosen.flatMap((a, place) => chosen.slice(place + 1).map((b) => pair(a, b)));

function verdictOnAll(chosen) {
  const found = couples(chosen);
  const sure = found.filter(({ verdict }) => verdict === "sure");
  const start = `${chosen.length} 个${data.word}两两相比共 ${found.length} 对，在 ${data.confidence} 的把握下`;
  const told = sure.map(({ upper, lower }) => `${upper.name}高于${lower.name}`).join("、");
  const end = `（全表 ${everyPair()} 对一并比较）。`;
  return sure.length
    ? `${start}能断定先后的有 ${sure.length} 对：${told}${end}`
    : `${start}没有一对能断定先后${end}`;
}

// Rows against columns: what is certain, and the difference of the row from the column.
function matrix(chosen) {
  const inOrder = [...chosen].sort((a, b) => ranked.indexOf(a) - ranked.indexOf(b));
  const heads = [["横行比竖列", "text"], ...inOrder.slice(1).map((c) => [c.name, ""])];
  return table(
    "matrix",
    "两两相比",
    heads,
    inOrder.slice(0, -1).map((a, place) =>
      headed(
        a.name,
        inOrder.slice(1).map((b, other) => {
          if (other < place) {
            return cell("none", "");
          }
          const { verdict, difference, interval } = pair(a, b);
          const told = difference === undefined ? null : sub(`高 ${difference} 分（${interval}）`);
          return cell(
            verdict === "sure" ? "certain" : "none",
            verdict === "sure" ? "▲ 能断定更高" : "分不出先后",
            told,
          );
        }),
      ),
    ),
  );
}

function side(label, chosen, text) {
  return headed(label, chosen.map((c) => cell("", ...[text(c)].flat())));
}

function versus(chosen) {
  const asked = chosen.some((c) => c.satisfied);
  const wished = chosen.some((c) => c.needs);
  const first = (c) => (c.needs ? unpacked(c.needs.rows).slice(0, 3) : []);
  const rows = [
    side("综合得分", chosen, (c) => [c.score_text, sub(c.interval_text)]),
    side("与平均相比", chosen, (c) => groupTag(c)),
    side("等第", chosen, (c) => [c.grade, sub(`可能性 ${c.chance}`)]),
    side("名次", chosen, (c) => [c.rank_text, sub(c.set_text)]),
    asked ? side("总体满意率", chosen, (c) => (c.satisfied ? [c.satisfied.mark + c.satisfied.text, sub(c.satisfied.reach)] : "—")) : null,
    side(`相对${data.street_word}的变化`, chosen, (c) =>
      c.change ? [changed(c.change), sub(c.change.text)] : "不作比较",
    ),
    wished
      ? side("居民勾选最多的诉求", chosen, (c) => {
          const rows = first(c);
          return rows.length ? rows.map((row) => sub(`${row.name} ${row.share}`)) : "人数不够公布";
        })
      : null,
  ];
  const profiles = chosen.map((c) => (c.profile ? unpacked(c.profile.rows) : []));
  for (const [place, line] of profiles[0].entries()) {
    const all = profiles.map((own) => own[place]);
    if (all.every(Boolean)) {
      rows.push(
        make(
          "tr",
          { class: line.level },
          make("th", { scope: "row" }, make("span", { class: "code" }, line.code), line.name),
          all.map((own) => cell("", own.estimate, sub(own.interval), sub(own.verdict))),
        ),
      );
    }
  }
  const heads = [["", "text"], ...chosen.map((c) => [make("a", { href: address(c.id) }, c.name), ""])];
  return table("versus", "逐项对照", heads, rows.filter(Boolean));
}

function picker(label, chosen, place) {
  const select = make("select", { "data-pick": place, "data-keep": `picker-${place}` });
  options(select, "请选择", ranked.map((c) => [c.id, `${c.name}（${c.rank_text}）`]));
  select.value = chosen[place]?.id ?? "";
  select.addEventListener("change", () => {
    const ids = chosen.map((c) => c.id);
    ids[place] = select.value;
    go({ ids: [...new Set(ids.filter(Boolean))] });
  });
  return make("label", {}, label, select);
}

const ORDINALS = ["第一个", "第二个", "第三个", "第四个", "第五个", "第六个"];

function comparisonView(ids) {
  const chosen = ids.map((id) => byId.get(id));
  const places = Math.min(Math.max(chosen.length + 1, 2), MOST, Math.max(ranked.length, 2));
  const parts = [
    make("div", { class: "title" }, make("h2", { id: "comparison-title", tabindex: "-1" }, `比较几个${data.word}`)),
    make(
      "div",
      { class: "actions" },
      make("a", { href: address() }, "← 返回总览"),
      chosen.length > 1
        ? csvButton(() => viewRows(find("comparison")), () => `比较-${chosen.map((c) => c.name).join("-")}-${data.wave.name}`)
        : null,
    ),
    make("div", { class: "picks" }, ORDINALS.slice(0, places).map((label, place) => picker(label, chosen, place))),
  ];
  if (chosen.length < 2) {
    return [...parts, said(`选出两个到 ${MOST} 个${data.word}，看得分之差是不是数据分得清的。`)];
  }
  const two = chosen.length === 2;
  return [
    ...parts,
    make("p", { class: "takeaway verdict-box", id: "verdict" }, two ? verdictOn(pair(...chosen)) : verdictOnAll(chosen)),
    box(
      make(
        "div",
        { class: "bars" },
        chosen.map((c) =>
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
    two ? null : matrix(chosen),
    versus(chosen),
    said(`▲▼ 表示与${data.street_word}平均的差明显；满意率、维度和指标没有在几个${data.word}之间逐项检验，不论区间是否重叠，都不能据此说谁高谁低。`, "hint"),
  ];
}
