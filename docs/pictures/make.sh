#!/bin/sh
# Takes the pictures of this folder anew from the golden digest; wants chromium and ImageMagick.
# Run it after `make golden`, then look at each picture.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
page="file://$here/../../tests/data/digests/full-day/digest.html"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

shoot() { # name, width, height, address, further options
    name=$1 size=$2,$3 address=$4
    shift 4
    chromium --headless --no-sandbox --disable-gpu --disable-background-networking \
        --disable-component-update --disable-sync --no-first-run --disable-quic --hide-scrollbars \
        --user-data-dir="$work/profile" --window-size="$size" "$@" \
        --screenshot="$work/$name.png" "$address" >/dev/null 2>&1
}

# A window is 500 pixels wide at least, so the telephone is a frame inside one.
echo "<body style='margin:0'><iframe src='$page' width=360 height=1700 style='border:0'></iframe>" \
    >"$work/phone.html"
shoot digest-light 760 1700 "$page"
shoot digest-dark 760 1700 "$page" --blink-settings=preferredColorScheme=0
shoot digest-1200 1200 1300 "$page"
shoot digest-360 500 1700 "file://$work/phone.html"
convert "$work/digest-360.png" -crop 360x1700+0+0 +repage "$work/digest-360.png"
for name in digest-light digest-dark digest-1200 digest-360; do
    convert "$work/$name.png" +dither -colors 128 -strip "$here/$name.png"
done
ls -l "$here"
