"""Runs of the size of a night: left out unless `-m nightly` asks for them."""


def pytest_configure(config):
    config.addinivalue_line("markers", "nightly: takes a night's time; runs only with -m nightly")


def pytest_collection_modifyitems(config, items):
    if "nightly" in config.option.markexpr:
        return
    left_out = [item for item in items if item.get_closest_marker("nightly")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
