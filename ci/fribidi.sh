#!/usr/bin/env bash
# Pillow's wheels shape Arabic, Hebrew, Hindi and Thai with a FriBiDi that they load from the system.
# Without it those scripts come out reversed and unjoined, with no error. We refuse to draw them then;
# this installs the library where it can, and says what to install where it cannot.
set -euo pipefail

present() {
    ldconfig -p 2>/dev/null | grep -q 'libfribidi\.so' ||
        ls /usr/lib*/libfribidi* /usr/lib/*/libfribidi* /usr/local/lib/libfribidi* \
            /opt/homebrew/lib/libfribidi* >/dev/null 2>&1
}

present && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && apt-get install -y -qq libfribidi0 && exit 0
fi
echo "FriBiDi is missing: Arabic, Hebrew, Hindi and Thai will be refused. Install it with one of" >&2
echo "  sudo apt-get install libfribidi0 | sudo dnf install fribidi | brew install fribidi" >&2
