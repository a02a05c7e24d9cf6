package pull_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/plumbline-net/plumbline/configstore/pull"
	"github.com/plumbline-net/plumbline/internal/sim"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/cli"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// kind is one way to read one simulated device.
type kind struct {
	device  string
	shell   bool // not over exec channels, even where the platform has them
	campus  bool // the device stands in the larger plan alone
	endless bool // nothing of a text says that it is over: only a second read tells a cut
}

func kinds() map[string]kind {
	return map[string]kind{"indent": {device: "ber-acc1"}, "brace-exec": {device: "ber-rt1"}, "brace-shell": {device: "ham-acc1", shell: true}, "edit": {device: "ber-fw1"},
		"nexus": {device: "ber-dc1", campus: true, endless: true}, "eos": {device: "ber-leaf1", campus: true}, "aoscx": {device: "ham-acc3", campus: true, endless: true},
		"comware": {device: "ham-acc5", campus: true}, "routing-suite": {device: "ber-rt2", campus: true},
		"script-exec": {device: "ber-mt1", campus: true, endless: true}, "script-shell": {device: "ber-mt1", campus: true, shell: true, endless: true}}
}

// plan names the simulated network in which the device stands.
func (k kind) plan() string {
	if k.campus {
		return "campus"
	}
	return ""
}

// loaded loads the platform files once.
var loaded = sync.OnceValues(platform.Builtin)

type rig struct {
	*sim.Device
	net      *sim.Network
	keys     *cli.FirstUse
	platform *platform.Platform
}

// nets counts the networks that were started, each on addresses of its own.
var nets atomic.Int32

func newNet(t *testing.T, plan string) *sim.Network {
	t.Helper()
	i := int(nets.Add(1))
	n, err := sim.New(sim.Options{Base: netip.AddrFrom4([4]byte{127, byte(41 + i/60), byte(4 * (i % 60)), 1}), Plan: plan})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	return n
}

func newRig(t *testing.T, k kind) *rig {
	t.Helper()
	return rigOn(t, newNet(t, k.plan()), k)
}

func rigOn(t *testing.T, n *sim.Network, k kind) *rig {
	t.Helper()
	set, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	d := n.Device(k.device)
	p, ok := set.Get(d.Platform())
	if !ok {
		t.Fatal("no platform", d.Platform())
	}
	copied := *p
	copied.Session.Exec = p.Session.Exec && !k.shell
	return &rig{Device: d, net: n, keys: &cli.FirstUse{}, platform: &copied}
}

func (r *rig) request() pull.Request {
	return pull.Request{Host: r.Address().String(), Address: netip.AddrPortFrom(r.Address(), r.net.SSHPort()), Platform: r.platform,
		Credentials: r.net.Credentials(), Limits: cli.Limits{Connect: 2 * time.Second, Login: 10 * time.Second, Idle: 5 * time.Second, Total: 2 * time.Minute, Text: 4 << 20, Pages: 60}}
}

func (r *rig) pull(req pull.Request, opt pull.Options) (pull.Result, error) {
	return pull.New(&net.Dialer{}, r.keys, opt).Pull(context.Background(), req)
}

var ciphered = regexp.MustCompile(`ENC \S+`)

// same compares a text with the device's own, but for what is enciphered anew
// at every print.
func same(a, b []byte) bool {
	return bytes.Equal(ciphered.ReplaceAll(bytes.Trim(a, "\n"), nil), ciphered.ReplaceAll(bytes.Trim(b, "\n"), nil))
}

type outcome struct {
	good    bool            // the whole text is demanded
	either  bool            // the whole text, or one of reasons
	reasons []netdev.Reason // allowed
	tweak   func(*pull.Request)
}

func refused(r ...netdev.Reason) outcome { return outcome{reasons: r} }

