"""Container logs are read without the wrappers of the container runtime."""

from __future__ import annotations

import json

import pytest

from tests.source.reading import event, names, read

EVENTS = [event(f"e.{number}") for number in range(4)]
NAMES = [f"e.{number}" for number in range(4)]
LINES = [json.dumps(each) for each in EVENTS]


def docker(text: str, stream: str = "stdout") -> str:
    return json.dumps({"log": text, "stream": stream, "time": "2024-01-02T03:04:05.6Z"})


def cri(text: str, tag: str = "F", stream: str = "stdout") -> str:
    return f"2024-01-02T03:04:05.678901234+01:00 {stream} {tag} {text}"


def test_docker_lines_are_unwrapped_and_their_parts_joined() -> None:
    text = [docker(line + "\n") for line in LINES[:3]] + [
        docker(LINES[3][:99]),
        docker("log\n", "stderr"),
        docker(LINES[3][99:] + "\n"),
    ]
    assert names("\n".join(text)) == NAMES
    assert read("\n".join(text))[1:] == ({"log lines": 1}, [])


def test_cri_lines_are_unwrapped_and_their_parts_joined() -> None:
    text = [cri(line) for line in LINES[:3]]
    text += [cri(LINES[3][:50], "P"), cri("a log line", stream="stderr"), cri(LINES[3][50:90], "P"), cri(LINES[3][90:])]
    assert names("\n".join(text)) == NAMES
    assert read("\n".join(text))[1:] == ({"log lines": 1}, [])


@pytest.mark.parametrize("wrap", [cri, lambda line: docker(line + "\n")])
def test_documents_that_span_many_wrapped_lines_are_read(wrap) -> None:
    assert names("\n".join(wrap(line) for each in EVENTS for line in json.dumps(each, indent=4).split("\n"))) == NAMES


def test_a_problem_in_wrapped_lines_has_the_line_number_of_the_file() -> None:
    text = [cri(LINES[0]), cri(LINES[1][:50], "P"), cri(LINES[1][50:]), cri('{"broken'), cri(LINES[2])]
    assert [problem.line for problem in read("\n".join(text))[2]] == [4]
    assert names("\n".join(text)) == NAMES[:3]


def test_lines_without_a_wrapper_among_wrapped_ones_are_read_unchanged() -> None:
    assert names("\n".join([cri(LINES[0]), LINES[1], docker(LINES[2] + "\n"), LINES[3]])) == NAMES
