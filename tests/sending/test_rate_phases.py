"""The phases of the rate, as the diagram in rate_controller draws them."""

from __future__ import annotations

import pytest

from importer.sending.rate_controller import Phase, RateController
from importer.sending.rate_tuning import TUNING


def accept_steadily(controller: RateController, now: float, seconds: float) -> float:
    """Take every turn and have it accepted at once; return the time at the end."""
    end = now + seconds
    while now < end:
        wait = controller.delay(now)
        if wait:
            now += wait
        else:
            controller.accepted(now, now)
    return now


def climbing() -> tuple[RateController, float]:
    controller = RateController(10, fixed=False)
    return controller, accept_steadily(controller, 50.0, 1.0)


def test_a_burst_becomes_a_climb_once_its_silence_is_over() -> None:
    controller = RateController(10, fixed=False)
    assert controller.phase is Phase.BURST

    accept_steadily(controller, 50.0, TUNING.burst_seconds + 0.1)

    assert controller.phase is Phase.CLIMB


@pytest.mark.parametrize(("wait", "phase"), [(0.2, Phase.RECOVER), (2.0, Phase.MEASURE)])
def test_a_first_refusal_is_measured_where_its_pause_is_costly(wait: float, phase: Phase) -> None:
    controller, now = climbing()

    controller.refused(now, now, wait)

    assert controller.phase is phase


def test_measuring_ends_with_the_first_answer_to_a_request_sent_after_the_pause() -> None:
    controller, now = climbing()
    controller.refused(now, now, 2.0)

    controller.accepted(now + 1, now - 0.1)
    assert controller.phase is Phase.MEASURE
    controller.accepted(now + 3, now + 2.5)
    assert controller.phase is Phase.RECOVER


def test_recovering_ends_at_the_top_and_a_refusal_leads_back() -> None:
    controller, now = climbing()
    controller.refused(now, now, 0.2)

    now = accept_steadily(controller, now, 20.0)
    assert controller.phase is Phase.HOLD
    top = controller.rate
    now = accept_steadily(controller, now, TUNING.first_hold_seconds + TUNING.steady_seconds)
    assert controller.rate > top
    controller.refused(now, now, 0.2)

    assert controller.phase is Phase.RECOVER


def test_a_fixed_rate_has_one_phase() -> None:
    controller = RateController(10, fixed=True)
    now = accept_steadily(controller, 50.0, 3.0)
    controller.refused(now, now, 2.0)

    assert controller.phase is Phase.FIXED
