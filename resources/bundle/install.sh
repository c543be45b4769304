#!/bin/sh
# Makes the program known to the desktop of the user who runs this: in the menu, and for opening photos with it.
# With "--remove" it is forgotten again; the program's own folder stays either way.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
share=${XDG_DATA_HOME:-$HOME/.local/share}
entry=$share/applications/gfpgan-desktop.desktop
icon=$share/icons/hicolor/scalable/apps/gfpgan-desktop.svg
if [ "${1:-}" = --remove ]; then
    rm -f "$entry" "$icon"
else
    mkdir -p "$(dirname "$entry")" "$(dirname "$icon")"
    cp "$here/share/icons/hicolor/scalable/apps/gfpgan-desktop.svg" "$icon"
    # In a desktop entry a path with spaces is quoted, and a backslash or a percent sign is doubled.
    program=$(printf '%s' "$here/gfpgan-desktop" | sed 's/\\/\\\\\\\\/g; s/%/%%/g; s/["`$]/\\\\&/g; s/[&|]/\\&/g')
    sed "s|^Exec=gfpgan-desktop|Exec=\"$program\"|" "$here/share/applications/gfpgan-desktop.desktop" > "$entry"
fi
update-desktop-database "$share/applications" 2>/dev/null || true
