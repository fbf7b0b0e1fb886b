"""The closing line of `make test` counts what the runs reported, and never calls a broken run a success."""

import pytest

from scripts.run_tests import NO_TESTS, Count

REPORT = '<testsuites><testsuite tests="10" failures="2" errors="1" skipped="3"/></testsuites>'


@pytest.fixture
def report(tmp_path):
    path = tmp_path / "report.xml"
    path.write_text(REPORT)
    return path


def test_a_report_is_counted_with_errors_as_failures(report):
    assert Count.from_report(report, 1) == Count(passed=4, failed=3, skipped=3)


def test_runs_add_up_to_the_closing_line():
    assert str(Count(5, 0, 1) + Count(4, 3, 3)) == "9 passed, 3 failed, 4 skipped"


@pytest.mark.parametrize("code", [2, 3, NO_TESTS, -9])
def test_a_run_that_broke_off_counts_as_a_failure(tmp_path, code):
    assert Count.from_report(tmp_path / "never-written.xml", code).failed == 1


def test_a_broken_end_after_passing_tests_counts_as_a_failure(report):
    report.write_text(REPORT.replace('failures="2" errors="1"', 'failures="0" errors="0"'))
    assert Count.from_report(report, 3) == Count(passed=7, failed=1, skipped=3)
    assert Count.from_report(report, 0) == Count(passed=7, failed=0, skipped=3)
