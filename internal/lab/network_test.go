package lab

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The lab's addresses are private ones (RFC 1918) inside its namespaces:
// 10.99.0.0/24 is the LAN on the switch, 10.99.1.0/24 holds the /30 of the
// cables between routers, 10.99.255.0/24 the loopbacks.
const lan = "10.99.0.0/24"

// cable joins two ports.
type cable struct{ a, port, b, peer string }

// cables is the whole truth about the lab's links. What leads to "desk", where
// the binary runs, is not one between devices.
var cables = []cable{
	{"r1", "eth1", "r2", "eth1"},
	{"r2", "eth2", "r3", "eth1"},
	{"r3", "eth2", "r1", "eth2"},
	{"r1", "eth0", "sw1", "port1"},
	{"r2", "eth0", "sw1", "port2"},
	{"r3", "eth0", "sw1", "port3"},
	{"sw1", "port4", "desk", "eth0"},
}

// addresses on the LAN.
var addresses = map[string]string{"sw1": "10.99.0.2", "r1": "10.99.0.11", "r2": "10.99.0.12", "r3": "10.99.0.13", "desk": "10.99.0.100"}

// cableAddresses are those of the first three cables.
var cableAddresses = map[string]string{
	"r1 eth1": "10.99.1.1/30", "r2 eth1": "10.99.1.2/30",
	"r2 eth2": "10.99.1.5/30", "r3 eth1": "10.99.1.6/30",
	"r3 eth2": "10.99.1.9/30", "r1 eth2": "10.99.1.10/30",
}

// secure are the agents that speak SNMP v3 alone; the others speak v2c.
var secure = map[string]bool{"r1": true, "r2": true}

type v3User struct{ User, Auth, Priv string }

// network is the lab while it runs.
type network struct {
	t         *testing.T
	nodes     map[string]*node
	community string
	user      v3User
	password  string               // of netops on every router
	servers   map[string]*exec.Cmd // what holds the SSH server of a router
}

// routers and devices in a fixed order.
var (
	routers = []string{"r1", "r2", "r3"}
	devices = []string{"r1", "r2", "r3", "sw1"}
)

// up builds the network and waits until its daemons answer.
func up(t *testing.T) *network {
	t.Helper()
	begun := time.Now()
	root := t.TempDir()
	if err := os.Chmod(root, 0o755); err != nil { // daemons drop their rights before they read
		t.Fatal(err)
	}
	n := &network{t: t, nodes: map[string]*node{}, servers: map[string]*exec.Cmd{}, community: rand.Text(), password: rand.Text(),
		user: v3User{"labuser", rand.Text(), rand.Text()}}
	for _, name := range append([]string{"desk"}, devices...) {
		n.nodes[name] = start(t, root, name)
	}
	n.plug()
	for _, name := range routers {
		n.router(n.nodes[name])
	}
	for _, name := range devices {
		n.agent(n.nodes[name])
	}
	for _, name := range devices { // now that all listen, not in 30 s
		n.nodes[name].run("lldpcli", "-u", "/run/lldpd.socket", "update")
	}
	n.wait()
	t.Logf("the lab is up after %.1f s: %d nodes, %d cables", time.Since(begun).Seconds(), len(n.nodes), len(cables))
	return n
}

// plug lays the cables and gives the interfaces their addresses. The routers'
// own come from their configuration.
func (n *network) plug() {
	for i, c := range cables {
		must(n.t, "ip", "link", "add", c.port, "address", mac(i, 1), "netns", fmt.Sprint(n.nodes[c.a].pid), "type", "veth",
			"peer", "name", c.peer, "address", mac(i, 2), "netns", fmt.Sprint(n.nodes[c.b].pid))
		n.nodes[c.a].run("ip", "link", "set", c.port, "up")
		n.nodes[c.b].run("ip", "link", "set", c.peer, "up")
	}
	sw := n.nodes["sw1"]
	sw.run("ip", "link", "add", "br0", "type", "bridge")
	for _, port := range []string{"port1", "port2", "port3", "port4"} {
		sw.run("ip", "link", "set", port, "master", "br0")
	}
	sw.run("ip", "address", "add", addresses["sw1"]+"/24", "dev", "br0")
	sw.run("ip", "link", "set", "br0", "up")
	n.nodes["desk"].run("ip", "address", "add", addresses["desk"]+"/24", "dev", "eth0")
}

// mac gives the address of an end of a cable: locally administered.
func mac(cable, end int) string { return fmt.Sprintf("02:1a:b0:00:%02x:%02x", cable+1, end) }

type frrPort struct{ Name, To, Prefix, Network string }

type frrConf struct {
	FRR, Name, Loopback, RouterID, LanPort string
	Ports                                  []frrPort
}

