# The first process of a node, in namespaces of its own. It ends when its
# standard input does, and every process of the node with it.
# usage: node.sh NAME DIRECTORY
set -e
mount --make-rprivate /
mount -t proc proc /proc
for d in /run /var/lib/snmp /var/tmp /var/log; do
	if [ -d "$d" ]; then mount -t tmpfs tmpfs "$d"; fi
done
mkdir -p -m 755 /run/agentx /run/lldpd /run/sshd /var/log/frr
mount --bind "$2/etc" /etc
hostname "$1"
ip link set lo up
# Before the daemons start: they put what they find into what they announce
# and into their configuration.
echo 1 > /proc/sys/net/ipv4/ip_forward
if [ -e /proc/sys/net/ipv6/conf/all/forwarding ]; then echo 1 > /proc/sys/net/ipv6/conf/all/forwarding; fi
if getent group frrvty > /dev/null; then
	install -d -o frr -g frrvty -m 755 /run/frr
	chown frr:frr /var/log/frr
fi
echo up
exec cat
