#!/usr/bin/python3
"""Some thousand deliveries, and neither memory nor descriptors grow: the
short form of testsuite/bench/run --soak. It sees a leak of 300 octets or of
one descriptor in a delivery."""
import os
import sys

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__))]
from bench import have_all, private_mounts                      # noqa: E402
from soak import soak                                           # noqa: E402
from tamis_test import Tap, has_sanitizer, skip_all             # noqa: E402

DELIVERIES, SAMPLES, GROWTH_KIB = 16000, 8, 3072

tap = Tap()


@tap.test
def nothing_grows():
    for line in soak("auto", DELIVERIES, SAMPLES, GROWTH_KIB):
        print("# " + line)


if has_sanitizer():
    skip_all("a sanitizer keeps what is freed")
have_all()
private_mounts()
tap.main()
