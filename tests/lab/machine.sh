# Becomes process 1 of the customer's machine. $1: its folder, $2: size of its disk, $3: the lab's lxcfs,
# $4: the checkout, $5: the folder of the Python that runs it, $6: its compiled modules, $7: where they appear.
set -eu
folder=$1 size=$2 lxcfs=$3 checkout=$4 python=$5 compiled=$6 shown=$7
mount --make-rprivate /
mount -t tmpfs -o "size=$size,nr_inodes=20k" disk "$folder"
mkdir "$folder/new" "$folder/work" "$folder/root"
root=$folder/root
mount -t overlay -o "lowerdir=/,upperdir=$folder/new,workdir=$folder/work" overlay "$root"
[ -e "$root$checkout/Makefile" ] || { mkdir -p "$root$checkout"; mount --bind -o ro "$checkout" "$root$checkout"; }
# The ordinary user has to get to the programs, wherever they lie.
for place in "$checkout" "$python"; do
  while [ "$place" != / ]; do chmod o+x "$root$place" 2>/dev/null || true; place=$(dirname "$place"); done
done
mkdir -p "$root$shown"
mount --bind "$compiled" "$root$shown"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --bind /dev "$root/dev"
mount -t tmpfs -o size=32m shm "$root/dev/shm"
mount -t tmpfs -o size=16m,mode=755 run "$root/run"
for file in meminfo stat loadavg diskstats swaps cpuinfo; do
  mount --bind "$lxcfs/proc/$file" "$root/proc/$file"
done
group=$(sed -n 's/^0:://p' /proc/self/cgroup)
for file in cpu memory io; do
  pressure=/sys/fs/cgroup/unified$group/$file.pressure
  [ ! -e "$pressure" ] || mount --bind "$pressure" "$root/proc/pressure/$file"
done
rm -rf "$root/var/log" "$root/etc/resolv.conf" "$root/etc/hosts" "$root/var/lib/dhcp"
mkdir -p "$root/var/log" "$root/var/lib/dhcp" "$root/home/kim" "$root/run/old"
chmod 755 "$root/var/log"
echo 'kim:x:2000:2000::/home/kim:/bin/sh' >> "$root/etc/passwd"
chown 2000:2000 "$root/home/kim"
printf '127.0.0.1 localhost\n127.0.1.1 kims-pc\n' > "$root/etc/hosts"
: > "$root/etc/resolv.conf"
: > "$root/etc/fstab"
: > "$root/var/log/syslog"
hostname kims-pc
cd "$root"
pivot_root . run/old
umount -l /run/old
rmdir /run/old
cd /
# dash's wait takes every child that ends, those left behind by others too.
sleep infinity & echo ready
wait
