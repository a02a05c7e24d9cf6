package pull

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/cli"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

const (
	maxConnections = 3
	maxPasswords   = 2
)

// Options of a Puller.
type Options struct {
	Legacy bool // also offer broken algorithms, behind all others
}

// Puller reads devices. It may be used by many goroutines.
type Puller struct {
	dial cli.Dialer
	keys cli.HostKeys
	opt  Options
}

// New gives a Puller that opens connections with dial and asks keys whether
// the host is the one that was meant.
func New(dial cli.Dialer, keys cli.HostKeys, opt Options) *Puller {
	return &Puller{dial: dial, keys: keys, opt: opt}
}

// Pull reads the texts of one device. The error is a *netdev.OpError with the
// reason why the first text asked for is not good; the result tells of every
// text, the good ones too.
func (p *Puller) Pull(ctx context.Context, req Request) (Result, error) {
	ctx, cancel := cli.WithTotal(ctx, req.Limits)
	defer cancel()
	r := &run{p: p, req: req, res: Result{Duration: map[string]time.Duration{}}}
	r.jobs = jobsOf(req)
	if len(r.jobs) == 0 {
		return r.res, r.named(&netdev.OpError{Reason: netdev.Unsupported, Op: "pull", Detail: "platform " + string(req.Platform.ID) + " has no command for what was asked"})
	}
	if why := unsupported(req.Platform, r.jobs); why != "" {
		return r.res, r.named(&netdev.OpError{Reason: netdev.Unsupported, Op: "pull", Detail: why})
	}
	if err := r.credentials(); err != nil {
		return r.res, r.named(err)
	}
	err := r.all(ctx)
	for _, j := range r.jobs {
		if !j.settled {
			j.failed("1", opError(err))
		}
		j.text.Err = r.named(j.text.Err)
		r.res.Texts = append(r.res.Texts, j.text)
	}
	if first := r.res.Texts[0].Err; first != nil {
		return r.res, first
	}
	return r.res, nil
}

// unsupported says what a platform file asks for that would be left out: half
// a device must not pass for the whole.
func unsupported(p *platform.Platform, jobs []*job) string {
	if p.Read.Scopes != nil {
		return "the platform's contexts are not read yet"
	}
	for _, j := range jobs {
		if j.command.Scope != "" || j.command.Via != "" {
			return "part " + j.text.Part + " is not read over the command line"
		}
	}
	return ""
}

// named adds whom it was about.
func (r *run) named(e *netdev.OpError) *netdev.OpError {
	if e != nil && e.Addr == "" {
		e.Addr = r.req.Address.String()
	}
	return e
}

func opError(err error) *netdev.OpError {
	if e, ok := errors.AsType[*netdev.OpError](err); ok {
		return e
	}
	if err == nil {
		return &netdev.OpError{Reason: netdev.Internal, Op: "pull", Detail: "no answer and no error"}
	}
	return &netdev.OpError{Reason: netdev.Internal, Op: "pull", Err: err}
}

// job is one text to read, over as many connections as that takes.
type job struct {
	command  platform.Command
	limited  []platform.Command // asked instead where command answers with Privilege
	optional bool               // its failing is no news
	extra    bool
	text     Text
	last     *LastGood
	reads    []read
	busy     *netdev.OpError // why a read was refused that a fresh session may give
	settled  bool
}

// read is one answer that no rule refused.
type read struct {
	raw   []byte
	sum   string   // of what is left without noise
	doubt []string // flags
	small bool     // below what the last good text lets expect
}

// jobsOf lists what is to be read, in order.
func jobsOf(req Request) []*job {
	var jobs []*job
	sources := req.Sources
	if len(sources) == 0 {
		sources = []string{Running}
	}
	for _, source := range sources {
		var commands, limited []platform.Command
		switch source {
		case Running:
			commands, limited = req.Platform.Read.Running, req.Platform.Read.RunningLimited
		case Startup:
			commands = req.Platform.Read.Startup
		}
		for i, c := range commands {
			j := &job{command: c, text: Text{Source: source}}
			if len(commands) > 1 || c.ID != "" {
				j.text.Part = c.ID
			}
			if i == 0 {
				j.limited = limited
			}
			key := source
			if j.text.Part != "" {
				key += "/" + j.text.Part
			}
			if last, ok := req.Last[key]; ok {
				j.last = &last
			}
			jobs = append(jobs, j)
		}
	}
	if req.Extras {
		for _, e := range req.Platform.Extra {
			jobs = append(jobs, &job{command: platform.Command{Command: e.Command}, optional: e.Optional, extra: true, text: Text{Source: "command:" + e.ID, Part: e.Part}})
		}
	}
	return jobs
}

// run is one pull on its way.
type run struct {
	p           *Puller
	req         Request
	res         Result
	jobs        []*job
	creds       []netdev.Credential
	connections int
	passwords   int
	tried       string // the credential that was shown last
}

// credentials chooses what may be tried, in the order that was given.
func (r *run) credentials() *netdev.OpError {
	addr := r.req.Address.Addr()
	any := false
	for _, c := range r.req.Credentials {
		if c.SSH == nil || len(c.Platforms) > 0 && !slices.Contains(c.Platforms, r.req.Platform.ID) {
			continue
		}
		any = true
		if c.Allows(addr) {
			r.creds = append(r.creds, c)
		}
	}
	switch {
	case !any:
		return &netdev.OpError{Reason: netdev.NoCredential, Op: "pull", Detail: "no credential with an ssh login fits the platform"}
	case len(r.creds) == 0:
		return &netdev.OpError{Reason: netdev.OutOfScope, Op: "pull", Detail: "no credential may be sent to this address"}
	}
	return nil
}
