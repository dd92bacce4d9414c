"""Every preset that a street can start from: whole, consistent, and open about what it assumes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from evalkit import assets
from evalkit.definitions.actions import Action, ActionLibrary
from evalkit.definitions.decided import Decided
from evalkit.definitions.questionnaire import Item, Questionnaire
from evalkit.definitions.raters import RaterGroup
from evalkit.definitions.scheme import Dimension, Grade, Indicator
from evalkit.definitions.units import Units
from evalkit.errors import Problems
from evalkit.folder import Folder
from evalkit.workspace import Workspace, create
from tests.preset import from_preset

PRESETS = [name for name in assets.presets() if name != "blank"]
POST = re.compile("(书记|主任|社工|经理|委员|站长|组长|专员|会计)$")
FORMS = {"居民问卷": "resident", "单位问卷": "organisation", "委员问卷": "member"}
"""What actions call questionnaires."""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Workspace]:
    return {
        name: Workspace(from_preset(tmp_path_factory.mktemp(name) / "ws", name)) for name in PRESETS
    }


@pytest.fixture(params=PRESETS)
def preset(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def every(folders: dict[str, Workspace]) -> dict[str, Decided]:
    found = {}
    for name, space in folders.items():
        problems = Problems()
        loaded = Folder(space.root).load(problems, files=False)
        assert not problems, list(map(str, problems))
        assert loaded.inputs is not None
        found[name] = loaded.inputs.decided
    return found


@pytest.fixture
def decided(preset: str, every: dict[str, Decided]) -> Decided:
    return every[preset]


@pytest.fixture
def library(decided: Decided) -> ActionLibrary:
    assert decided.actions is not None
    return decided.actions


def forms(decided: Decided) -> list[Questionnaire]:
    return list(decided.questionnaires.values())


def resident(decided: Decided) -> Questionnaire:
    return decided.questionnaires["resident"]


def test_the_documents_are_clean_without_a_word_that_start_does_not_say(
    preset: str, folders: dict[str, Workspace], tmp_path: Path
) -> None:
    checked = folders[preset].check(files=False)
    assert checked.problems == ()
    assert checked.notes == ()
    assert checked.reports == ()
    for own in checked.tracks.values():
        assert own.notes == ()
    start = (folders[preset].root / "README.md").read_text(encoding="utf-8")
    fresh = create(tmp_path / "new", preset)
    for problem in fresh.check(files=False).problems:
        assert problem.code == "placeholder"
        assert str(problem.file) in start
        assert "示例" in start or problem.file == "evaluation.yaml"


def test_with_files_only_files_are_missing(preset: str, folders: dict[str, Workspace]) -> None:
    problems = folders[preset].check().problems
    assert {problem.code for problem in problems} == {"file_missing"}
    start = (folders[preset].root / "README.md").read_text(encoding="utf-8")
    assert "responses/" in start


def test_weights_add_up_and_residents_have_their_share(decided: Decided) -> None:
    scheme = decided.scheme
    assert sum(g.weight for g in scheme.groups) == pytest.approx(100)
    assert sum(d.weight for d in scheme.dimensions) == pytest.approx(100)
    for dimension in scheme.dimensions:
        assert sum(i.weight for i in dimension.indicators) == pytest.approx(dimension.weight)
        assert all(i.code.startswith(dimension.code) for i in dimension.indicators)
    assert scheme.residents_share() == 70
    shares = scheme.weights().sum(axis=1) * 100
    assert shares == pytest.approx([g.weight for g in scheme.groups])


def test_every_indicator_is_asked_and_has_two_or_three_actions(
    decided: Decided, library: ActionLibrary
) -> None:
    scheme = decided.scheme
    judged = {code for group in scheme.groups for code in scheme.covered(group)}
    assert judged == {i.code for i in scheme.indicators}
    counts = {i.code: len(library.of(i.code)) for i in scheme.indicators}
    assert set(counts.values()) <= {2, 3}
    assert sum(counts.values()) == len(library.actions)
    for group in scheme.groups:
        assert scheme.covered(group)
        assert group.covers is None or tuple(group.covers) == scheme.covered(group)


def test_every_scored_item_belongs_to_exactly_one_indicator(decided: Decided) -> None:
    for form in forms(decided):
        used = Counter(i for one in decided.scheme.indicators for i in one.items.get(form.id, []))
        assert used == Counter(item.id for item in form.of_role("scored"))


def test_what_residents_are_asked_has_a_saying_that_a_share_can_stand_behind(
    decided: Decided,
) -> None:
    """遇到过态度冷淡吗（91%） reads as if 91% had met it."""
    items = [
        item
        for name in {group.source for group in decided.scheme.residents}
        for item in decided.questionnaires[name].of_role("scored")
    ]
    assert any(item.short for item in items)
    for item in items:
        assert (item.short is None) == (not re.search("[？吗]$", item.text)), item.text
        said = item.short or item.text
        assert not re.search("[？?。吗呢]$|多久|几次才|几趟|有没有|您", said), said
        assert len(said) <= 24, "it is the label of a chart"


def test_the_residents_form_has_all_its_parts(decided: Decided) -> None:
    form = resident(decided)
    roles = Counter(item.role for item in form.items)
    scored = roles.pop("scored")
    assert roles == {
        "screening": 1, "subject": 1, "overall": 1, "need": 1, "open": 2, "profile": 4,
    }  # fmt: skip
    assert 20 <= scored <= 36
    kinds = {item.scale for item in form.of_role("scored")}
    assert len(kinds) > 1, "not everything is asked on the scale of satisfaction"
    profile = "".join(item.text for item in form.of_role("profile"))
    assert all(word in profile for word in ("性别", "年龄", "住", "年"))
    needs = form.options_of(form.of_role("need")[0])
    assert len(needs) >= 12
    assert [o.label for o in needs][-2:] == ["其他【请注明】", "目前没有"]


def test_scores_are_explicit_and_numbers_are_those_of_a_platform(decided: Decided) -> None:
    for form in forms(decided):
        for item in form.of_role("scored", "overall"):
            options = form.options_of(item)
            scores = [o.score for o in options if o.score is not None]
            assert {0, 100} <= set(scores) <= {0, 30, 60, 80, 100}, item.id
            assert [o.code for o in options] == [str(n + 1) for n in range(len(options))]
            for option in options:
                unsure = re.search("^记不清|^没有留意|不了解|说不清", option.label)
                assert (option.missing == "dont_know") == bool(unsure), option.label
        runs = [(n, list(own)) for n, own in groupby(form.items, key=lambda item: item.number)]
        assert [number for number, _ in runs] == list(range(1, len(runs) + 1))
        for _, own in runs:
            stems = {item.stem for item in own}
            assert len(stems) == 1
            assert (len(own) > 1) == (stems != {None})
        texts = Counter(item.text for item in form.items)
        assert max(texts.values()) == 1


def test_comments_name_the_items_whose_options_run_the_other_way(
    decided: Decided, preset: str
) -> None:
    """Position is not the score, and whoever edits a form is told where."""
    for form in forms(decided):
        rising = []
        for item in form.of_role("scored"):
            scores = [o.score for o in form.options_of(item) if o.score is not None]
            if scores == sorted(scores):
                rising.append(item.number)
        head = (assets.preset(preset) / f"{form.id}.yaml").read_text(encoding="utf-8")
        (said,) = re.findall("第 ([0-9、 ]+) 题的选项由差到好", head)
        assert [int(n) for n in said.split("、")] == rising


def test_rosters_have_the_shape_of_their_place(every: dict[str, Decided]) -> None:
    zhuanqiao, caoyang = (Units.of(every[name].roster) for name in ("zhuanqiao", "caoyang"))
    assert sum(one.level == "zone" for one in zhuanqiao.around) == 5
    kinds = Counter((s.kind, s.provisional) for s in zhuanqiao.subjects)
    assert kinds == {("居民区", False): 31, ("居民区", True): 1, ("村", False): 14}
    assert len(zhuanqiao.subjects) == 46
    assert len(zhuanqiao.counting("2026")) == 45
    zones = Counter(s.parent for s in zhuanqiao.subjects)
    assert sorted(zones.values()) == [9, 9, 9, 9, 10]
    assert all(
        {s.kind for s in zhuanqiao.subjects if s.parent == zone} == {"居民区", "村"}
        for zone in zones
    )
    assert len(caoyang.subjects) == 20
    assert [one.level for one in caoyang.around] == ["compound"] * 63
    assert set(caoyang.homes().values()) == {s.id for s in caoyang.subjects}
    stations = Counter(s.partitions["网格站"] for s in caoyang.subjects)
    assert list(stations.values()) == [4] * 5
    assert every["caoyang"].scheme.group("member").population == 41


def test_the_members_of_caoyang_work_in_its_committees(folders: dict[str, Workspace]) -> None:
    loaded = Folder(folders["caoyang"].root / "tracks/members", "members").load(
        Problems(), files=False
    )
    assert loaded.inputs is not None
    track = loaded.inputs.decided.track
    assert track is not None
    assert len(track.units) == 41
    assert sorted(Counter(track.units.values()).values()) == [2] * 19 + [3]
    assert loaded.inputs.decided.order.subject_word == "委员"
    assert loaded.inputs.decided.order.unit_word == "居民区"


def test_workers_of_nanhu_are_judged_60_30_10(folders: dict[str, Workspace]) -> None:
    """Residents 5 × 12, the street 5 × 6, colleagues 10 × 1, whoever judges what."""
    root = folders["nanhu-worker"].root / "tracks/workers"
    loaded = Folder(root, "workers").load(Problems(), files=False)
    assert loaded.inputs is not None
    track = loaded.inputs.decided.track
    assert track is not None
    weights = track.scheme.weights() * 100
    assert [sorted(row[row > 0].round(9)) for row in weights] == [[12] * 5, [6] * 5, [1] * 10]
    assert Counter(track.units.values()) == {f"n{n}": 6 for n in range(1, 7)}
    left = track.comparable
    assert [g.weight for g in left.groups] == pytest.approx([200 / 3, 100 / 3])
    (quota,) = track.track.quotas
    assert int(len(track.units) * quota.share / 100) == 5


def test_points_of_members_are_capped_at_twenty(folders: dict[str, Workspace]) -> None:
    """15 × 2 capped at 12, and 4 and 4: 20 of 20."""
    root = folders["nanhu-worker"].root / "tracks/members"
    loaded = Folder(root, "members").load(Problems(), files=False)
    assert loaded.inputs is not None
    measure = loaded.inputs.decided.ledgers["member_points"].measure("points")
    given = {"志愿服务": 15 * 2, "认领项目": 4, "参加活动": 4}
    assert (
        sum(min(points, measure.caps[kind]) for kind, points in given.items()) == measure.full == 20
    )


def marked(decided: Decided) -> Iterator[RaterGroup | Dimension | Indicator | Grade]:
    scheme = decided.scheme
    yield from (*scheme.groups, *scheme.dimensions, *scheme.indicators, *scheme.grades)


def test_what_is_assumed_is_marked_and_what_is_published_has_a_source(decided: Decided) -> None:
    scheme = decided.scheme
    assert all("basis" in part.model_fields_set for part in marked(decided))
    assert bool(scheme.published) == any(part.basis == "published" for part in marked(decided))
    assert scheme.assumptions
    for form in forms(decided):
        assert any("没有公开出处" in text for text in form.assumptions)
        assert form.introduction
    assert decided.actions is not None
    assert {action.basis for action in decided.actions.actions} == {"assumption"}
    for ledger in decided.ledgers.values():
        assert any("假定" in text for text in ledger.assumptions)


def test_no_number_stands_among_the_assumptions_that_a_street_may_change(decided: Decided) -> None:
    texts = [*decided.scheme.assumptions, *(t for form in forms(decided) for t in form.assumptions)]
    for text in texts:
        assert not any(sign.isdigit() for sign in text), text
        assert text.endswith("。")


def test_the_readme_counts_what_is_there(decided: Decided, preset: str) -> None:
    readme = (assets.preset(preset) / "README.md").read_text(encoding="utf-8")
    for form in forms(decided):
        (line,) = [one for one in readme.splitlines() if one.startswith(f"| `{form.id}.yaml`")]
        assert f"{len(form.of_role('scored'))} 道计分题" in line
    (line,) = [one for one in readme.splitlines() if one.startswith("| `scheme.yaml`")]
    scheme = decided.scheme
    assert f"{len(scheme.groups)} 类评价主体" in line
    assert f"{len(scheme.dimensions)} 个维度" in line
    assert f"{len(scheme.indicators)} 个指标" in line
    assert "## 有公开报道的" in readme
    assert "## 编者假定的" in readme
    for file in assets.preset(preset).iterdir():
        assert f"`{file.name}" in readme or file.name == "README.md", file.name


def mentioned(
    action: Action, indicator: Indicator, decided: Decided
) -> list[tuple[Questionnaire, Item]]:
    """Items of the indicator that an action's last part names, by number; none may be foreign."""
    found: list[tuple[Questionnaire, Item]] = []
    last = ""
    for title, one, other in re.findall(
        f"(?:({'|'.join(FORMS)}))?(?:及)?第 ([0-9]+) 题(?:和第 ([0-9]+) 题)?", action.shown_by
    ):
        last = title or last
        form = decided.questionnaires[FORMS[last]]
        own = [i for i in form.items if i.id in indicator.items.get(form.id, [])]
        for number in filter(None, (one, other)):
            items = [item for item in own if item.number == int(number)]
            assert items, f"{action.indicator}：{title}第 {number} 题不属于这个指标"
            found += [(form, item) for item in items]
    return found


