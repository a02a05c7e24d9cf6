# Installs what the lab is made of, where it is missing, and starts none of it.
set -eu
missing=
for p in frr snmpd snmp lldpd openssh-server openssh-client iproute2; do
	if [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2> /dev/null)" != installed ]; then missing="$missing $p"; fi
done
if [ -z "$missing" ]; then exit 0; fi
# The tests say what is missing, and whether that is a failure.
if ! command -v apt-get > /dev/null; then echo "lab: no apt-get here, so these are not installed:$missing" >&2; exit 0; fi
if [ "$(id -u)" != 0 ]; then echo "lab: not root, so these are not installed:$missing" >&2; exit 0; fi
# The packages would start their services; 101 forbids it (policy-rc.d(8)).
policy=/usr/sbin/policy-rc.d
if [ -e "$policy" ]; then
	code=0
	"$policy" snmpd start > /dev/null 2>&1 || code=$?
	if [ "$code" != 101 ]; then echo "lab: $policy would let services start; install by hand:$missing" >&2; exit 1; fi
else
	trap 'rm -f "$policy"' EXIT
	printf '#!/bin/sh\nexit 101\n' > "$policy"
	chmod 755 "$policy"
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing > /dev/null
