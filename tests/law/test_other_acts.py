"""Other acts are named once, in rule files, and said in both languages."""

import pytest

from compliance.law import citations
from compliance.law.citations import parse


@pytest.mark.parametrize(
    ("written", "french"),
    [
        ("regulation (EU) 2016/679 art. 35(3)(a)", "règlement (UE) 2016/679 art. 35, § 3, a)"),
        ("directive 2014/34/EU art. 13", "directive 2014/34/UE art. 13"),
        ("regulation (EU) 2017/745 annex VIII rule 11", "règlement (UE) 2017/745 annexe VIII règle 11"),
        ("regulation (EC) No 300/2008", "règlement (CE) n° 300/2008"),
        ("delegated regulation (EU) 2022/30", "règlement délégué (UE) 2022/30"),
        ("Commission draft guidelines of 19 May 2026", "projet de lignes directrices de la Commission du 19 mai 2026"),
        ("ISO/IEC 42001:2023 clause 5.2", "ISO/IEC 42001:2023 article 5.2"),
        ("CNIL decision 2018-327", "CNIL, délibération 2018-327"),
        ("Code du travail L2312-38", "Code du travail L2312-38"),
    ],
)
def test_another_act_is_said_in_french_and_as_written_in_english(written, french):
    citation = parse(written, {})
    assert citations.format(citation, "fr") == french
    assert citations.format(citation, "en") == written
