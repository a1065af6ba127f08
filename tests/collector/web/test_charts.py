"""Small charts and the path picture: what is drawn, and that what is not known is not drawn."""

from __future__ import annotations

import math
import re

from hotline_collector.web.machine_strip import HEIGHT, WIDTH, charts
from hotline_collector.web.way_picture import stations
from hotline_proto.v1 import agent_pb2 as apb
from hypothesis import given
from hypothesis import strategies as st


def machine(values: list[float], unit: str = "1", name: str = "cpu", unknown: str = "") -> apb.MachineView:
    ages = [2000 * (len(values) - 1 - index) for index in range(len(values))]
    view = apb.MachineView(ages_ms=ages)
    view.series.add(name=name, unit=unit, values=values, unknown=unknown)
    return view


def test_a_line_runs_through_what_was_measured() -> None:
    [chart] = charts(machine([0.0, 0.5, 1.0]))
    assert chart.line == "M176 34h0L178 18L180 2"
    assert (chart.last, chart.low, chart.high, chart.unknown) == (1.0, 0.0, 1.0, "")


def test_what_is_not_known_interrupts_the_line() -> None:
    [chart] = charts(machine([0.5, math.nan, 0.5], unknown="stale"))
    assert chart.line.count("M") == 2 and chart.last is None and chart.unknown == "stale"
    [chart] = charts(machine([math.nan, math.nan], unknown="unsupported"))
    assert (chart.line, chart.last, chart.low) == ("", None, None)
    late = machine([0.5, 0.5])
    late.ages_ms[0] += 60_000
    assert charts(late)[0].line.count("M") == 2


def test_transfers_are_shown_where_nobody_knows_how_busy_a_disk_is() -> None:
    view = machine([math.nan], name="disk", unknown="unsupported")
    view.series.add(name="transfer", unit="By/s", values=[5e6])
    assert [chart.name for chart in charts(view)] == ["transfer"]
    view.series[0].values[0] = 0.5
    assert [chart.name for chart in charts(view)] == ["disk"]


@given(st.lists(st.floats(width=32), max_size=95), st.sampled_from(["1", "By/s", "{process}", "<b>"]))
def test_a_line_stays_within_its_chart_whatever_a_probe_says(values: list[float], unit: str) -> None:
    [chart] = charts(machine(values, unit))
    assert re.fullmatch(r"([ML]\d+ \d+(\.\d)?(h0)?)*", chart.line)
    for x, y in re.findall(r"[ML](\d+) ([\d.]+)", chart.line):
        assert 0 <= int(x) <= WIDTH and 0 <= float(y) <= HEIGHT


def test_the_break_is_a_gap_in_its_link() -> None:
    parts = [
        apb.PathPartView(part="computer", state="good"),
        apb.PathPartView(part="link", state="bad", broken=True),
        apb.PathPartView(part="router", state="<b>"),
    ]
    shown = stations(parts)
    assert [station.state for station in shown] == ["good", "bad", "unknown"]
    assert [len(station.links) for station in shown] == [0, 2, 1]
    assert shown[1].links[0][1] < shown[1].gap < shown[1].links[1][0] and not shown[2].gap
