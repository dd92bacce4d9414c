"""The whole evaluation once more, from the raw exports, without a line of the package.

Nothing in these modules imports `evalkit`; they read YAML, CSV and workbooks with the plain
libraries and compute with NumPy, pandas and SciPy what `docs/method.md` says is computed. The
tests compare the result with every file of `out/` and with `evaluation.duckdb`. No number of the
package is used on the way.

`documents.read(folder: Path) -> Street`
    What the documents of a workspace say, as plain data:
    `scheme`, `order` (dicts as in the YAML, defaults filled in), `questionnaires` (id -> dict;
    every item has `options`, a list of dicts with code, label, score, missing, ...; the preset's
    scheme and questionnaires where the workspace has none), `roster` (list of dicts, in order:
    id, name, aliases (list), zone, kind, housing, population, since, until), `themes` (list of
    dicts), `crosswalks` (list of dicts), `waves` (list of the order's wave dicts, in order),
    `folder`. Helpers: `street.indicators()` list of codes in order, `street.groups()` list of
    dicts in order, `street.subjects(wave_id)` ids that exist in the wave, in roster order.
`rows.read(street, wave: str) -> Rows`
    `kept`: frame with columns file, row, questionnaire, group, subject, rater, weight, submitted,
    seconds, device, and one column per item with the option code (multi-selects: the codes joined
    with ";", numbers: float, open answers: text) or NaN; `states`: frame of the same shape, index
    and item columns with "answered", "dont_know", "refused", "skipped", "empty", "not_asked", ...
    `rejected`: frame file, row, reason. `read_rows`: file -> number of rows read.
`cells.cells(street, rows) -> dict[group code, Cell]`
    A `Cell` has arrays over the K subjects of the wave (roster order) and I measures (indicators
    in the scheme's order, then the overall item, "overall", last): `n` (K,), `n_effective` (K,),
    `n_measure` (K, I), `mean` (K, I), `covariance` (K, I, I), `joint` (K, I, K, I) or None,
    `df` (K,). NaN where nobody answered or the group does not judge the indicator.
    Also `cells.subjects(street, wave)` and `cells.measures(street)`: the names along the arrays.
`listening.needs(street, rows) -> frame`, `listening.themes(street, rows) -> frame`
    As `needs.csv` and `themes.csv`.
`kinds.py` (with `streets.py`, `foreign_forms.py`: they write workspaces, also without the package)
    `kinds.KINDS`: dict of name -> function(folder: Path) that writes a small workspace.
"""
