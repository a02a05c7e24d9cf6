package platform

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
)

// enterprises is the arc below which vendors have theirs (RFC 2578 §2).
const enterprises = "1.3.6.1.4.1."

// sharedAgent is the sysObjectID tree of an agent that very many systems
// carry, so that it says nothing about the system.
const sharedAgent = "1.3.6.1.4.1.8072.3"

// Evidence is what is known about one device when its platform is chosen.
// Scalar gives the value of a vendor's scalar, or of the first row of a
// column, and may be nil.
type Evidence struct {
	SysObjectID  string
	SysDescr     string
	SysName      string
	LLDPSysDescr string // what the device says of itself
	CDPVersion   string // what a neighbour heard it say
	CDPPlatform  string
	EnginePEN    int
	MACs         []netdev.MAC
	SSHVersion   string
	Banner       string
	Scalar       func(oid string) (string, bool)
}

// EvidenceOf gives what facts say to the choice of a platform.
func EvidenceOf(f netdev.Facts) Evidence {
	e := Evidence{SysObjectID: f.SysObjectID, SysDescr: f.SysDescr, SysName: f.SysName, LLDPSysDescr: f.Local.SysDescr}
	if len(f.EngineID) >= 5 && f.EngineID[0]&0x80 != 0 {
		e.EnginePEN = int(binary.BigEndian.Uint32(f.EngineID[:4]) & 0x7fffffff)
	}
	for _, i := range f.Interfaces {
		if i.MAC != "" {
			e.MACs = append(e.MACs, i.MAC)
		}
	}
	e.Scalar = func(oid string) (string, bool) {
		v, ok := f.Scalars[oid]
		if !ok {
			return "", false
		}
		return fmt.Sprint(v), true
	}
	return e
}

// Candidate is a platform of which an entry holds, and how strongly.
type Candidate struct {
	Platform *Platform
	Strength int
	Because  string
}

// Choose gives every platform of which an entry holds, strongest first; equals
// are ordered by id.
func (s *Set) Choose(e Evidence) []Candidate {
	var out []Candidate
	for _, p := range s.sorted {
		best, found := Candidate{Platform: p}, false
		for i := range p.Recognise {
			r := &p.Recognise[i]
			strength, because, ok := r.holds(e)
			if !ok || r.Unless != nil && r.Unless.any(e) {
				continue
			}
			if strength += r.Rank; !found || strength > best.Strength {
				best.Strength, best.Because, found = strength, because, true
			}
		}
		if found {
			out = append(out, best)
		}
	}
	slices.SortStableFunc(out, func(a, b Candidate) int { return cmp.Compare(b.Strength, a.Strength) })
	return out
}

// Wanted lists the scalars that entries want to know whose other conditions
// hold, sorted.
func (s *Set) Wanted(e Evidence) []string {
	e.Scalar = nil
	var out []string
	for _, p := range s.sorted {
		for i := range p.Recognise {
			r := &p.Recognise[i]
			if r.OID == "" {
				continue
			}
			c := r.Condition
			c.OID, c.OIDValue, c.Exists = "", nil, nil
			if _, _, ok := c.holds(e); ok && (r.Unless == nil || !r.Unless.any(e)) {
				out = append(out, r.OID)
			}
		}
		for _, w := range slices.Concat(p.Kind.When, p.OS.When) {
			if w.OID != "" && len(p.Recognise) > 0 && p.mayBe(e) {
				out = append(out, w.OID)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// mayBe says whether any entry holds, scalars aside.
func (p *Platform) mayBe(e Evidence) bool {
	for i := range p.Recognise {
		c := p.Recognise[i].Condition
		c.OID, c.OIDValue, c.Exists = "", nil, nil
		if _, _, ok := c.holds(e); ok {
			return true
		}
	}
	return false
}

// Holds says whether every test of the condition holds, and why.
func (c *Condition) Holds(e Evidence) (because string, ok bool) {
	_, because, ok = c.holds(e)
	return because, ok
}

func (c *Condition) any(e Evidence) bool {
	_, _, ok := c.holds(e)
	return ok
}

// holds gives the strength of the tests: those of PLATFORMS "Choosing".
func (c *Condition) holds(e Evidence) (strength int, because string, ok bool) {
	var why []string
	tests := 0
	if c.SysObjectID != "" {
		if !covers(c.SysObjectID, e.SysObjectID) {
			return 0, "", false
		}
		tests++
		strength += 10 * arcsBeyondPEN(c.SysObjectID)
		why = append(why, "sysObjectID "+e.SysObjectID+" is below "+c.SysObjectID)
	}
	text := false
	for _, t := range []struct {
		re    *Regex
		value string
		name  string
	}{
		{c.SysDescr, e.SysDescr, "sysDescr"}, {c.CDPVersion, e.CDPVersion, "CDP version"}, {c.CDPPlatform, e.CDPPlatform, "CDP platform"},
		{c.LLDPSysDescr, e.LLDPSysDescr, "LLDP description"}, {c.SysName, e.SysName, "sysName"},
	} {
		if t.re == nil {
			continue
		}
		if !t.re.MatchString(t.value) {
			return 0, "", false
		}
		tests++
		text = text || t.name != "sysName"
		why = append(why, t.name+" matches "+t.re.String())
	}
	if text {
		strength += 20
	}
	ok = c.holdsWeak(e, &tests, &strength, &why)
	return strength, strings.Join(why, "; "), ok && tests > 0
}

func (c *Condition) holdsWeak(e Evidence, tests, strength *int, why *[]string) bool {
	add := func(points int, text string) {
		*tests++
		*strength += points
		*why = append(*why, text)
	}
	if c.DHCPClass != nil || c.MDNSModel != nil || c.Probe != "" {
		return false // nothing here has been asked that way
	}
	if c.EnginePEN != 0 {
		if c.EnginePEN != e.EnginePEN {
			return false
		}
		add(4, fmt.Sprintf("engine id is of enterprise %d", c.EnginePEN))
	}
	if c.OUI != "" {
		prefix := strings.ToLower(c.OUI)
		if !slices.ContainsFunc(e.MACs, func(m netdev.MAC) bool { return strings.HasPrefix(string(m), prefix) }) {
			return false
		}
		add(2, "MAC begins with "+prefix)
	}
	for _, t := range []struct {
		re    *Regex
		value string
		name  string
	}{{c.SSHVersion, e.SSHVersion, "SSH identification"}, {c.Banner, e.Banner, "banner"}} {
		if t.re == nil {
			continue
		}
		if !t.re.MatchString(t.value) {
			return false
		}
		add(6, t.name+" matches "+t.re.String())
	}
	if c.OID == "" {
		return true
	}
	value, there := "", false
	if e.Scalar != nil {
		value, there = e.Scalar(c.OID)
	}
	if c.Exists != nil && *c.Exists != there || c.Exists == nil && !there || c.OIDValue != nil && !c.OIDValue.MatchString(value) {
		return false
	}
	add(10, fmt.Sprintf("%s is %.60q", c.OID, value))
	return true
}

// covers says whether prefix covers oid by whole arcs.
func covers(prefix, oid string) bool {
	rest, ok := strings.CutPrefix(oid, strings.TrimSuffix(prefix, "."))
	return ok && (rest == "" || rest[0] == '.')
}

func arcsBeyondPEN(oid string) int {
	rest, ok := strings.CutPrefix(oid, enterprises)
	if !ok || covers(sharedAgent, oid) {
		return 0
	}
	return strings.Count(rest, ".")
}
