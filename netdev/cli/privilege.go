package cli

import (
	"context"
	"errors"
	"time"

	"github.com/scrapli/scrapligo/driver/network"
	"github.com/scrapli/scrapligo/driver/options"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

// stepTimeout bounds one privilege step; a device asks its TACACS server.
const stepTimeout = 20 * time.Second

// privilege takes the steps to privilege.want. scrapligo takes them over a
// loan of the session; no text ever passes its channel, and it never sees the
// secret. Afterwards the prompt is learned again.
func (s *Session) privilege(ctx context.Context) error {
	want := s.p.Privilege.Want
	if want == "" || len(s.p.Prompt.States) == 0 || s.state == want {
		return nil
	}
	levels := levelsOf(s.p)
	if levels[want] == nil || levels[s.state] == nil {
		return fail(netdev.Privilege, "privilege", "the prompt shows %q and no step leads from there to %q", s.state, want)
	}
	stepCtx, cancel := context.WithTimeoutCause(ctx, stepTimeout, errStep)
	defer cancel()
	l := newLoan(stepCtx, s)
	err := l.acquire(levels, want)
	l.end()
	if told := l.verdict(); told != nil {
		return told
	}
	if err != nil {
		return s.noPrivilege(stepCtx, err)
	}
	if err := s.learn(ctx); err != nil {
		return err
	}
	if s.state != want {
		return fail(netdev.Privilege, "privilege", "the prompt shows %q and not %q", s.state, want)
	}
	return nil
}

var errStep = errors.New("privilege")

func (s *Session) noPrivilege(ctx context.Context, err error) error {
	switch cause := context.Cause(ctx); {
	case cause == errStep:
		return fail(netdev.Privilege, "privilege", "not reached within %s", stepTimeout)
	case cause != nil:
		return stopped(ctx, "privilege")
	}
	select {
	case <-s.link.closed:
		return fail(netdev.Closed, "privilege", "the device ended the session")
	default:
		return fail(netdev.Privilege, "privilege", "%s", clip(err.Error(), 200))
	}
}

// levelsOf generates scrapligo's privilege levels from the platform's steps.
// Only levels that a step names are in it, so that each one is reachable:
// scrapligo panics on one that is not.
func levelsOf(p *platform.Platform) network.PrivilegeLevels {
	states := map[string]*platform.Regex{}
	for i := range p.Prompt.States {
		states[p.Prompt.States[i].Name] = &p.Prompt.States[i].Match
	}
	levels := network.PrivilegeLevels{}
	level := func(name string) *network.PrivilegeLevel {
		re := states[name]
		if re == nil {
			return nil
		}
		if levels[name] == nil {
			levels[name] = &network.PrivilegeLevel{Name: name, Pattern: `(?m)^[^\n]{0,200}(?:` + re.String() + `)`}
		}
		return levels[name]
	}
	// Steps that lead to the wanted state, from there backwards.
	reached := map[string]bool{p.Privilege.Want: true}
	for range p.Privilege.Steps {
		for i := range p.Privilege.Steps {
			step := &p.Privilege.Steps[i]
			from, to := level(step.From), level(step.To)
			if !reached[step.To] || reached[step.From] || from == nil || to == nil {
				continue
			}
			reached[step.From] = true
			to.PreviousPriv, to.Escalate = step.From, step.Send
			to.EscalateAuth = step.Password != nil
			to.EscalatePrompt = `(?m)` + step.Password.String()
		}
	}
	for name := range levels {
		if !reached[name] {
			delete(levels, name)
		}
	}
	return levels
}

// acquire lets scrapligo take the steps.
func (l *loan) acquire(levels network.PrivilegeLevels, want string) error {
	const poll = 2 * time.Millisecond
	d, err := network.NewDriver("device",
		options.WithCustomTransport(l),
		options.WithAuthBypass(),
		options.WithAuthSecondary(l.placeholder),
		options.WithPrivilegeLevels(levels),
		options.WithDefaultDesiredPriv(want),
		options.WithReturnChar(l.s.newline),
		options.WithReadDelay(poll),
		options.WithTimeoutOps(stepTimeout),
	)
	if err != nil {
		return err
	}
	if err := d.Open(); err != nil {
		return err
	}
	err = d.AcquirePriv(want)
	l.end() // its reader ends by itself, so that closing need not force it
	return errors.Join(err, d.Close())
}
