import json
import time

import pytest

from kevents.source.json_depth import MAX_DEPTH, is_too_deep


def _nested(depth: int) -> str:
    return '{"a":[' * (depth // 2) + "{" * (depth % 2) + "}" * (depth % 2) + "]}" * (depth // 2)


@pytest.mark.parametrize("depth", [1, 2, 255, 256])
def test_text_within_the_limit(depth: int) -> None:
    assert MAX_DEPTH == 256
    assert not is_too_deep(_nested(depth))
    assert not is_too_deep(_nested(depth).encode())


@pytest.mark.parametrize("depth", [257, 258, 1500, 9900, 1_000_000])
def test_text_over_the_limit(depth: int) -> None:
    assert is_too_deep(_nested(depth))
    assert is_too_deep(_nested(depth).encode())


def test_many_shallow_values_are_not_deep() -> None:
    assert not is_too_deep(json.dumps([{"a": [{}, []]}] * 1000))


@pytest.mark.parametrize("text", ["{[" * 1000, '\\"' + "{[" * 1000, "\\\\" * 500 + '\\"' + "[" * 1000, '"', "ü"])
def test_brackets_in_strings_do_not_count(text: str) -> None:
    assert not is_too_deep(json.dumps({"message": text}, ensure_ascii=False))
    assert is_too_deep(json.dumps({"message": text}, ensure_ascii=False) + _nested(257))


def test_text_that_is_cut_off() -> None:
    assert is_too_deep(_nested(600)[:900])
    assert not is_too_deep('{"message": "' + "[" * 1000)
    assert not is_too_deep("]" * 1000)
    assert not is_too_deep("")


def test_lone_surrogates_are_allowed() -> None:
    assert not is_too_deep('"\ud800"' + "[]" * 1000)


def test_long_text_takes_linear_time() -> None:
    start = time.process_time()
    is_too_deep(b'"' + b'\\"' * 10_000_000)
    is_too_deep(b"[]" * 5_000_000)
    assert time.process_time() - start < 5
