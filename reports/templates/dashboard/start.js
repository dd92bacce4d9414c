// --- which view: the address says it, so that the back button works ----------------------------

let rendered = null;

function route(starting = false) {
  const wanted = parsed(location.hash);
  if (written(wanted) === rendered) {
    return;
  }
  const before = state;
  state = wanted;
  rendered = written(wanted);
  const kept = document.activeElement?.dataset.keep;
  for (const view of ["overview", "committee", "comparison"]) {
    find(view).hidden = view !== wanted.view;
  }
  find("committee").replaceChildren();
  find("comparison").replaceChildren();
  document.title = title;
  showLinks();
  if (wanted.view === "committee") {
    const committee = byId.get(wanted.ids[0]);
    find("committee").append(...committeeView(committee).filter(Boolean));
    document.title = `${committee.name} · ${title}`;
  } else if (wanted.view === "comparison") {
    find("comparison").append(...comparisonView(wanted.ids).filter(Boolean));
  } else {
    showOverview();
  }
  forgetOldCharts();
  if (!starting) {
    moveFocus(before, kept);
  }
}

function showLinks() {
  const links = { "to-overview": "overview", "to-comparison": "comparison" };
  for (const [id, view] of Object.entries(links)) {
    find(id).href = view === state.view ? location.hash || "#" : at({ view, ids: [] });
    if (state.view === view) {
      find(id).setAttribute("aria-current", "page");
    } else {
      find(id).removeAttribute("aria-current");
    }
  }
}

function moveFocus(before, kept) {
  if (state.view === before.view && state.view !== "committee") {
    const again = kept && document.querySelector(`[data-keep="${CSS.escape(kept)}"]`);
    again?.focus({ preventScroll: true });
  } else if (state.view === "overview") {
    returnTo(before.ids[0]);
  } else {
    window.scrollTo({ top: 0, behavior: "instant" });
    find(`${state.view}-title`).focus({ preventScroll: true });
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
  if (state.view !== "overview") {
    go({ view: "overview", ids: [] });
  } else if (document.activeElement === find("search") && find("search").value) {
    event.preventDefault();
    clear();
  }
}

buildFilters();
buildWaves();
legend();
buildMap();
find("picked-clear").addEventListener("click", () => go({ pick: [] }));
find("to-print").addEventListener("click", () => window.print());
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
document.documentElement.dataset.ready = "";
