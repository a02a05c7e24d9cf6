package sweep

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/snmp"
)

// perHost is how many credentials one host is shown in a run.
const perHost = 3

// rung is one credential, ready to be sent.
type rung struct {
	cred  netdev.Credential
	probe *snmp.Probe // nil: version 3
}

// ladder orders credentials: version 3 first, then 2c, then 1; each as the
// caller listed them. site names the site of an address, or is nil.
type ladder struct {
	rungs  []rung
	hasV3  bool
	site   func(netip.Addr) string
	engine *snmp.Probe
}

func newLadder(creds []netdev.Credential, site func(netip.Addr) string) (*ladder, error) {
	l := &ladder{site: site, engine: snmp.NewEngineProbe()}
	for _, c := range creds {
		if c.SNMP == nil {
			continue
		}
		r := rung{cred: c}
		if c.SNMP.Version == netdev.SNMPv3 {
			l.hasV3 = true
		} else {
			p, err := snmp.NewProbe(c)
			if err != nil {
				return nil, err
			}
			r.probe = p
		}
		l.rungs = append(l.rungs, r)
	}
	// Without any credential agents of version 3 can still be found.
	l.hasV3 = l.hasV3 || len(l.rungs) == 0
	slices.SortStableFunc(l.rungs, func(a, b rung) int {
		return cmp.Compare(b.cred.SNMP.Version, a.cred.SNMP.Version) // "3" > "2c" > "1"
	})
	return l, nil
}

// steps is what one address is offered: whether an engine is asked for, and
// at most perHost credentials, best first. Among credentials of one version
// the narrower scope is the better.
func (l *ladder) steps(a netip.Addr) (engine bool, best [perHost]*rung, n int) {
	var lens [perHost]int
	for i := range l.rungs {
		r := &l.rungs[i]
		size := r.cred.ScopeLen(a)
		if size < 0 || !l.here(r, a) {
			continue
		}
		at := n
		for at > 0 && lens[at-1] < size && best[at-1].cred.SNMP.Version == r.cred.SNMP.Version {
			at--
		}
		if at == perHost {
			continue
		}
		for k := min(n, perHost-1); k > at; k-- {
			best[k], lens[k] = best[k-1], lens[k-1]
		}
		best[at], lens[at] = r, size
		n = min(n+1, perHost)
	}
	engine = len(l.rungs) == 0
	for _, r := range best[:n] {
		engine = engine || r.probe == nil
	}
	return engine, best, n
}

// here says whether the credential's sites, if it names any, hold a. One that
// is for certain platforms waits until a host's platform is known, which no
// sweep knows.
func (l *ladder) here(r *rung, a netip.Addr) bool {
	if len(r.cred.Platforms) > 0 {
		return false
	}
	if len(r.cred.Sites) == 0 {
		return true
	}
	return l.site != nil && slices.Contains(r.cred.Sites, l.site(a))
}

// stages is how many different questions an address may be asked a round.
func (l *ladder) stages() int {
	communities := 0
	for _, r := range l.rungs {
		if r.probe != nil {
			communities++
		}
	}
	n := min(communities, perHost)
	if l.hasV3 {
		n++
	}
	return n
}

// probe gives the question of a stage for a: nil when there is none.
func (l *ladder) probe(a netip.Addr, stage int) *snmp.Probe {
	engine, best, n := l.steps(a)
	if l.hasV3 {
		if stage == 0 {
			if engine {
				return l.engine
			}
			return nil
		}
		stage--
	}
	for _, r := range best[:n] {
		if r.probe == nil {
			continue
		}
		if stage == 0 {
			return r.probe
		}
		stage--
	}
	return nil
}

// credential gives the one behind a community stage.
func (l *ladder) credential(a netip.Addr, stage int) *netdev.Credential {
	p := l.probe(a, stage)
	for i := range l.rungs {
		if p != nil && l.rungs[i].probe == p {
			return &l.rungs[i].cred
		}
	}
	return nil
}
