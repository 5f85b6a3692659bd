#!/bin/sh
# Gives one function process Lambda's own file system layout, in a mount namespace of its own, so
# that paths in its telemetry read as in production: /var/task (code), /var/runtime (packages),
# /var/lang (interpreter), /var/layer (instrumentation). Needs Linux with user namespaces.
#
# sandbox.sh CODE PACKAGES LANG LAYER NODE_MODULES HOSTS COMMAND...
set -eu
mount -t tmpfs none /var
bind() { mkdir -p "$2"; mount --bind "$1" "$2"; }
bind "$1" /var/task
bind "$2" /var/runtime
bind "$3" /var/lang
bind "$4" /var/layer
[ -d "$5" ] && bind "$5" /var/node_modules
mount --bind "$6" /etc/hosts
shift 6
mkdir /var/tmp
cd /var/task
exec "$@"
