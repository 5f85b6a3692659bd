"""The keys that an id may be, as a person has it."""

import pytest

from collector.model.lookup import key_texts

UUID = "4f1c2a7e-0d3b-4c5a-9e8f-1a2b3c4d5e6f"
HEX = "6b006070c0ffee00112233445566778f"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ord-7", {"v:ord-7"}),
        (UUID.upper(), {f"v:{UUID}"}),
        (UUID.replace("-", ""), {f"v:{UUID}", f"t:{UUID.replace('-', '')}"}),
        (HEX.upper(), {f"t:{HEX}"}),
        (f"1-{HEX[:8]}-{HEX[8:]}", {f"t:{HEX}"}),
        (f"Root=1-{HEX[:8]}-{HEX[8:]};Parent=53995c3f42cd8ad8;Sampled=1", {f"t:{HEX}"}),
        (f"00-{HEX}-53995c3f42cd8ad8-01", {f"t:{HEX}"}),
        ("s3://raw/in/1.pdf", {"o:raw/in/1.pdf"}),
        ("arn:aws:s3:::raw/in/1.pdf", {"o:raw/in/1.pdf"}),
        ("raw/in/1.pdf", {"o:raw/in/1.pdf"}),
        ("orders/42", {"m:orders/42"}),
        ("arn:aws:states:eu-1:1:execution:m:x", {"v:arn:aws:states:eu-1:1:execution:m:x"}),
    ],
)
def test_an_id_is_sought_in_every_form_it_may_be_kept_in(text: str, expected: set[str]) -> None:
    """Others do no harm: a text that is no key is found nowhere."""
    assert expected <= set(key_texts(text))


def test_no_form_is_sought_twice() -> None:
    """Each costs a comparison for every key stored."""
    texts = key_texts(HEX)

    assert len(texts) == len(set(texts))


def test_an_execution_of_googles_workflows_is_found_by_its_whole_name() -> None:
    """Its steps know the id at the end alone, and keys are made of that."""
    name = "projects/p/locations/l/workflows/w/executions/f81d4fae-7dec-11d0-a765-00a0c91e6bf6"

    assert "v:f81d4fae-7dec-11d0-a765-00a0c91e6bf6" in key_texts(name)
