package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/plumbline-net/plumbline/configstore/pull"
	"github.com/plumbline-net/plumbline/internal/settings"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/cli"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

type pullFlags struct {
	platform, credentials, source, knownHosts string
	parts, acceptNew, legacy                  bool
	timeout, idle, deadline                   time.Duration
	port                                      uint16
}

func newPull() *cobra.Command {
	var f pullFlags
	c := &cobra.Command{
		Use:   "pull HOST[:PORT] --platform P",
		Short: "Read one device's configuration, provably complete, to standard output",
		Args:  cobra.ExactArgs(1),
		RunE:  func(c *cobra.Command, args []string) error { return runPull(c, f, args[0]) },
	}
	fl := c.Flags()
	fl.StringVar(&f.platform, "platform", "", "what the device is: a platform `ID`, or generic")
	fl.StringVar(&f.credentials, "credentials", "", "read credentials from `FILE`")
	fl.StringVar(&f.source, "source", pull.Running, "running or startup")
	fl.BoolVar(&f.parts, "parts", false, "print every part, each behind a comment line with its name")
	fl.StringVar(&f.knownHosts, "known-hosts", "", "check the host key against `FILE` (OpenSSH format)")
	fl.BoolVar(&f.acceptNew, "accept-new-host-key", false, "add the key of a host that is not in the known-hosts file")
	fl.BoolVar(&f.legacy, "legacy-algorithms", false, "also offer broken algorithms, behind all others")
	fl.DurationVar(&f.timeout, "timeout", 10*time.Second, "time to connect, and again to exchange keys and log in")
	fl.DurationVar(&f.idle, "idle-timeout", 30*time.Second, "longest time without a byte")
	fl.DurationVar(&f.deadline, "deadline", 10*time.Minute, "time for the whole pull")
	fl.Uint16Var(&f.port, "ssh-port", 22, "port where HOST names none")
	return c
}

func runPull(c *cobra.Command, f pullFlags, host string) error {
	req, err := f.request(host)
	if err != nil {
		return usage(err)
	}
	keys, err := f.hostKeys()
	if err != nil {
		return usage(err)
	}
	if req.Address, err = resolve(c.Context(), req.Host, req.Address.Port()); err != nil {
		return answerNo(err)
	}
	addr := req.Address.Addr()
	slices.SortStableFunc(req.Credentials, func(a, b netdev.Credential) int { return b.ScopeLen(addr) - a.ScopeLen(addr) })
	res, err := pull.New(&net.Dialer{}, keys, pull.Options{Legacy: f.legacy}).Pull(c.Context(), req)
	if err != nil {
		return pullFailed(c, err)
	}
	if f.knownHosts == "" {
		fmt.Fprintln(c.ErrOrStderr(), "host key accepted for this pull:", res.HostKey)
	}
	if !f.parts {
		return write(c.OutOrStdout(), res.Texts[0].Raw)
	}
	// All or nothing: half a device is not what was asked for.
	for _, t := range res.Texts {
		if t.Err != nil {
			return pullFailed(c, t.Err)
		}
	}
	for _, t := range res.Texts {
		head := ""
		if t.Part != "" {
			head = comment(req.Platform, "part: "+t.Part) + "\n"
		}
		if err := write(c.OutOrStdout(), append([]byte(head), t.Raw...)); err != nil {
			return err
		}
	}
	return nil
}

// pullFailed prints the one line that starts with the reason.
func pullFailed(c *cobra.Command, err error) error {
	if netdev.ReasonOf(err) == netdev.Internal {
		return ownFault(err)
	}
	fmt.Fprintln(c.ErrOrStderr(), printable(err.Error()))
	return answerNo(nil)
}

func write(w io.Writer, b []byte) error {
	if _, err := w.Write(b); err != nil {
		return ownFault(err)
	}
	return nil
}

func (f pullFlags) request(host string) (pull.Request, error) {
	name, port, err := splitHost(host, f.port)
	if err != nil {
		return pull.Request{}, err
	}
	if f.source != pull.Running && f.source != pull.Startup {
		return pull.Request{}, fmt.Errorf("--source %s: not running or startup", f.source)
	}
	if f.timeout <= 0 || f.idle <= 0 || f.deadline <= 0 {
		return pull.Request{}, errors.New("--timeout, --idle-timeout and --deadline must be above 0")
	}
	set, err := platform.Builtin()
	if err != nil {
		return pull.Request{}, err
	}
	p, ok := set.Get(netdev.PlatformID(f.platform))
	switch {
	case f.platform == "":
		return pull.Request{}, errors.New("--platform: missing")
	case f.platform == "auto":
		return pull.Request{}, errors.New("--platform auto: a device is not recognised by its banner yet; name its platform")
	case !ok:
		return pull.Request{}, fmt.Errorf("--platform %s: no such platform", f.platform)
	case f.credentials == "":
		return pull.Request{}, errors.New("--credentials: missing")
	}
	creds, err := settings.ReadCredentials(f.credentials)
	if err != nil {
		return pull.Request{}, err
	}
	return pull.Request{Host: name, Address: netip.AddrPortFrom(netip.Addr{}, port), Platform: p, Credentials: creds, Sources: []string{f.source},
		Limits: cli.Limits{Connect: f.timeout, Login: f.timeout, Idle: f.idle, Total: f.deadline}}, nil
}

func (f pullFlags) hostKeys() (cli.HostKeys, error) {
	if f.knownHosts == "" {
		return &cli.FirstUse{}, nil
	}
	return cli.OpenKnownHosts(f.knownHosts, f.acceptNew)
}

// splitHost takes HOST, HOST:PORT, an IPv6 address, or one in brackets.
func splitHost(s string, port uint16) (string, uint16, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return a.String(), port, nil
	}
	host, p, err := net.SplitHostPort(s)
	if err != nil {
		host, p = strings.Trim(s, "[]"), strconv.Itoa(int(port))
	}
	n, err := strconv.ParseUint(p, 10, 16)
	if _, addr := netip.ParseAddr(host); host == "" || addr != nil && strings.ContainsAny(host, ":/@ ") || err != nil || n == 0 {
		return "", 0, fmt.Errorf("%q is not HOST or HOST:PORT", s)
	}
	return host, uint16(n), nil
}

// resolve asks for the name once; the address that comes back is the one that
// counts for the whole pull.
func resolve(ctx context.Context, host string, port uint16) (netip.AddrPort, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return netip.AddrPortFrom(a.Unmap(), port), nil
	}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil || len(addrs) == 0 {
		return netip.AddrPort{}, &netdev.OpError{Reason: netdev.Unreachable, Op: "resolve", Addr: host, Detail: "the name leads to no address"}
	}
	return netip.AddrPortFrom(addrs[0].Unmap(), port), nil
}

// comment writes text as a comment of the platform's syntax.
func comment(p *platform.Platform, text string) string {
	switch y := p.Config.Syntax; {
	case y.Family == "indent":
		return "! " + text
	case y.Format == "xml":
		return "<!-- " + text + " -->"
	default:
		return "# " + text
	}
}
