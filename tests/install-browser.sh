#!/bin/sh
# Installs Chromium with the system's package manager when there is none and we may.
set -u
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
as_root=""
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null && as_root="sudo -n"
    [ -n "$as_root" ] || { echo "no Chromium, and no right to install it: browser tests will be skipped"; exit 0; }
fi
echo "installing Chromium for the browser tests"
if command -v apt-get >/dev/null 2>&1; then
    $as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq chromium fonts-liberation >/dev/null
elif command -v dnf >/dev/null 2>&1; then
    $as_root dnf install -y -q chromium
elif command -v apk >/dev/null 2>&1; then
    $as_root apk add --quiet chromium
elif command -v pacman >/dev/null 2>&1; then
    $as_root pacman -S --noconfirm --quiet chromium
else
    echo "no package manager I know: install Chromium by hand to run the browser tests"
fi || echo "Chromium could not be installed: browser tests will be skipped"
exit 0