def test_what_will_show_it_stands_in_the_indicators_own_questions(
    decided: Decided, library: ActionLibrary
) -> None:
    indicators = {i.code: i for i in decided.scheme.indicators}
    for action in library.actions:
        indicator = indicators[action.indicator]
        named = mentioned(action, indicator, decided)
        known = {
            ledger.measure(code).name
            for name, ledger in decided.ledgers.items()
            for code in indicator.items.get(name, [])
        }
        assert named or any(name in action.shown_by for name in known), action.shown_by
        for form, item in named:
            known |= {item.text} | {o.label for o in form.options_of(item)}
        assert set(re.findall("“([^”]*)”", action.shown_by)) <= known, action.shown_by
        assert POST.search(action.who), action.who


def test_what_must_not_wait_is_done_within_a_month_and_by_what_its_questions_ask_for(
    decided: Decided, library: ActionLibrary
) -> None:
    """No "at once" that takes longer than what may wait, and no lamps against full fire lanes."""
    for indicator in decided.scheme.indicators:
        if not indicator.must_not_wait:
            continue
        for items in ([], *indicator.items.values()):
            for item in items or [""]:
                first = library.about(indicator.code, item)[0]
                assert first.days <= 30, first.what
        aimed = [a for a in library.of(indicator.code) if a.items]
        for action in aimed:
            (item,) = action.items
            assert library.about(indicator.code, item)[0] == action
            assert any(item in items for items in indicator.items.values())


def test_the_street_has_one_task_for_most_needs_and_none_for_others(
    decided: Decided, library: ActionLibrary
) -> None:
    form = resident(decided)
    (item,) = form.of_role("need")
    asked = [o.label for o in form.options_of(item)]
    own = [task.need for task in library.street]
    assert set(own) <= set(asked)
    assert len(own) == len(set(own)) >= 10
    assert not any(need.startswith(("目前没有", "其他")) for need in own)
    for task in library.street:
        assert task.shown_by == f"居民问卷第 {item.number} 题选“{task.need}”的比例是否下降"


def test_alternatives_change_what_they_say(decided: Decided) -> None:
    scheme = decided.scheme
    assert any(a.group_weights for a in scheme.alternatives)
    scores = {
        o.score
        for form in forms(decided)
        for i in form.of_role("scored")
        for o in form.options_of(i)
    }
    for other in scheme.alternatives:
        assert not any(sign.isdigit() for sign in other.name)
        assert {float(score) for score in other.option_scores} <= scores
        assert all(float(old) != new for old, new in other.option_scores.items())