// faultTable says what must become of each fault on a device of each kind.
func faultTable() map[sim.Fault]outcome {
	good := outcome{good: true}
	soon := func(r *pull.Request) { r.Limits.Login = 2 * time.Second }
	return map[sim.Fault]outcome{
		sim.ConnectRefused:  refused(netdev.Unreachable),
		sim.Mute:            {reasons: []netdev.Reason{netdev.Handshake}, tweak: soon},
		sim.Garbage:         refused(netdev.Handshake),
		sim.SlowHandshake:   {reasons: []netdev.Reason{netdev.Handshake}, tweak: soon},
		sim.LegacyOnly:      refused(netdev.LegacyCrypto),
		sim.RejectPassword:  refused(netdev.AuthFailed),
		sim.UnknownQuestion: refused(netdev.AuthFailed),
		sim.PasswordExpired: refused(netdev.PasswordExpired),
		sim.PromptBanner:    good,
		sim.HugeBanner:      good,
		sim.AnyKey:          good,
		sim.Menu:            refused(netdev.UnexpectedShell),
		sim.PromptChanges:   {either: true, reasons: []netdev.Reason{netdev.Timeout, netdev.NoPrompt, netdev.Truncated, netdev.Privilege}},
		sim.OwnPrompt:       good,
		sim.ForeignPrompt:   good,
		sim.PromptLike:      good,
		sim.PagerStays:      good,
		sim.PagerEndless:    refused(netdev.OutputLimit),
		sim.Endless:         refused(netdev.OutputLimit),
		sim.Drip:            {reasons: []netdev.Reason{netdev.Timeout}, tweak: func(r *pull.Request) { r.Limits.Total = 4 * time.Second }},
		sim.Hang:            refused(netdev.Timeout),
		sim.Reset:           refused(netdev.Closed),
		sim.Fin:             refused(netdev.Closed),
		sim.CloseNoStatus:   refused(netdev.Closed, netdev.NoEndMarker, netdev.Truncated),
		sim.CutThenPrompt:   refused(netdev.NoEndMarker, netdev.Truncated),
		sim.EmptyText:       refused(netdev.Empty),
		sim.ErrorText:       refused(netdev.CommandError, netdev.Privilege, netdev.DeviceBusy),
		sim.Busy:            refused(netdev.DeviceBusy),
		sim.LogLines:        refused(netdev.Moving),
		sim.Moving:          {either: true, reasons: []netdev.Reason{netdev.Moving}},
		sim.Escapes:         good,
		sim.OddBytes:        good,
		sim.MixedLineEnds:   good,
		sim.NoEcho:          good,
		sim.WrappedEcho:     good,
		sim.TooManyUsers:    refused(netdev.SessionLimit),
	}
}

// onlyShell are the faults that a channel without a terminal does not show.
func onlyShell(f sim.Fault) bool {
	return slices.Contains([]sim.Fault{sim.PasswordExpired, sim.Menu, sim.PagerEndless}, f)
}

func cuts(f sim.Fault) []sim.Params {
	switch f {
	case sim.Hang, sim.Reset, sim.Fin, sim.CloseNoStatus, sim.CutThenPrompt, sim.OwnPrompt:
		return []sim.Params{{Share: 0.25}, {Share: 0.5}, {Share: 0.9}}
	case sim.ErrorText:
		var all []sim.Params
		for i := range 14 {
			all = append(all, sim.Params{N: i})
		}
		return all
	case sim.TooManyUsers: // after the login, and before the handshake
		return []sim.Params{{}, {N: 1}}
	case sim.Drip:
		return []sim.Params{{Pause: 200 * time.Millisecond}}
	}
	return []sim.Params{{}}
}

