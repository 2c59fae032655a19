"""The one condition language: rules, audiences, triggers and experiences say *when* in it.

A condition is JSON in the syntax of MongoDB's queries, read against a `Vocabulary` of typed fields. Read
once, it is compiled for one set of facts (`compile_matcher`) or for columns of many (`compile_mask`). All
evaluators, that in TypeScript included, give the answers of `spec/conditions.json`.
"""

from expedit.core.conditions.columns import (
    Column,
    Columns,
    ColumnTable,
    FlagColumn,
    ItemsColumn,
    JoinedColumns,
    Names,
    NumberColumn,
    SameColumn,
    ScalarColumn,
    TextColumn,
    TextsColumn,
)
from expedit.core.conditions.columnwise import Masker, compile_mask, gather_column, gather_columns, take_rows
from expedit.core.conditions.contradiction import always_false, never_both
from expedit.core.conditions.explaining import Explanation, Finding, explain_condition
from expedit.core.conditions.leaves import Leaf, fields_of, leaves_of
from expedit.core.conditions.matching import Matcher, compile_matcher
from expedit.core.conditions.model import Condition, write_condition
from expedit.core.conditions.operators import OPERATORS
from expedit.core.conditions.reading import MAX_DEPTH, MAX_NODES, MAX_PARTS, MAX_VALUES, read_condition
from expedit.core.conditions.vocabulary import Field, FieldKind, Vocabulary, combine_vocabularies

__all__ = [
    "MAX_DEPTH",
    "MAX_NODES",
    "MAX_PARTS",
    "MAX_VALUES",
    "OPERATORS",
    "Column",
    "ColumnTable",
    "Columns",
    "Condition",
    "Explanation",
    "Field",
    "FieldKind",
    "Finding",
    "FlagColumn",
    "ItemsColumn",
    "JoinedColumns",
    "Leaf",
    "Masker",
    "Matcher",
    "Names",
    "NumberColumn",
    "SameColumn",
    "ScalarColumn",
    "TextColumn",
    "TextsColumn",
    "Vocabulary",
    "always_false",
    "combine_vocabularies",
    "compile_mask",
    "compile_matcher",
    "explain_condition",
    "fields_of",
    "gather_column",
    "gather_columns",
    "leaves_of",
    "never_both",
    "read_condition",
    "take_rows",
    "write_condition",
]
