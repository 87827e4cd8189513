#!/usr/bin/env bash
# The program orders right-to-left text by itself (docs/decisions/0005). FriBiDi is the second opinion that
# its tests compare every line with; this installs it where it can, and says how where it cannot.
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
echo "FriBiDi is missing, so the tests that compare with it are skipped. Install it with one of" >&2
echo "  sudo apt-get install libfribidi0 | sudo dnf install fribidi | brew install fribidi" >&2
