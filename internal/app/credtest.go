package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/internal/vault"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/cli"
	"github.com/plumbline-net/plumbline/netdev/snmp"
	"github.com/plumbline-net/plumbline/web"
)

// Budgets of one test.
const (
	snmpPatience = 3 * time.Second
	sshPatience  = 30 * time.Second
)

// TestCredential tries a credential at one address, each kind of login once,
// under every rule that holds for a job. One test runs at a time, so that
// impatience does not lock an account.
func (w *work) TestCredential(ctx context.Context, by, id string, addr netip.Addr) ([]web.CredentialAnswer, error) {
	if !w.testing.TryLock() {
		return nil, web.ErrTesting
	}
	defer w.testing.Unlock()
	list, err := w.a.Credentials.List(ctx)
	if err != nil {
		return nil, err
	}
	dev, err := w.a.DB.FindDevice(ctx, addr.String())
	if err != nil && !errors.Is(err, discovery.ErrNoDevice) {
		return nil, err
	}
	for _, l := range list {
		if l.ID != id {
			continue
		}
		var out []web.CredentialAnswer
		if l.SNMPVersion != "" {
			out = append(out, w.testSNMP(ctx, id, dev, addr))
		}
		if l.SSHUser != "" {
			// A browser that goes away must not leave a login uncounted.
			out = append(out, w.testSSH(context.WithoutCancel(ctx), by, id, dev, addr))
		}
		return out, nil
	}
	return nil, vault.ErrNoCredential
}

func answer(kind vault.Kind, err error) web.CredentialAnswer {
	a := web.CredentialAnswer{Kind: kind, Reason: netdev.ReasonOf(err)}
	if e, ok := errors.AsType[*netdev.OpError](err); ok {
		a.Detail = e.Detail
	}
	if a.Reason == netdev.Internal && a.Detail == "" {
		a.Detail = "a fault of our own; it is in the log"
	}
	return a
}

func (w *work) testSNMP(ctx context.Context, id string, dev netdev.Device, addr netip.Addr) web.CredentialAnswer {
	cred, err := w.a.Credentials.One(ctx, id, vault.SNMP, dev, addr)
	if err != nil {
		return answer(vault.SNMP, err)
	}
	to := netip.AddrPortFrom(addr, port(dev.SNMPPort, w.ports.snmp, 161))
	opt := snmp.Options{Timeout: snmpPatience, Tries: 1, Engines: &snmp.Engines{}, Now: w.now}
	if facts, _, err := w.a.DB.Facts(ctx, dev.ID); err == nil && len(facts.EngineID) > 0 {
		opt.Engines.Put(to, snmp.Engine{ID: facts.EngineID, At: w.now()}) // another engine gets no question
	}
	agent, err := snmp.Dial(ctx, to, cred, opt)
	if err != nil {
		return answer(vault.SNMP, err)
	}
	defer agent.Close()
	binds, err := agent.Get(ctx, snmp.SysDescr, snmp.SysObjectID, snmp.SysName)
	a := answer(vault.SNMP, err)
	a.Sent = true
	if err == nil {
		a.OK, a.Name, a.How = true, snmp.SystemOf(binds).Name, snmpWords(cred.SNMP)
	}
	return a
}

// snmpWords says how a login is protected, as RFC 3414 calls it.
func snmpWords(l *netdev.SNMPLogin) string {
	switch {
	case l.Version != netdev.SNMPv3:
		return "SNMPv" + string(l.Version) + ", in clear text"
	case l.Priv != "":
		return "SNMPv3 authPriv"
	case l.Auth != "":
		return "SNMPv3 authNoPriv"
	}
	return "SNMPv3 noAuthNoPriv"
}

func (w *work) testSSH(ctx context.Context, by, id string, dev netdev.Device, addr netip.Addr) web.CredentialAnswer {
	cred, err := w.a.Credentials.One(ctx, id, vault.SSH, dev, addr)
	if err != nil {
		return answer(vault.SSH, err)
	}
	refuse := func(r netdev.Reason, detail string) web.CredentialAnswer {
		return answer(vault.SSH, &netdev.OpError{Reason: r, Detail: detail})
	}
	if dev.ID == "" {
		return refuse(netdev.NoCredential, "the address is not in the inventory, and an SSH login goes to identified devices only: discover it first")
	}
	p, ok := w.a.Platforms.Get(dev.Platform)
	if !ok {
		return refuse(netdev.Unsupported, fmt.Sprintf("the platform of %s is not known, so its command line is not either", dev.Name))
	}
	if j, busy, err := w.board.Active(ctx, dev.ID, jobs.CLI); err != nil {
		return answer(vault.SSH, err)
	} else if busy && j.State == jobs.Running {
		return refuse(netdev.DeviceBusy, "a job has its command line in hand")
	}
	keys, err := w.a.HostKeys.For(ctx, dev, by, w.learn)
	if err != nil {
		return answer(vault.SSH, err)
	}
	ctx, cancel := context.WithTimeout(ctx, sshPatience)
	defer cancel()
	host := cli.Host{Name: addr.String(), Address: netip.AddrPortFrom(addr, port(dev.SSHPort, w.ports.ssh, 22))}
	a := w.logIn(ctx, keys, cli.Target{Host: host, Platform: p, Credential: cred, Limits: cli.Limits{Connect: 5 * time.Second, Idle: 10 * time.Second, Total: sshPatience}})
	if err := w.fared(ctx, dev.ID, cred.Name, a); err != nil {
		w.log.ErrorContext(ctx, "keep how a credential fared", "device", dev.Name, "error", err)
	}
	return a
}

// logIn opens one connection up to the prompt, which takes the enable password
// too where the platform asks for it.
func (w *work) logIn(ctx context.Context, keys cli.HostKeys, t cli.Target) web.CredentialAnswer {
	conn, _, err := cli.Connect(ctx, &net.Dialer{}, keys, t)
	if err != nil {
		a := answer(vault.SSH, err)
		a.Sent = true
		return a
	}
	defer conn.Close()
	s, err := cli.Open(ctx, conn)
	a := answer(vault.SSH, err)
	a.Sent = true
	if err == nil {
		a.OK, a.Name, a.How = true, s.Prompt(), "host key "+conn.HostKey().Fingerprint()
		s.Close(ctx)
	}
	return a
}

// fared counts the login as a job would.
func (w *work) fared(ctx context.Context, dev netdev.DeviceID, name string, a web.CredentialAnswer) error {
	switch {
	case a.OK:
		return w.a.Credentials.Worked(ctx, dev, vault.SSH, name)
	case a.Reason == netdev.AuthFailed:
		return w.a.Credentials.Refused(ctx, dev, vault.SSH, name)
	}
	return nil
}

// port is the first that is known.
func port(known ...uint16) uint16 {
	for _, p := range known {
		if p != 0 {
			return p
		}
	}
	return 0
}