// router starts the routing daemons, sets them up as an operator would, and
// opens their command line by SSH.
func (n *network) router(r *node) {
	id := strings.TrimPrefix(r.name, "r")
	c := frrConf{FRR: "8", Name: r.name, Loopback: "10.99.255." + id + "/32", RouterID: "10.99.255." + id, LanPort: "eth0"}
	for _, l := range cables {
		if l.b == r.name {
			l = cable{l.b, l.peer, l.a, l.port}
		}
		if l.a != r.name {
			continue
		}
		p := frrPort{Name: l.port, To: l.b + " " + l.peer, Prefix: cableAddresses[l.a+" "+l.port]}
		if p.Prefix == "" {
			p.Prefix = addresses[l.a] + "/24"
		}
		p.Network = netip.MustParsePrefix(p.Prefix).Masked().String()
		c.Ports = append(c.Ports, p)
	}
	// One configuration file. The package's file for the shell itself would put
	// a line into what those see who may read it, and only into that.
	if err := os.Remove(r.etc("frr/vtysh.conf")); err != nil {
		n.t.Fatal(err)
	}
	r.write("frr/frr.conf", "frr.conf", c)
	r.run("chown", "-R", "frr:frr", "/etc/frr")
	for _, d := range []string{"zebra", "staticd", "ospfd"} {
		r.daemon("/usr/lib/frr/"+d, "-A", "127.0.0.1")
		eventually(n.t, r.name+": "+d+" listens", 20*time.Second, func() (bool, string) {
			err := r.command(context.Background(), "test", "-S", "/run/frr/"+d+".vty").Run()
			return err == nil, fmt.Sprint(err)
		})
	}
	r.run("vtysh", "-b")
	r.run("vtysh", "-c", "write memory") // the file as this release writes it

	r.run("useradd", "--no-log-init", "--no-create-home", "--home-dir", "/", "--groups", "frrvty", "--shell", "/usr/bin/vtysh", "netops")
	cmd := r.command(context.Background(), "chpasswd", "-c", "SHA512")
	cmd.Stdin = strings.NewReader("netops:" + n.password + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		n.t.Fatalf("%s: chpasswd: %v\n%s", r.name, err, out)
	}
	n.sshd(r, "ed25519")
}

// sshd starts the SSH server of a router with a new host key of a kind.
func (n *network) sshd(r *node, kind string) {
	path := "/etc/ssh/lab_" + rand.Text()
	r.run("ssh-keygen", "-q", "-t", kind, "-N", "", "-f", path)
	r.write("ssh/lab_config", "sshd_config", map[string]string{"Address": addresses[r.name], "HostKey": path})
	n.servers[r.name] = r.daemon("/usr/sbin/sshd", "-D", "-e", "-f", "/etc/ssh/lab_config")
	eventually(n.t, r.name+": sshd answers", 20*time.Second, func() (bool, string) {
		out, err := n.nodes["desk"].command(context.Background(), "ssh-keyscan", "-T", "2", "-t", kind, addresses[r.name]).Output()
		return err == nil && len(out) > 0, fmt.Sprint(err)
	})
}

// stopSSHD ends the SSH server of a router, by the number it wrote down.
func (n *network) stopSSHD(r *node) {
	r.run("sh", "-c", "kill $(cat /run/sshd.pid)")
	n.servers[r.name].Wait()
}

// agent starts the SNMP agent of a device and the LLDP daemon that answers
// through it.
func (n *network) agent(d *node) {
	v := struct {
		Address, Community, Lan string
		V3                      *v3User
	}{addresses[d.name], n.community, lan, nil}
	if secure[d.name] {
		v.V3 = &n.user
	}
	d.write("snmp/lab.conf", "snmpd.conf", v)
	d.daemon("snmpd", "-f", "-Lo", "-C", "-c", "/etc/snmp/lab.conf")
	eventually(n.t, d.name+": snmpd listens", 20*time.Second, func() (bool, string) {
		err := d.command(context.Background(), "test", "-S", "/run/agentx/master").Run()
		return err == nil, fmt.Sprint(err)
	})
	d.daemon("lldpd", "-d", "-x", "-X", "/run/agentx/master", "-u", "/run/lldpd.socket",
		"-m", strings.TrimSuffix(lan, "0/24")+"*") // announces the address on the LAN
	eventually(n.t, d.name+": lldpd listens", 20*time.Second, func() (bool, string) {
		err := d.command(context.Background(), "test", "-S", "/run/lldpd.socket").Run()
		return err == nil, fmt.Sprint(err)
	})
}

// snmp runs a tool of net-snmp against a device, as a witness of another make.
func (n *network) snmp(tool, device, oid string) (string, error) {
	args := []string{tool, "-t", "2", "-r", "1", "-On"}
	if secure[device] {
		args = append(args, "-v3", "-l", "authPriv", "-u", n.user.User, "-a", "SHA-256", "-A", n.user.Auth, "-x", "AES", "-X", n.user.Priv)
	} else {
		args = append(args, "-v2c", "-c", n.community)
	}
	out, err := n.nodes["desk"].command(context.Background(), append(args, addresses[device], oid)...).CombinedOutput()
	return string(out), err
}

// wait waits until every agent shows as many neighbours as the device has
// cables to other devices.
func (n *network) wait() {
	const sysName = ".1.0.8802.1.1.2.1.4.1.1.9."
	for _, d := range devices {
		want := 0
		for _, c := range cables {
			if (c.a == d || c.b == d) && c.b != "desk" {
				want++
			}
		}
		eventually(n.t, fmt.Sprintf("%s: its agent shows %d neighbours", d, want), 90*time.Second, func() (bool, string) {
			out, _ := n.snmp("snmpwalk", d, strings.TrimSuffix(sysName, "."))
			return strings.Count(out, sysName) == want, out
		})
	}
}

// logOf gives what a daemon of a node wrote.
func (n *network) logOf(name, daemon string) string {
	b, err := os.ReadFile(filepath.Join(n.nodes[name].dir, daemon+".log"))
	if err != nil {
		n.t.Fatal(err)
	}
	return string(b)
}
