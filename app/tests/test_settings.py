import pytest

from flask_api.settings import Settings, SettingsError, read_settings


def test_the_defaults():
    assert read_settings({}) == Settings(
        port=5000,
        metrics_port=9090,
        model_path=None,
        model_sha256=None,
        log_level='info',
        threads=8,
        queue_size=512,
        queue_seconds=20,
        max_text_chars=10_000,
        shutdown_grace_seconds=25,
        environment='',
        version='dev',
        revision='',
    )


def test_every_setting_is_read():
    environ = {
        'PORT': '8080',
        'METRICS_PORT': '8081',
        'MODEL_PATH': '/models/m.json',
        'MODEL_SHA256': 'AB' * 32,
        'LOG_LEVEL': 'DEBUG',
        'THREADS': '2',
        'QUEUE_SIZE': '0',
        'QUEUE_SECONDS': '5',
        'MAX_TEXT_CHARS': '50',
        'SHUTDOWN_GRACE_SECONDS': '0',
        'ENVIRONMENT': 'qa',
        'APP_VERSION': '1.2.3',
        'APP_REVISION': 'abc',
    }
    assert read_settings(environ) == Settings(
        8080, 8081, '/models/m.json', 'ab' * 32, 'debug', 2, 0, 5, 50, 0, 'qa', '1.2.3', 'abc'
    )


def test_an_empty_variable_is_unset():
    names = ['PORT', 'METRICS_PORT', 'MODEL_PATH', 'MODEL_SHA256', 'LOG_LEVEL', 'THREADS', 'ENVIRONMENT']
    names += ['QUEUE_SIZE', 'QUEUE_SECONDS', 'MAX_TEXT_CHARS', 'SHUTDOWN_GRACE_SECONDS', 'APP_VERSION', 'APP_REVISION']
    assert read_settings(dict.fromkeys(names, '')) == Settings()


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('PORT', 'http'),
        ('PORT', '0'),
        ('PORT', '65536'),
        ('PORT', '-1'),
        ('PORT', '5000.0'),
        ('PORT', ' 5000'),
        ('PORT', '9' * 5000),
        ('PORT', '٥٠٠٠'),
        ('PORT', '5000\n'),
        ('METRICS_PORT', 'tcp://10.0.0.1:9090'),
        ('LOG_LEVEL', 'loud'),
        ('THREADS', '0'),
        ('THREADS', '257'),
        ('MODEL_SHA256', 'ab' * 31),
        ('MODEL_SHA256', 'xy' * 32),
        ('QUEUE_SIZE', '-1'),
        ('QUEUE_SIZE', '10001'),
        ('QUEUE_SECONDS', '0'),
        ('MAX_TEXT_CHARS', '0'),
        ('MAX_TEXT_CHARS', '65537'),
        ('SHUTDOWN_GRACE_SECONDS', '3601'),
        ('ENVIRONMENT', 'a b'),
        ('ENVIRONMENT', 'x' * 64),
        ('APP_VERSION', '"'),
    ],
)
def test_a_wrong_setting_is_named(name, value):
    with pytest.raises(SettingsError) as caught:
        read_settings({name: value})
    assert str(caught.value).startswith(f'{name} must be ')
    assert len(str(caught.value)) < 300


def test_all_wrong_settings_are_named_at_once():
    with pytest.raises(SettingsError) as caught:
        read_settings({'PORT': 'x', 'THREADS': 'y', 'LOG_LEVEL': 'z'})
    assert all(name in str(caught.value) for name in ('PORT', 'THREADS', 'LOG_LEVEL'))


def test_the_two_ports_must_differ():
    with pytest.raises(SettingsError, match='PORT and METRICS_PORT must differ, both are 9090'):
        read_settings({'PORT': '9090'})
