"""Numbers as streets publish them: the cases of the field, and some of the hotline's records."""

from __future__ import annotations

from pathlib import Path

CLAIMS = """\
id: published
title: 公布的数
assumptions: [“个月”按 30 天计]
claims:
  - id: people
    text: 实有人口 31,531 人，其中户籍 26,476 人、来沪 5,058 人
    printed: 31,531 人
    source: 实有人口登记通报
    date: 2021-08-10
    page: 第 2 页
    way: sum
    terms:
      - {name: 户籍, printed: '26,476 人'}
      - {name: 来沪, printed: '5,058 人'}
  - id: residents
    text: 户籍占 84%
    printed: 84%
    source: 实有人口登记通报
    way: share
    terms:
      - {name: 户籍, printed: '26,476', side: both}
      - {name: 来沪, printed: '5,058', side: under}
  - id: newcomers
    text: 来沪占 16%
    printed: 16%
    source: 实有人口登记通报
    way: share
    terms:
      - {name: 来沪, printed: '5,058'}
      - {name: 实有人口, claim: people, side: under}
  - id: per_day
    text: 两个月里平均每天登记 445 人
    printed: '445'
    source: 实有人口登记通报
    way: ratio
    terms:
      - {name: 登记, claim: people}
      - {name: 天数, since: 2021-06-02, until: 2021-08-02, side: under}
  - id: workdays
    text: 历时 44 个工作日
    printed: 44 个
    source: 实有人口登记通报
    way: sum
    terms:
      - {name: 登记, since: 2021-06-02, until: 2021-08-02, workdays: true}
  - id: posts
    text: 配备 1 名指挥、13 名组长、30 名队员，共 44 人
    printed: 44 人
    source: 实有人口登记通报
    way: sum
    terms:
      - {name: 指挥, printed: '1'}
      - {name: 组长, printed: '13'}
      - {name: 队员, printed: '30'}
  - id: lines
    text: 16 条服务线，包括医、养、食、住、行、学、乐、业、安
    printed: 16 条
    source: 服务手册
    way: listed
    listed: [医, 养, 食, 住, 行, 学, 乐, 业, 安]
  - id: needs
    text: 平均每个居民区 278.3 项需求
    printed: 278.3 项
    source: 需求清单通报
    way: ratio
    terms:
      - {name: 需求, printed: '9,742 项'}
      - {name: 居民区, printed: 35 个, side: under}
  - id: needs_per_1000
    text: 每千人 69.2 项需求
    printed: '69.2'
    source: 需求清单通报
    way: ratio
    per: 1000
    terms:
      - {name: 需求, printed: '9,742'}
      - {name: 常住人口, printed: 14.07 万, side: under}
  - id: running
    text: 689 个项目中运行 217 个，占 31.5%
    printed: 31.5%
    source: 需求清单通报
    way: share
    terms:
      - {name: 运行, printed: '217'}
      - {name: 项目, printed: '689', side: under}
  - id: events
    text: 全年开展活动 231 场
    printed: 231 场
    source: 工作总结
    way: sum
    terms:
      - {name: 一季度, printed: '18'}
      - {name: 二季度, printed: '29'}
      - {name: 三季度, printed: '13'}
      - {name: 四季度, printed: '8'}
      - {name: 寒假, printed: '7'}
      - {name: 暑假, printed: '156'}
  - id: projects
    text: 项目由 10 个增加到 24 个，增长 140%
    printed: 140%
    source: 工作总结
    way: growth
    terms:
      - {name: 现在, printed: 24 个}
      - {name: 原来, printed: 10 个}
  - id: satisfied
    text: 670 件中群众评价满意度 94.69%
    printed: '94.69'
    source: 热线月报
    way: ratio
    per: 100
    terms:
      - {name: 满意, printed: '581', side: both}
      - {name: 基本满意, printed: '89', times: 0.6}
      - {name: 基本满意件数, printed: '89', side: under}
  - id: resolved_share
    text: 670 件全部答复，解决率 98.96%
    printed: 98.96%
    source: 热线月报
    way: share
    terms:
      - {name: 解决, printed: '663'}
      - {name: 受理, printed: '670', side: under}
  - id: maps
    text: 一居一图加街道总图，共 36 张
    printed: 36 张
    source: 工作总结
    way: sum
    terms:
      - {name: 居民区, printed: '35'}
      - {name: 街道, printed: '1'}
  - id: tried
    text: 35 个居民区中 7 个试点，占两成
    printed: 20%
    source: 工作总结
    way: share
    terms:
      - {name: 试点, printed: '7'}
      - {name: 全部, printed: '35', side: under}
  - id: funds
    text: 投入 86.76 万元，其中政府 60.4 万元、社会 26.4 万元
    printed: 86.76 万元
    source: 工作总结
    way: sum
    terms:
      - {name: 政府, printed: 60.4 万元}
      - {name: 社会, printed: 26.4 万元}
  - id: committees
    text: 覆盖全部 4 个居民区
    printed: 4 个
    source: 工作总结
    way: sum
    terms:
      - {name: 居民区, roster: subjects}
  - id: orders
    text: 全年受理热线约 80 件
    printed: 约 80 件
    source: 工作总结
    way: sum
    terms:
      - {name: 工单, ledger: hotline}
  - id: resolved
    text: 解决 70 余件
    printed: 70 余件
    source: 工作总结
    way: sum
    terms:
      - {name: 已解决, ledger: hotline, where: {resolved: [已解决]}}
  - id: organisations
    text: 引入社会组织 98 家
    printed: 98 家
    source: 工作总结
    way: none
    reason: 社会组织名单不在手头
"""


def write(root: Path, text: str = CLAIMS) -> Path:
    """Lay published numbers into a workspace."""
    (root / "claims.yaml").write_text(text, encoding="utf-8")
    return root
