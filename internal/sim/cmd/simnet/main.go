// Command simnet runs a simulated network on loopback addresses until it is
// told to stop, and prints what a person would know of it as one line of JSON:
// ports, prefixes and credentials. It is for tests of a whole appliance, and
// refuses to know that there is one.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"os/signal"
	"syscall"

	"github.com/plumbline-net/plumbline/internal/sim"
	"github.com/plumbline-net/plumbline/netdev"
)

// known is what is printed. Its secrets are those of a simulation.
type known struct {
	SNMPPort    uint16       `json:"snmp_port"`
	SSHPort     uint16       `json:"ssh_port"`
	Devices     int          `json:"devices"`
	Credentials []credential `json:"credentials"`
}

type credential struct {
	Name      string `json:"name"`
	Scope     string `json:"scope"`
	Version   string `json:"version"`
	Community string `json:"community,omitempty"`
	User      string `json:"user,omitempty"`
	Auth      string `json:"auth,omitempty"`
	AuthPass  string `json:"auth_password,omitempty"`
	Priv      string `json:"priv,omitempty"`
	PrivPass  string `json:"priv_password,omitempty"`
	SSHUser   string `json:"ssh_user"`
	Password  string `json:"password"`
	Enable    string `json:"enable"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "simnet:", err)
		os.Exit(1)
	}
}

func run() error {
	base := flag.String("base", "127.10.0.1", "loopback `ADDRESS` that the sites lie above")
	seed := flag.Uint64("seed", 1, "the same `NUMBER` gives the same network")
	flag.Parse()
	addr, err := netip.ParseAddr(*base)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	n, err := sim.New(sim.Options{Base: addr, Seed: *seed})
	if err != nil {
		return err
	}
	if err := n.Start(ctx); err != nil {
		return err
	}
	out := known{SNMPPort: n.SNMPPort(), SSHPort: n.SSHPort(), Devices: len(n.Devices())}
	for _, c := range n.Credentials() {
		out.Credentials = append(out.Credentials, told(c))
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		return err
	}
	<-ctx.Done()
	return n.Close()
}

func told(c netdev.Credential) credential {
	return credential{Name: c.Name, Scope: c.Scope[0].String(), Version: string(c.SNMP.Version), Community: c.SNMP.Community.Reveal(), User: c.SNMP.User,
		Auth: c.SNMP.Auth, AuthPass: c.SNMP.AuthPassword.Reveal(), Priv: c.SNMP.Priv, PrivPass: c.SNMP.PrivPassword.Reveal(),
		SSHUser: c.SSH.User, Password: c.SSH.Password.Reveal(), Enable: c.SSH.Enable.Reveal()}
}
