package discovery

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/netip"

	"github.com/plumbline-net/plumbline/discovery/sweep"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/snmp"
)

// Record writes everything that one agent shows, as lines of a recorded walk,
// to w; what is confidential is left out and counted. The first credential
// that the agent accepts is used. The error is a *netdev.OpError where the
// agent is at fault; what was read until then is written all the same.
func (s *Scanner) Record(ctx context.Context, req Request, w io.Writer) (lines, left int, err error) {
	req = req.filled()
	if req.Targets.Len() != 1 {
		return 0, 0, fmt.Errorf("one address is recorded, not %d", req.Targets.Len())
	}
	engines, pace := &snmp.Engines{}, snmp.NewPace(req.Rate, nil)
	var met sweep.Result
	err = sweep.Run(ctx, &req.Targets, req.Credentials, sweep.Options{
		Port: req.SNMPPort, Timeout: req.Timeout, Tries: req.Retries + 1, Pace: pace, Engines: engines, Site: req.Targets.Site,
	}, func(r sweep.Result) { met = r })
	if err != nil {
		return 0, 0, err
	}
	if met.Outcome != sweep.Answered {
		return 0, 0, &netdev.OpError{Reason: reasonOf(met.Outcome), Op: "snmp", Addr: met.Addr.String(), Detail: met.Detail}
	}
	opt := snmp.Options{Timeout: req.Timeout, Tries: req.Retries + 1, Pace: pace, Engines: engines}
	if req.Deadline > 0 {
		opt.DeviceBudget = req.Deadline
	}
	agent, err := snmp.Dial(ctx, netip.AddrPortFrom(met.Addr, req.SNMPPort), met.Credential, opt)
	if err != nil {
		return 0, 0, err
	}
	defer agent.Close()
	out := bufio.NewWriter(w)
	// The three arcs of iso under which agents keep objects.
	for _, root := range []snmp.OID{"1.0", "1.2", "1.3"} {
		t := agent.Walk(ctx, root, func(v snmp.Varbind) bool {
			line, ok := snmp.FormatRecord(v)
			if !ok {
				return true
			}
			if agent.Confidential(v) {
				left++
				return true
			}
			lines++
			_, err = fmt.Fprintln(out, line)
			return err == nil
		})
		if err == nil && t.Coverage == netdev.Partial {
			err = &netdev.OpError{Reason: t.Reason, Op: "walk", Addr: met.Addr.String(), Detail: t.Detail}
		}
		if err != nil {
			break
		}
	}
	if ferr := out.Flush(); err == nil {
		err = ferr
	}
	return lines, left, err
}

func reasonOf(o sweep.Outcome) netdev.Reason {
	switch o {
	case sweep.Closed:
		return netdev.Closed
	case sweep.Unreachable:
		return netdev.Unreachable
	case sweep.AuthFailed:
		return netdev.AuthFailed
	case sweep.NotAsked:
		return netdev.NoCredential
	}
	return netdev.Timeout
}
