"""Laws of the unified social credit code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as stdnum_uscc

from matchhub.domain import uscc
from matchhub.domain.uscc import Problem, ProblemCode

# A published code of a real company, only used for its arithmetic.
REAL = "91110000600037341L"

DEMO = [
    "52310107MJ5260185T",
    "52310107MJ15908304",
    "51310107MJ01661303",
    "51310107MJ18609171",
    "53310000MJ3909964X",
    "53310000MJ030824X8",
    "52310000MJ62819493",
    "52310000MJ8219938Y",
]

BODIES = st.text(uscc.ALPHABET, min_size=8, max_size=8)
REGIONS = st.text("0123456789", min_size=6, max_size=6)
KINDS = st.sampled_from([(d, c) for d, classes in uscc.CLASSES.items() for c in classes])


def test_the_body_check_of_a_known_code_by_hand():
    # 60003734: 6*3 + 0*7 + 0*9 + 0*10 + 3*5 + 7*8 + 3*4 + 4*2 = 18+15+56+12+8 = 109; 109 mod 11 = 10; 11-10 = 1.
    assert uscc.body_check("60003734") == "1"


def test_a_body_remainder_of_one_gives_x_and_of_zero_gives_0():
    # 4*3 = 12, 12 mod 11 = 1, 11-1 = 10 -> X. All zeros: 0 mod 11 = 0, 11-0 = 11 -> 0.
    assert uscc.body_check("40000000") == "X"
    assert uscc.body_check("00000000") == "0"


@pytest.mark.parametrize("code", [REAL, *DEMO])
def test_valid_codes_have_no_problem(code):
    assert uscc.problem(code) is None
    assert stdnum_uscc.is_valid(code)


@pytest.mark.parametrize("department", ["A", "N", "Y"])
def test_departments_with_a_letter_are_accepted(department):
    code = uscc.compose(department, "1", "310107", "MJ526018")
    assert code.startswith(department)
    assert uscc.problem(code) is None


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("", Problem(ProblemCode.length, 0)),
        (REAL[:-1], Problem(ProblemCode.length, 17)),
        ("5231O107MJ5260185T", Problem(ProblemCode.letter, 5, "O", "0")),
        ("5231010七MJ5260185T", Problem(ProblemCode.letter, 8, "七", "")),
        ("B2310107MJ5260185T", Problem(ProblemCode.department, 1, "B")),
        ("58310107MJ5260185T", Problem(ProblemCode.organisation_class, 2, "8")),
        ("523101A7MJ5260185T", Problem(ProblemCode.region, 7, "A")),
        ("52310107MJ5260186T", Problem(ProblemCode.body_check, 17, "6")),
        ("52310107MJ5260185U", Problem(ProblemCode.whole_check, 18, "U")),
    ],
)
def test_the_first_broken_rule_is_named_with_its_place(code, found):
    assert uscc.problem(code) == found


def test_what_people_paste_becomes_the_stored_form():
    assert uscc.normalise(" ５２310107-mj5260185t\u200b\n") == "52310107MJ5260185T"


@given(KINDS, REGIONS, BODIES)
def test_composed_codes_are_valid_here_and_for_another_library(kind, region, body):
    code = uscc.compose(*kind, region, body)
    assert uscc.problem(code) is None
    # python-stdnum refuses a letter in the first place, which the standard allows.
    assert stdnum_uscc.is_valid(code) or kind[0] in "ANY"


@given(KINDS, REGIONS, BODIES, st.integers(0, 17), st.sampled_from(uscc.ALPHABET))
def test_one_mistyped_character_is_always_found(kind, region, body, place, other):
    code = uscc.compose(*kind, region, body)
    wrong = code[:place] + other + code[place + 1 :]
    assert (uscc.problem(wrong) is None) == (wrong == code)


@given(KINDS, REGIONS, BODIES, st.integers(0, 16))
def test_two_neighbours_swapped_are_always_found(kind, region, body, place):
    code = uscc.compose(*kind, region, body)
    wrong = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert (uscc.problem(wrong) is None) == (wrong == code)


@pytest.mark.parametrize(
    "parts", [("5", "2", "310107", "MJ52601"), ("5", "2", "310107", "MJ52601I"), ("B", "2", "310107", "MJ526018")]
)
def test_parts_that_are_not_allowed_are_refused(parts):
    with pytest.raises(ValueError, match="code"):
        uscc.compose(*parts)
