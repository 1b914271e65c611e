"""The tools that make models: what they write is loaded, and what they say of it is so."""

import json
import re
from pathlib import Path

import calibrate
import labelled
import pytest
import train

from flask_api.model import load_model, parse_model

APP = Path(__file__).parents[1]


@pytest.fixture(scope='module')
def shipped():
    return labelled.read_shipped()


def test_the_table_of_the_readme_is_what_the_command_prints():
    readme = (APP / 'README.md').read_text()
    for table in calibrate.show_report().split('\n\n'):
        assert table in readme


def test_the_confidence_of_the_built_in_model_is_how_often_it_is_right(shipped):
    """On the half that the curves were not fitted to."""
    held_out = [example for example in shipped if not calibrate.is_for_fitting(example)]
    assert len(held_out) > 3000
    table = labelled.show_calibration(load_model().classifier, held_out)
    assert float(re.search(r'right answers: (\S+)\.', table)[1]) < 0.03


def test_every_shipped_file_has_a_licence(shipped):
    text = (labelled.DATA / 'README.md').read_text()
    assert len(shipped) == 7359
    assert all(f'`{source}.tsv`' in text for source in {example.source for example in shipped})


def test_a_trained_model_is_loaded_and_beats_the_usual_class_on_texts_it_has_not_seen(tmp_path, capsys):
    out, report = tmp_path / 'model.json', tmp_path / 'report.md'
    files = [str(labelled.DATA / f'{name}.tsv') for name in ('amazon', 'yelp')]
    arguments = [*files, '--out', str(out), '--report', str(report), '--name', 'reviews', '--rounds', '4']
    assert train.main(arguments) == 0
    model = load_model(out)
    assert (model.name, model.version) == ('reviews', parse_model(out.read_bytes()).version)
    assert model.predict('I love it, great quality!').predicted_class == 'Positive'
    assert model.predict('Terrible, do not buy.').predicted_class == 'Negative'
    right, usual = (float(share) for share in re.findall(r'\((0\.\d+)\)', report.read_text()))
    assert right > 0.7 > 0.6 > usual
    assert capsys.readouterr().out.startswith('# reviews')
    # The same texts, the same file.
    again = tmp_path / 'again.json'
    assert train.main([*arguments, '--out', str(again)]) == 0
    assert again.read_bytes() == out.read_bytes()


def test_what_was_held_out_was_not_learned(tmp_path):
    """A text that is held out teaches nothing: its words are not in the model."""
    lines = [f'{label}\tcommon {word}{n} {word}{n}' for n in range(300) for label, word in LABELS]
    path = tmp_path / 'texts.tsv'
    path.write_text('\n'.join(lines * 3))
    examples = labelled.read_labelled([path])
    options = train.Options(ngrams=1, at_least=1, rounds=1)
    model, report = train.train(examples, 'x', options, '1')
    known = set(json.loads(model)['weights'])
    for example in examples:
        is_held_out = labelled.draw(example.text) in (train.TUNE, train.HELD_OUT)
        assert (example.text.split()[1] in known) is not is_held_out
    assert '1800 texts' not in report


LABELS = (('Positive', 'p'), ('Negative', 'n'))


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('Positive\tgood\nHappy\tgood\n', 'texts.tsv:2: must be a class of'),
        ('Positive good\n', 'texts.tsv:1: must be a class of'),
        ('Positive\t\n', 'texts.tsv:1: must be a class of'),
        ('Positive\tgood\n', 'too few texts'),
        (None, 'No such file'),
    ],
)
def test_what_cannot_be_learned_from_is_named(tmp_path, capsys, content, message):
    path = tmp_path / 'texts.tsv'
    if content:
        path.write_text(content)
    assert train.main([str(path), '--out', str(tmp_path / 'm'), '--report', str(tmp_path / 'r')]) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / 'm').exists()
