// --- what is shown stands in the address: it can be kept, sent, and gone back to ----------------

const MOST = 6;
const KEYS = ["wave", "sort", "q", "zone", "housing", "grade", "group", "map", "pick"];
let state = { ids: null };

const listOf = (text) => [...new Set(text.split("+"))].filter((id) => byId.get(id)?.complete).slice(0, MOST);

// The view is "" (everybody), the id of a committee, or ids joined by "+" (compared).
function parsed(hash) {
  const [view, query = ""] = hash.slice(1).split(/\?(.*)/s);
  const given = new URLSearchParams(query);
  const found = Object.fromEntries(KEYS.map((key) => [key, given.get(key) ?? ""]));
  found.pick = listOf(found.pick);
  let plainView = "";
  try {
    plainView = decodeURIComponent(view);
  } catch {
    plainView = "";
  }
  if (plainView.includes("+")) {
    return { ...found, view: "comparison", ids: listOf(plainView) };
  }
  const id = byId.has(plainView) ? plainView : null;
  return { ...found, view: id ? "committee" : "overview", ids: id ? [id] : [] };
}

function written({ view, ids, ...rest }) {
  const query = new URLSearchParams();
  for (const key of KEYS) {
    const value = key === "pick" ? rest.pick.join("+") : rest[key];
    if (value) {
      query.set(key, value);
    }
  }
  const names = ids.map(encodeURIComponent).join("+");
  const path = view === "comparison" && ids.length < 2 ? `${names}+` : names;
  return `#${path}${String(query) ? `?${query}` : ""}`;
}

const at = (patch) => written({ ...state, ...patch });
const address = (...ids) =>
  at({ view: ids.length > 1 ? "comparison" : ids.length ? "committee" : "overview", ids });

function go(patch, quietly = false) {
  const to = at(patch);
  if (quietly) {
    location.replace(to);
  } else {
    location.hash = to;
  }
  route();
}

const open = (id) => go({ view: "committee", ids: [id] });
const shownWave = () => waves.find((wave) => wave.id === state.wave) ?? waves[0];
