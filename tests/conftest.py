"""What holds for every test: how cases are named, and which of them need a night."""


def pytest_configure(config):
    config.addinivalue_line("markers", "nightly: takes a night's time; runs only with -m nightly")


def pytest_make_parametrize_id(config, val, argname):
    """Name a case of bytes by its argument: packed bytes hold the second they were packed in.

    Workers that collect in different seconds would otherwise see different tests and stop.
    """
    return argname if isinstance(val, bytes) else None


def pytest_collection_modifyitems(config, items):
    if "nightly" in config.option.markexpr:
        return
    left_out = [item for item in items if item.get_closest_marker("nightly")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
