"""A column that isn't there stops the compilation; whatever may be there doesn't."""

import pytest

from tests.indicators.foreign import ForeignProject, Render

FINE = {
    "named_in_a_loop": """
        with measured as (
            select
                *
                {%- for n in [7, 14] %},
                {{ indicators.rsi('close', n) }} as rsi_{{ n }}
                {%- endfor %}
            from {{ source('market', 'bars') }}
        )

        select ticker, {{ indicators.stochastic_rsi('rsi_7', 14) }} as value
        from measured
    """,
    "named_in_a_list": """
        with prices (ticker, traded_on, px) as (
            select ticker, traded_on, close from {{ source('market', 'bars') }}
        )

        select ticker, {{ indicators.sma('px', 20) }} as value from prices
    """,
    "named_without_as": """
        with prices as (
            select ticker, traded_on, close px from {{ source('market', 'bars') }}
        )

        select ticker, {{ indicators.sma('px', 20) }} as value from prices
    """,
    "in_upper_case": """
        select ticker, {{ indicators.sma('CLOSE', 20) }} as value
        from {{ source('market', 'bars') }}
    """,
    "half_documented": """
        select ticker, traded_on, {{ indicators.sma('close', 20) }} as value
        from {{ source('market', 'half_documented') }}
    """,
    "of_a_half_documented_model": """
        select ticker, {{ indicators.sma('value', 20) }} as value
        from {{ ref('half_documented') }}
    """,
}
NEVER_BUILT = {
    "under_contract": "select 1.0::double precision as px",
    "of_a_contract": "select * from {{ ref('under_contract') }}",
    "half_said": "select 1.0::double precision as px",
    "of_what_is_half_said": "select * from {{ ref('half_said') }}",
}
DESCRIBED = """
models:
  - name: half_documented
    columns:
      - name: ticker
  - name: half_said
    columns:
      - name: ticker
  - name: under_contract
    config: {contract: {enforced: true}}
    columns:
      - name: px
        data_type: double precision
"""


@pytest.fixture(scope="module", autouse=True)
def _models(foreign: ForeignProject) -> None:
    folder = foreign.folder / "models"
    for name, text in (FINE | NEVER_BUILT).items():
        (folder / f"{name}.sql").write_text(text)
    (folder / "described.yml").write_text(DESCRIBED)


def test_a_column_that_may_be_there_is_no_error(foreign: ForeignProject) -> None:
    foreign.dbt("run", "--select", *FINE)


@pytest.mark.parametrize(
    "model", ["named_in_a_list", "half_documented", "of_a_contract"]
)
def test_a_column_that_is_not_there_is_named(render: Render, model: str) -> None:
    with pytest.raises(Exception, match="sma: column is closed, which is no column"):
        render(model, "{{ indicators.sma('closed', 20) }}")


@pytest.mark.parametrize("model", ["of_what_is_half_said", "named_in_a_loop"])
def test_a_column_of_which_nothing_is_known_passes(render: Render, model: str) -> None:
    assert "over" in render(model, "{{ indicators.sma('closed', 20) }}")


def test_a_contract_says_all_columns_of_what_was_never_built(render: Render) -> None:
    assert "over" in render("of_a_contract", "{{ indicators.sma('px', 20) }}")


def test_a_models_unit_tests_hold(foreign: ForeignProject) -> None:
    results = foreign.dbt("test", "--select", "test_type:unit")
    said = {r.node.name: r.status for r in results if "averages" in r.node.unique_id}
    assert said == {"sma_is_null_until_the_window_is_full": "pass"}
