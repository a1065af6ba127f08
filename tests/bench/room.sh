# Becomes process 1 of a room. $1: its folder, with `packages` to install once; $2: how many idle processes it has.
set -eu
folder=$1 idle=$2
mount --make-rprivate /
mkdir -p "$folder/new" "$folder/work" "$folder/root"
mount -t overlay -o "lowerdir=/,upperdir=$folder/new,workdir=$folder/work" overlay "$folder/root"
mount -t proc proc /proc
mount -t proc proc "$folder/root/proc"
mount --rbind /sys "$folder/root/sys"
mount --rbind /dev "$folder/root/dev"
if [ ! -e "$folder/ready" ]; then
  # Nothing starts when it is installed: it is started when it is measured.
  printf '#!/bin/sh\nexit 101\n' > "$folder/root/usr/sbin/policy-rc.d"
  chmod 755 "$folder/root/usr/sbin/policy-rc.d"
  chroot "$folder/root" apt-get update -qq >&2
  # shellcheck disable=SC2046
  DEBIAN_FRONTEND=noninteractive chroot "$folder/root" \
    apt-get install -y -qq --no-install-recommends $(cat "$folder/packages") >&2
  touch "$folder/ready"
fi
while [ "$idle" -gt 0 ]; do sleep infinity & idle=$((idle - 1)); done
echo ready
wait
