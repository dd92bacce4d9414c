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
  const picked = document.activeElement?.dataset.pick;
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
  } else if (wanted.view === before.view && picked !== undefined) {
    document.querySelector(`[data-pick="${picked}"]`).focus({ preventScroll: true });
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
