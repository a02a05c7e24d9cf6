package pull

import (
	"context"
	"fmt"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/cli"
)

// all reads until every text is settled or no connection is left.
func (r *run) all(ctx context.Context) error {
	var err error
	for r.open() && r.connections < maxConnections {
		var again bool
		if again, err = r.session(ctx); err != nil && !again {
			break
		}
	}
	for _, j := range r.jobs {
		j.giveUp(err)
	}
	return err
}

// open says whether a text still has to be read.
func (r *run) open() bool {
	for _, j := range r.jobs {
		if !j.settled {
			return true
		}
	}
	return false
}

func (r *run) settled() int {
	n := 0
	for _, j := range r.jobs {
		if j.settled {
			n++
		}
	}
	return n
}

// session opens the device once and reads what is not settled. again is true
// where another connection may help in spite of the error.
func (r *run) session(ctx context.Context) (again bool, err error) {
	begun := time.Now()
	conn, err := r.connect(ctx)
	r.res.Duration["connect"] += time.Since(begun)
	r.step("connect", 0, begun, err)
	if err != nil {
		return netdev.ReasonOf(err) == netdev.AuthFailed && len(r.creds) > 0, err
	}
	r.res.HostKey = conn.HostKey().Fingerprint()
	if r.tried == r.creds[0].Name { // the credential was shown, and taken
		r.res.Credential = r.tried
	}
	begun = time.Now()
	s, err := cli.Open(ctx, conn)
	r.res.Duration["login"] += time.Since(begun)
	r.step("login", 0, begun, err)
	defer s.Close(ctx)
	if err != nil {
		if conn.PasswordSpent() && netdev.ReasonOf(err) == netdev.AuthFailed {
			r.passwords++
		}
		return r.refused(err), err
	}
	r.res.Credential = r.creds[0].Name
	before := r.settled()
	for _, j := range r.jobs {
		if j.settled {
			continue
		}
		if err := r.read(ctx, s, j); err != nil {
			// Some devices end the connection after one command.
			return netdev.ReasonOf(err) == netdev.Closed && r.settled() > before+1, err
		}
	}
	return true, nil
}

// connect tries the first credential that is left; one that fails is not tried
// again.
func (r *run) connect(ctx context.Context) (*cli.Conn, error) {
	c := r.creds[0]
	if r.passwords >= maxPasswords && !c.SSH.PrivateKey.IsSet() {
		return nil, &netdev.OpError{Reason: netdev.AuthFailed, Op: "login", Detail: fmt.Sprintf("%d passwords refused; no more are tried", r.passwords)}
	}
	r.connections++
	conn, spent, err := cli.Connect(ctx, r.p.dial, r.p.keys, cli.Target{Host: cli.Host{Name: r.req.Host, Address: r.req.Address},
		Platform: r.req.Platform, Credential: c, Legacy: r.p.opt.Legacy, Limits: r.req.Limits, Trying: r.trying(c.Name)})
	if err != nil && spent {
		r.passwords++
	}
	r.refused(err)
	return conn, err
}

// trying asks whoever asked for the pull, once a credential: one that was taken
// is shown again at the next connection without another word.
func (r *run) trying(credential string) func() error {
	if r.req.Trying == nil || r.tried == credential {
		return nil
	}
	return func() error {
		if err := r.req.Trying(credential); err != nil {
			return err
		}
		r.tried = credential
		return nil
	}
}

// refused takes a credential out that the device did not take; it says whether
// another one is left.
func (r *run) refused(err error) bool {
	if netdev.ReasonOf(err) != netdev.AuthFailed {
		return false
	}
	r.res.Refused = append(r.res.Refused, r.creds[0].Name)
	r.creds = r.creds[1:]
	return len(r.creds) > 0
}

// read reads one text once. An error ends the session.
func (r *run) read(ctx context.Context, s *cli.Session, j *job) error {
	a, err := r.command(ctx, s, j.command.Command)
	if err == nil && len(j.limited) > 0 {
		if e, bad := cli.FindError(r.req.Platform, a.Text); bad && e.Reason == netdev.Privilege {
			j.command, j.limited = j.limited[0], nil
			a, err = r.command(ctx, s, j.command.Command)
		}
	}
	if err != nil {
		j.text.Quarantine = a.Text
		j.failed("1", opError(err))
		return err
	}
	j.judge(r.req.Platform, s.Prompt(), a)
	return nil
}

func (r *run) command(ctx context.Context, s *cli.Session, command string) (cli.Answer, error) {
	begun := time.Now()
	a, err := s.Run(ctx, command)
	r.res.Duration[command] += a.Took
	r.step(command, len(a.Text), begun, err)
	return a, err
}

func (r *run) step(did string, bytes int, begun time.Time, err error) {
	r.res.Transcript = append(r.res.Transcript, Step{Connection: r.connections, Did: did, Bytes: bytes, Took: time.Since(begun), Reason: netdev.ReasonOf(err)})
}

func (j *job) failed(rule string, e *netdev.OpError) {
	j.text.Err, j.text.Rule, j.settled = e, rule, true
	j.text.Raw, j.text.Flags = nil, nil
}