// Most of a fault is waiting: many are tried at a time, each worker on a
// network of its own.
func TestEveryFaultGivesTheWholeTextOrItsReason(t *testing.T) {
	type try struct {
		name   string
		kind   kind
		fault  sim.Fault
		params sim.Params
		want   outcome
	}
	var wg sync.WaitGroup
	runs := 0
	twelve, campus := make(chan try), make(chan try)
	for i := range 80 {
		todo, n := twelve, newNet(t, map[bool]string{true: "campus"}[i%2 == 0])
		if i%2 == 0 {
			todo = campus
		}
		wg.Go(func() {
			for x := range todo {
				if slices.Contains([]sim.Fault{sim.OwnPrompt, sim.ForeignPrompt, sim.PromptLike, sim.OddBytes, sim.Moving}, x.fault) {
					// These put lines into the configuration for good.
					t.Run(x.name, func(t *testing.T) {
						tryFault(t, rigOn(t, newNet(t, x.kind.plan()), x.kind), x.fault, x.params, x.want)
					})
					continue
				}
				t.Run(x.name, func(t *testing.T) { tryFault(t, rigOn(t, n, x.kind), x.fault, x.params, x.want) })
				if err := n.Device(x.kind.device).ClearFaults(); err != nil {
					t.Error(err)
				}
				n.Device(x.kind.device).ResetCounters()
			}
		})
	}
	for name, k := range kinds() {
		if testing.Short() && k.campus {
			continue
		}
		for f, want := range faultTable() {
			exec := name == "brace-exec" || name == "script-exec" || name == "routing-suite"
			if exec && onlyShell(f) {
				continue
			}
			for i, p := range cuts(f) {
				if f == sim.TooManyUsers && exec && i == 0 {
					continue // said in a shell alone
				}
				if f == sim.ErrorText && name != "indent" && i%5 > 0 {
					continue // the words are the same everywhere
				}
				if k.endless && f == sim.CutThenPrompt {
					p.Times = 1 // the same cut twice over is what the device says
					want = outcome{either: true, reasons: []netdev.Reason{netdev.NoEndMarker, netdev.Truncated, netdev.Moving}}
				}
				todo := twelve
				if k.campus {
					todo = campus
				}
				runs++
				todo <- try{fmt.Sprintf("%s-%s-%v-%d", name, f, p.Share, p.N), k, f, p, want}
			}
		}
	}
	close(twelve)
	close(campus)
	wg.Wait()
	t.Logf("%d faults x %d ways to read: %d runs", len(faultTable()), len(kinds()), runs)
}

func tryFault(t *testing.T, r *rig, f sim.Fault, params sim.Params, want outcome) {
	r.Inject(f, params)
	req := r.request()
	if want.tweak != nil {
		want.tweak(&req)
	}
	res, err := r.pull(req, pull.Options{})
	reason := netdev.ReasonOf(err)
	switch {
	case err == nil && !want.good && !want.either:
		t.Errorf("accepted; wanted one of %v", want.reasons)
	case err == nil && !r.Printed(res.Texts[0].Raw):
		t.Errorf("accepted %d bytes that the device never printed as its text of %d", len(res.Texts[0].Raw), len(r.Running()))
	case err != nil && want.good, err != nil && !slices.Contains(want.reasons, reason):
		t.Errorf("%v; wanted %v", err, want.reasons)
	}
	if w := r.Writes(); len(w) > 0 {
		t.Errorf("commands that change the device were sent: %q", w)
	}
	if n := r.Connections(); n > 3 {
		t.Errorf("%d connections", n)
	}
	for _, pw := range r.PasswordsSeen() {
		if pw == "" {
			t.Error("an empty password was sent")
		}
	}
	if n := len(r.PasswordsSeen()); f == sim.RejectPassword && n != 1 || f == sim.UnknownQuestion && n != 0 {
		t.Errorf("%d passwords were sent", n)
	}
}

// hole never answers, as an address does whose packets are dropped.
type hole struct{}

func (hole) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestAnAddressThatSwallowsPacketsIsATimeout(t *testing.T) {
	r := newRig(t, kind{device: "ber-acc1"})
	req := r.request()
	req.Limits.Connect = 50 * time.Millisecond
	_, err := pull.New(hole{}, r.keys, pull.Options{}).Pull(context.Background(), req)
	if netdev.ReasonOf(err) != netdev.Timeout || r.Connections() != 0 {
		t.Errorf("%v after %d connections", err, r.Connections())
	}
}

func TestNoPasswordIsSentAfterAChangedKey(t *testing.T) {
	for name, k := range kinds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, k)
			if _, err := r.pull(r.request(), pull.Options{}); err != nil {
				t.Fatal(err)
			}
			r.ResetCounters()
			r.Inject(sim.OtherHostKey)
			if _, err := r.pull(r.request(), pull.Options{}); netdev.ReasonOf(err) != netdev.HostKeyChanged {
				t.Errorf("%v", err)
			}
			if n, pw := r.AuthAttempts(), r.PasswordsSeen(); n != 0 || len(pw) != 0 {
				t.Errorf("%d attempts to authenticate, %d passwords", n, len(pw))
			}
		})
	}
}

func TestLegacyAlgorithmsNeedTheOptIn(t *testing.T) {
	r := newRig(t, kind{device: "ber-acc1"})
	r.Inject(sim.LegacyOnly)
	res, err := r.pull(r.request(), pull.Options{Legacy: true})
	if err != nil || !same(res.Texts[0].Raw, r.Running()) {
		t.Errorf("%v", err)
	}
}

func TestRefusedEnableIsPrivilegeAndTriedOnce(t *testing.T) {
	r := newRig(t, kind{device: "ber-acc1"})
	r.Inject(sim.EnableRefused)
	if _, err := r.pull(r.request(), pull.Options{}); netdev.ReasonOf(err) != netdev.Privilege {
		t.Errorf("%v", err)
	}
	if n := len(r.PasswordsSeen()); n > 2 {
		t.Errorf("%d secrets were typed, wanted the password and the enable secret once", n)
	}
}

func TestBusyDeviceIsReadInAFreshSession(t *testing.T) {
	for name, k := range kinds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, k)
			r.Inject(sim.Busy, sim.Params{Times: 1})
			res, err := r.pull(r.request(), pull.Options{})
			if err != nil || !r.Printed(res.Texts[0].Raw) {
				t.Errorf("%v", err)
			}
			// A text that holds the device's own prompt is read once more.
			if n := r.Connections(); n != 2 && !slices.Contains(res.Texts[0].Flags, pull.FlagSecondRead) {
				t.Errorf("%d connections, wanted 2", n)
			}
		})
	}
}

func TestRunningAndStartupAreReadInOneSession(t *testing.T) {
	r := newRig(t, kind{device: "ber-acc1"})
	req := r.request()
	req.Sources, req.Extras = []string{pull.Running, pull.Startup}, true
	res, err := r.pull(req, pull.Options{})
	if err != nil {
		t.Fatal(err)
	}
	startup, _ := r.Startup()
	if !same(res.Texts[0].Raw, r.Running()) || !same(res.Texts[1].Raw, startup) {
		t.Error("the texts are not the device's")
	}
	if n := r.Connections(); n != 1 {
		t.Errorf("%d connections, wanted 1", n)
	}
	if res.Credential == "" || res.HostKey == "" || res.Texts[2].Source != "command:version" || res.Texts[2].Err != nil {
		t.Errorf("%+v", res.Texts[2])
	}
}

func TestCredentialOutsideItsScopeOpensNoConnection(t *testing.T) {
	r := newRig(t, kind{device: "ber-acc1"})
	req := r.request()
	for i := range req.Credentials {
		req.Credentials[i].Scope = []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}
	}
	if _, err := r.pull(req, pull.Options{}); netdev.ReasonOf(err) != netdev.OutOfScope || r.Connections() != 0 {
		t.Errorf("%v after %d connections", err, r.Connections())
	}
}

// detour answers with another address than the one that was asked for.
type detour struct{ to string }

func (d detour) DialContext(ctx context.Context, network, _ string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, network, d.to)
}

func TestTheAddressThatAnswersIsTheOneThatCounts(t *testing.T) {
	r := newRig(t, kind{device: "ber-acc1"})
	req := r.request()
	there := req.Address.String()
	req.Address = netip.MustParseAddrPort("127.99.0.1:22")
	for i := range req.Credentials {
		req.Credentials[i].Scope = []netip.Prefix{netip.MustParsePrefix("127.99.0.0/16")}
	}
	_, err := pull.New(detour{there}, r.keys, pull.Options{}).Pull(context.Background(), req)
	if netdev.ReasonOf(err) != netdev.OutOfScope || r.AuthAttempts() != 0 {
		t.Errorf("%v after %d attempts to authenticate", err, r.AuthAttempts())
	}
}

func TestCancellingEndsAPullAtOnce(t *testing.T) {
	r := newRig(t, kind{device: "ber-acc1"})
	r.Inject(sim.Hang)
	ctx, cancel := context.WithCancel(context.Background())
	req := r.request()
	req.Limits.Idle = 30 * time.Second
	time.AfterFunc(1500*time.Millisecond, cancel)
	begun := time.Now()
	_, err := pull.New(&net.Dialer{}, r.keys, pull.Options{}).Pull(ctx, req)
	if took := time.Since(begun); netdev.ReasonOf(err) != netdev.Cancelled || took > 4*time.Second {
		t.Errorf("%v after %v", err, took)
	}
}
